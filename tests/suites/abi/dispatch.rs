// SPDX-License-Identifier: GPL-2.0

//! How an ioctl finds its handler and how its structure travels.

use kgsl_shim::abi::memory::GPUMEM_ALLOC_ID;
use rustix::io::Errno;

use super::{open, PAGE};
use crate::client::{Argument, Device};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    the_node_greets,
    an_unknown_number_is_refused,
    a_removed_number_is_refused,
    a_shorter_structure_reads_as_zero_beyond_its_end,
    a_longer_structure_is_left_alone_beyond_the_kernels,
    a_structure_that_is_only_read_is_not_written,
    a_structure_that_is_only_written_reads_as_zero,
    an_argument_that_is_nowhere_is_refused,
    a_call_that_fails_writes_nothing,
];

/// The direction bits of a number, and the size in it.
const WRITE: u32 = 1 << 30;
const READ: u32 = 2 << 30;

/// Where GPUMEM_ALLOC_ID has its size, in bytes.
const SIZE: usize = 8;

fn number(direction: u32, size: usize, nr: u8) -> u32 {
    direction | (u32::try_from(size).expect("sizes are small") << 16) | (0x09 << 8) | u32::from(nr)
}

/// GPUMEM_ALLOC_ID of one page, with a structure of `size` bytes, and a pattern in the rest of `room` bytes.
fn allocate(
    device: &Device,
    direction: u32,
    size: usize,
    room: usize,
) -> (Result<i32, Errno>, Vec<u8>) {
    let mut bytes = vec![0xa5; room.max(size)];
    bytes[..size].fill(0);
    bytes[SIZE..SIZE + 8].copy_from_slice(&PAGE.to_ne_bytes());
    let result = device.raw(
        number(direction, size, GPUMEM_ALLOC_ID.nr()),
        Argument::Bytes(&mut bytes),
    );
    (result, bytes)
}

fn id(bytes: &[u8]) -> u32 {
    u32::from_ne_bytes(bytes[..4].try_into().expect("four bytes"))
}

fn the_node_greets() {
    let text = std::fs::read_to_string(crate::client::NODE).expect("the node is read");
    assert_eq!(text, "OH HAI GPU\n");
}

fn an_unknown_number_is_refused() {
    let device = open();
    for nr in [0x00, 0x01, 0x61, 0x7f, 0xff] {
        let result = device.raw(number(WRITE | READ, 8, nr), Argument::Bytes(&mut [0; 8]));
        assert_eq!(result, Err(Errno::NOTTY), "{nr:#x}");
    }
}

/// The sparse memory of older drivers.
fn a_removed_number_is_refused() {
    let device = open();
    for full in [
        0xc020_0950,
        0x4004_0951,
        0xc028_0952,
        0x4004_0953,
        0x4018_0954,
        0xc038_0955,
    ] {
        assert_eq!(
            device.raw(full, Argument::Bytes(&mut [0; 128])),
            Err(Errno::NOTTY),
            "{full:#x}"
        );
    }
}

/// Sixteen bytes hold id, flags and size.
fn a_shorter_structure_reads_as_zero_beyond_its_end() {
    let (result, bytes) = allocate(&open(), WRITE | READ, 16, 48);
    assert_eq!(result, Ok(0));
    assert_ne!(id(&bytes), 0);
    assert!(bytes[16..].iter().all(|byte| *byte == 0xa5), "{bytes:x?}");
}

fn a_longer_structure_is_left_alone_beyond_the_kernels() {
    let mut bytes = [0xa5; 80];
    bytes[..48].fill(0);
    bytes[SIZE..SIZE + 8].copy_from_slice(&PAGE.to_ne_bytes());
    let full = number(WRITE | READ, 80, GPUMEM_ALLOC_ID.nr());
    assert_eq!(open().raw(full, Argument::Bytes(&mut bytes)), Ok(0));
    assert_ne!(id(&bytes), 0);
    assert!(bytes[48..].iter().all(|byte| *byte == 0xa5), "{bytes:x?}");
}

fn a_structure_that_is_only_read_is_not_written() {
    let (result, bytes) = allocate(&open(), WRITE, 48, 48);
    assert_eq!(result, Ok(0));
    assert_eq!(id(&bytes), 0, "the id was written");
}

/// And so the size is 0, which no object can have.
fn a_structure_that_is_only_written_reads_as_zero() {
    let (result, _) = allocate(&open(), READ, 48, 48);
    assert_eq!(result, Err(Errno::INVAL));
}

fn an_argument_that_is_nowhere_is_refused() {
    let device = open();
    let full = GPUMEM_ALLOC_ID.number();
    let of_the_kernel = 0xffff_8000_0000_0000;
    let read_only = SIZES_IN_READ_ONLY_MEMORY.as_ptr().addr();
    for address in [0, 8, of_the_kernel, usize::MAX - 15, read_only] {
        assert_eq!(
            device.raw(full, Argument::Nowhere(address)),
            Err(Errno::FAULT),
            "{address:#x}"
        );
    }
}

/// A structure that asks for a page and that the kernel can read but not write.
static SIZES_IN_READ_ONLY_MEMORY: [u64; 6] = [0, PAGE, 0, 0, 0, 0];

fn a_call_that_fails_writes_nothing() {
    let mut bytes = [0xa5; 48];
    bytes[SIZE..SIZE + 8].fill(0);
    let before = bytes;
    let result = open().raw(GPUMEM_ALLOC_ID.number(), Argument::Bytes(&mut bytes));
    assert_eq!((result, bytes), (Err(Errno::INVAL), before));
}
