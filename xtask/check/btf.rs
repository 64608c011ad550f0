// SPDX-License-Identifier: GPL-2.0

//! The little of BTF, the kernel's own type information, that tells the size of a structure
//! (Documentation/bpf/btf.rst).

use super::bytes::{self, Endian};

const MAGIC: u16 = 0xeb9f;
const INT: u32 = 1;
const ARRAY: u32 = 3;
const STRUCT: u32 = 4;
const UNION: u32 = 5;
const ENUM: u32 = 6;
const FUNC_PROTO: u32 = 13;
const VAR: u32 = 14;
const DATASEC: u32 = 15;
const DECL_TAG: u32 = 17;
const ENUM64: u32 = 19;

/// The size in bytes of the first structure of this name.
pub fn struct_size(btf: &[u8], name: &[u8]) -> Option<u64> {
    let endian = [Endian::Little, Endian::Big]
        .into_iter()
        .find(|endian| endian.u16(btf, 0) == Some(MAGIC))?;
    let number = |offset| endian.u32(btf, offset).map(u64::from);
    let header = number(4)?;
    let types = bytes::slice(btf, header.checked_add(number(8)?)?, number(12)?)?;
    let strings = bytes::slice(btf, header.checked_add(number(16)?)?, number(20)?)?;
    let mut at = 0;
    while let (Some(name_at), Some(info), Some(size)) = (
        endian.u32(types, at),
        endian.u32(types, at + 4),
        endian.u32(types, at + 8),
    ) {
        let kind = (info >> 24) & 0x1f;
        if kind == STRUCT && bytes::string_is(strings, u64::from(name_at), name) {
            return Some(u64::from(size));
        }
        at += 12 + tail(kind, u64::from(info & 0xffff));
    }
    None
}

/// How many bytes follow a type of this kind with this many members.
fn tail(kind: u32, members: u64) -> u64 {
    match kind {
        INT | VAR | DECL_TAG => 4,
        ARRAY => 12,
        STRUCT | UNION | DATASEC | ENUM64 => 12 * members,
        ENUM | FUNC_PROTO => 8 * members,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_is_found_behind_other_types() {
        let strings = b"\0int\0module\0";
        let words: [u32; 7] = [1, INT << 24, 4, 0x20, 5, STRUCT << 24, 1152];
        let types: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let sizes = [
            24u32,
            0,
            u32::try_from(types.len()).unwrap(),
            u32::try_from(types.len()).unwrap(),
            12,
        ];
        let mut btf = vec![0x9f, 0xeb, 1, 0];
        btf.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
        btf.extend_from_slice(&types);
        btf.extend_from_slice(strings);
        assert_eq!(struct_size(&btf, b"module"), Some(1152));
        assert_eq!(struct_size(&btf, b"other"), None);
    }
}
