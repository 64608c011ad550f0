// SPDX-License-Identifier: GPL-2.0

//! Boot images: what a boot loader is given. Unpacks them to the kernel inside.

use super::packed;
use crate::check::bytes::{self, Endian};
use crate::check::machine::{Machine, ARM64, X86_64};

/// The kernel inside an image, unpacked, and its machine where the image says so.
pub struct Kernel {
    /// A `vmlinux`, or a bare image.
    pub bytes: Vec<u8>,
    /// Its machine.
    pub machine: Option<&'static Machine>,
}

/// Unpacks an image: `Image`, `Image.gz`, `zImage.gz`, an EFI `vmlinuz` with a compressed payload, or a `bzImage`.
pub fn kernel(image: Vec<u8>) -> Kernel {
    let machine = machine(&image);
    let inner = payload(&image)
        .and_then(packed::unpack_prefix)
        .or_else(|| packed::unpack_prefix(&image));
    match inner {
        Some(bytes) => {
            let machine = machine.or_else(|| self::machine(&bytes));
            Kernel { bytes, machine }
        }
        None => Kernel {
            bytes: image,
            machine,
        },
    }
}

/// The machine that the header of an image names.
fn machine(image: &[u8]) -> Option<&'static Machine> {
    if image.starts_with(b"\x7fELF") {
        return Machine::of_elf(image);
    }
    let is_arm64 = bytes::slice(image, 0x38, 4) == Some(b"ARM\x64");
    let is_riscv = bytes::slice(image, 0x38, 4) == Some(b"RSC\x05");
    match () {
        () if is_arm64 => Some(&ARM64),
        () if is_riscv => Machine::by_name("riscv64"),
        () if is_bzimage(image) => Some(&X86_64),
        () => None,
    }
}

/// The x86 boot protocol's signature.
fn is_bzimage(image: &[u8]) -> bool {
    bytes::slice(image, 0x202, 4) == Some(b"HdrS")
}

/// The compressed part of an image.
fn payload(image: &[u8]) -> Option<&[u8]> {
    let little = Endian::Little;
    if is_bzimage(image) {
        // The boot protocol: setup_sects sectors follow the first, and the payload lies in what follows them.
        let sectors = u64::from(*image.get(0x1f1)?).max(1);
        let start = (sectors + 1) * 512 + u64::from(little.u32(image, 0x248)?);
        return bytes::slice(image, start, u64::from(little.u32(image, 0x24c)?));
    }
    if bytes::slice(image, 4, 4) == Some(b"zimg") {
        return bytes::slice(
            image,
            u64::from(little.u32(image, 8)?),
            u64::from(little.u32(image, 12)?),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_image_stays_and_names_its_machine() {
        let mut image = vec![0; 0x40];
        image.splice(0x38..0x3c, *b"ARM\x64");
        let kernel = kernel(image.clone());
        assert_eq!((kernel.bytes, kernel.machine), (image, Some(&ARM64)));
    }

    #[test]
    fn a_payload_outside_the_image_is_none() {
        let mut image = vec![0; 0x300];
        image.splice(0x202..0x206, *b"HdrS");
        image.splice(0x248..0x250, [0xff; 8]);
        assert!(payload(&image).is_none());
    }
}
