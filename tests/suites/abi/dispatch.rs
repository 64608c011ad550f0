// SPDX-License-Identifier: GPL-2.0

//! How an ioctl finds its handler and how its structure travels.

use std::mem::offset_of;

use kgsl_shim::abi::command::{GpuCommand, CMDBATCH_MARKER, GPU_COMMAND};
use kgsl_shim::abi::memory::GPUMEM_ALLOC_ID;
use rustix::io::Errno;

use super::{open, PAGE};
use crate::client::{Access, Argument, Context, Device, Mapping};
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
    every_size_travels_from_every_address,
    a_structure_ends_where_memory_does,
    only_the_answer_is_written,
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

/// Nothing says that a structure is aligned, or that its size is even. One of nine bytes ends in the first of the size, and one
/// of seventeen in the first of the size of the mapping, which the kernel fills in.
fn every_size_travels_from_every_address() {
    let device = open();
    let mapped = PAGE.to_ne_bytes();
    for size in 9..=48 {
        for offset in [0, 1, 6] {
            let mut bytes = vec![0xa5; offset + size + 8];
            let (before, argument) = bytes.split_at_mut(offset);
            argument[..SIZE].fill(0);
            argument[SIZE..size.min(16)].fill(0);
            argument[SIZE] = 1;
            let full = number(WRITE | READ, size, GPUMEM_ALLOC_ID.nr());
            assert_eq!(device.raw(full, Argument::Bytes(argument)), Ok(0));
            assert_ne!(id(argument), 0, "{size} bytes at {offset}");
            let end = size.clamp(16, 24);
            assert_eq!(argument[16..end], mapped[..end - 16], "{argument:x?}");
            let mut around = argument[size..].iter().chain(&*before);
            assert!(around.all(|byte| *byte == 0xa5), "{bytes:x?}");
        }
    }
}

/// What stands right before the end of memory is read, and what reaches beyond it is not.
fn a_structure_ends_where_memory_does() {
    let device = open();
    let memory = Mapping::anonymous(0x2000).expect("memory is mapped");
    let end = usize::try_from(memory.address() + PAGE).expect("addresses have 64 bits");
    let structure = [0, 0, 0x1000, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for missing in [0, 4, 8, 12, 16, 44] {
        memory.write(0x1000 - 48 + missing, &structure);
        memory
            .protect_end(0x1000, Access::Nothing)
            .expect("the end is taken away");
        let argument = Argument::Nowhere(end - 48 + missing);
        let result = device.raw(GPUMEM_ALLOC_ID.number(), argument);
        let expected = if missing == 0 {
            Ok(0)
        } else {
            Err(Errno::FAULT)
        };
        assert_eq!(result, expected, "{missing}");
        memory
            .protect_end(0x1000, Access::ReadWrite)
            .expect("the end comes back");
    }
}

/// The timestamp of a submission is: the rest may lie where nobody can write.
fn only_the_answer_is_written() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let memory = Mapping::anonymous(0x2000).expect("memory is mapped");
    let start = 0x1000 - offset_of!(GpuCommand, timestamp);
    let id = start + offset_of!(GpuCommand, context_id);
    memory.write(start + offset_of!(GpuCommand, flags), &[CMDBATCH_MARKER]);
    memory.write(id, &[context.id]);
    memory
        .protect(0x1000, Access::Read)
        .expect("the memory is protected");
    let address = usize::try_from(memory.address()).expect("addresses have 64 bits") + start;
    let submit = || device.raw(GPU_COMMAND.number(), Argument::Nowhere(address));
    assert_eq!(submit(), Ok(0));
    assert_eq!(memory.read(0x1000, 1), [1]);
    memory
        .protect_end(0x1000, Access::Read)
        .expect("the memory is protected");
    assert_eq!(submit(), Err(Errno::FAULT));
}
