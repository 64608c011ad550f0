// SPDX-License-Identifier: GPL-2.0

//! Reads numbers and strings out of untrusted bytes. Every read is checked; nothing here can panic.

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// `length` bytes from `offset`, if they are all there.
pub fn slice(bytes: &[u8], offset: u64, length: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    bytes.get(start..end)
}

/// The bytes at `offset` as an array.
fn array<const N: usize>(bytes: &[u8], offset: u64) -> Option<[u8; N]> {
    let start = usize::try_from(offset).ok()?;
    bytes.get(start..)?.first_chunk().copied()
}

/// Longer strings are cut here: no kernel symbol is longer than half of this, and a log line ends here. The limit
/// keeps a file with many names that all point into one endless string from costing the square of its size.
const LONGEST_STRING: usize = 1024;

/// The string that starts at `offset`, without its NUL; up to the end of the bytes if there is none.
pub fn string(bytes: &[u8], offset: u64) -> Option<&[u8]> {
    let rest = bytes.get(usize::try_from(offset).ok()?..)?;
    let rest = rest.get(..LONGEST_STRING).unwrap_or(rest);
    Some(rest.split(|&byte| byte == 0).next().unwrap_or(rest))
}

/// Whether the string at `offset` is this one, with its NUL.
pub fn string_is(bytes: &[u8], offset: u64, expected: &[u8]) -> bool {
    let rest = usize::try_from(offset)
        .ok()
        .and_then(|offset| bytes.get(offset..));
    rest.and_then(|rest| rest.strip_prefix(expected))
        .is_some_and(|rest| rest.first() == Some(&0))
}

/// The position of `needle` in `bytes`, from `start`.
pub fn find(bytes: &[u8], needle: &[u8], start: usize) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let mut position = start;
    loop {
        position += bytes
            .get(position..)?
            .iter()
            .position(|byte| byte == first)?;
        if bytes.get(position + 1..)?.starts_with(rest) {
            return Some(position);
        }
        position += 1;
    }
}

/// Bytes as text for a person; what is no UTF-8 is replaced.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Endian {
    /// The 16-bit number at `offset`.
    pub fn u16(self, bytes: &[u8], offset: u64) -> Option<u16> {
        let array = array(bytes, offset)?;
        Some(match self {
            Endian::Little => u16::from_le_bytes(array),
            Endian::Big => u16::from_be_bytes(array),
        })
    }

    /// The 32-bit number at `offset`.
    pub fn u32(self, bytes: &[u8], offset: u64) -> Option<u32> {
        let array = array(bytes, offset)?;
        Some(match self {
            Endian::Little => u32::from_le_bytes(array),
            Endian::Big => u32::from_be_bytes(array),
        })
    }

    /// The 64-bit number at `offset`.
    pub fn u64(self, bytes: &[u8], offset: u64) -> Option<u64> {
        let array = array(bytes, offset)?;
        Some(match self {
            Endian::Little => u64::from_le_bytes(array),
            Endian::Big => u64::from_be_bytes(array),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stay_inside() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(Endian::Little.u32(&bytes, 0), Some(0x0403_0201));
        assert_eq!(Endian::Big.u16(&bytes, 2), Some(0x0304));
        assert_eq!(Endian::Little.u32(&bytes, 1), None);
        assert_eq!(Endian::Little.u64(&bytes, u64::MAX), None);
        assert_eq!(slice(&bytes, 2, u64::MAX), None);
        assert_eq!(slice(&bytes, 4, 0), Some(&[][..]));
    }

    #[test]
    fn strings_end_at_nul_or_at_the_end() {
        assert_eq!(string(b"ab\0cd", 0), Some(&b"ab"[..]));
        assert_eq!(string(b"ab\0cd", 3), Some(&b"cd"[..]));
        assert_eq!(string(b"ab", 3), None);
        assert_eq!(
            string(&[b'a'; 5000], 0).map(<[u8]>::len),
            Some(LONGEST_STRING)
        );
        assert!(string_is(b"ab\0cd", 0, b"ab"));
        assert!(!string_is(b"ab\0cd", 3, b"cd"));
    }

    #[test]
    fn find_goes_on_after_a_false_start() {
        assert_eq!(find(b"ababc", b"abc", 0), Some(2));
        assert_eq!(find(b"ababc", b"abc", 3), None);
        assert_eq!(find(b"ab", b"abc", 0), None);
    }
}
