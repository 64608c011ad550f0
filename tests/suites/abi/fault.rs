// SPDX-License-Identifier: GPL-2.0

//! What becomes of a context whose commands cannot be run, and of the others.

use kgsl_shim::abi::device::{
    CTX_STAT_GUILTY, CTX_STAT_INNOCENT, CTX_STAT_NO_ERROR, PROPERTY_GPU_RESET_STAT,
};
use kgsl_shim::abi::memory::{MEMFLAGS_GPUREADONLY, MEMSTORE_SIZE, MEMSTORE_TOKEN};
use rustix::io::Errno;

use super::{open, LONG, PAGE};
use crate::client::{Bench, Context, Device, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    an_unknown_packet_faults,
    a_privileged_packet_faults,
    an_address_without_memory_faults,
    freed_memory_faults,
    memory_that_was_just_in_use_faults_when_it_is_freed,
    read_only_memory_is_not_written,
    the_timestamp_memory_is_not_the_gpus,
    a_wait_without_end_faults,
    a_guilty_context_takes_no_more_work,
    others_are_innocent,
];

/// CP_SMMU_TABLE_UPDATE, CP_SET_PROTECTED_MODE, CP_SET_SECURE_MODE.
const PRIVILEGED: [u32; 3] = [0x53, 0x5f, 0x66];

/// Runs the commands in a context of their own, which must not survive it.
fn must_fault<'device>(device: &'device Device, commands: &Commands) -> Context<'device> {
    let buffer = Object::gpumem(device, PAGE, 0).expect("memory is allocated");
    let context = must_fault_in(device, &buffer, commands);
    buffer.free(device).expect("it is freed");
    context
}

/// The same, with the commands in that object.
fn must_fault_in<'device>(
    device: &'device Device,
    buffer: &Object,
    commands: &Commands,
) -> Context<'device> {
    buffer
        .map(device)
        .expect("it is mapped")
        .write(0, commands.dwords());
    let context = Context::new(device).expect("a context is created");
    let timestamp = context
        .submit(buffer.gpu_address, commands.dwords().len())
        .expect("it is submitted");
    let waited = context.wait(timestamp, LONG);
    assert!(
        matches!(waited, Err(Errno::DEADLK | Errno::PROTO)),
        "{waited:?} for {commands:x?}"
    );
    assert_eq!(reset_status(device, &context), CTX_STAT_GUILTY);
    assert_eq!(
        reset_status(device, &context),
        CTX_STAT_NO_ERROR,
        "reading it has cleared it"
    );
    context
}

fn reset_status(device: &Device, context: &Context<'_>) -> u32 {
    let mut value = context.id;
    device
        .read_property(PROPERTY_GPU_RESET_STAT, &mut value)
        .expect("the property is read");
    value
}

fn an_unknown_packet_faults() {
    let device = open();
    must_fault(&device, Commands::default().packet(0x7f, &[0]));
    // No type at all, and a write of a register whose parity bit is wrong.
    must_fault(&device, Commands::default().dword(0));
    must_fault(&device, Commands::default().dword(0x408c_0101).dword(0));
}

fn a_privileged_packet_faults() {
    let device = open();
    for opcode in PRIVILEGED {
        must_fault(&device, Commands::default().packet(opcode, &[0, 0, 0, 0]));
    }
}

fn an_address_without_memory_faults() {
    let device = open();
    for address in [
        0,
        0x1000,
        0x40_0000_0000 + (1 << 30),
        0xffff_8000_0000_0000,
        u64::MAX - 3,
    ] {
        must_fault(&device, Commands::default().mem_write(address, &[1]));
    }
}

fn freed_memory_faults() {
    let device = open();
    // The buffer comes first, so that it does not get the place of what is freed.
    let buffer = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let mapping = object.map(&device).expect("it is mapped");
    object.free(&device).expect("it is freed");
    must_fault_in(
        &device,
        &buffer,
        Commands::default().mem_write(object.gpu_address, &[1]),
    );
    assert_eq!(
        mapping.read(0, 1),
        [0],
        "the GPU wrote to memory that is no longer its own"
    );
}

/// Whatever remembers where memory is forgets it.
fn memory_that_was_just_in_use_faults_when_it_is_freed() {
    let device = open();
    let buffer = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    let mapping = object.map(&device).expect("it is mapped");
    let write = |value| {
        Commands::default()
            .mem_write(object.gpu_address, &[value])
            .clone()
    };
    let bench = Bench::new(&device);
    for value in 1..4 {
        bench.run(&write(value));
        assert_eq!(mapping.read(0, 1), [value]);
    }
    object.free(&device).expect("it is freed");
    must_fault_in(&device, &buffer, &write(4));
    assert_eq!(
        mapping.read(0, 1),
        [3],
        "the GPU wrote to memory that is no longer its own"
    );
    let timestamp = bench.submit_at(0, &write(5)).expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    assert_eq!(mapping.read(0, 1), [3]);
}

fn read_only_memory_is_not_written() {
    let device = open();
    let object = Object::gpuobj(&device, PAGE, MEMFLAGS_GPUREADONLY).expect("memory is allocated");
    let mapping = object.map(&device).expect("it is mapped");
    must_fault(
        &device,
        Commands::default().mem_write(object.gpu_address, &[1]),
    );
    assert_eq!(mapping.read(0, 1), [0]);
}

/// Programs see each other's timestamps there, and none of them makes its own.
fn the_timestamp_memory_is_not_the_gpus() {
    let device = open();
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    for offset in [0, 40, MEMSTORE_SIZE - 4] {
        let address = MEMSTORE_TOKEN + offset;
        must_fault(&device, Commands::default().mem_write(address, &[1]));
        let read = Commands::default()
            .mem_to_mem(object.gpu_address, address, object.gpu_address)
            .clone();
        must_fault(&device, &read);
    }
}

fn a_wait_without_end_faults() {
    let device = open();
    let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    must_fault(
        &device,
        Commands::default().wait_until_equal(object.gpu_address, 1),
    );
}

fn a_guilty_context_takes_no_more_work() {
    let device = open();
    let context = must_fault(&device, Commands::default().packet(0x7f, &[0]));
    let buffer = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    buffer
        .map(&device)
        .expect("it is mapped")
        .write(0, Commands::default().nop(&[]).dwords());
    assert_eq!(context.submit(buffer.gpu_address, 1), Err(Errno::DEADLK));
    assert_eq!(context.wait(1, LONG), Err(Errno::DEADLK));
    context.destroy().expect("it is destroyed");
}

fn others_are_innocent() {
    let device = open();
    let buffer = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    buffer
        .map(&device)
        .expect("it is mapped")
        .write(0, Commands::default().nop(&[]).dwords());
    let other = Context::new(&device).expect("a context is created");
    must_fault(&device, Commands::default().packet(0x7f, &[0]));
    let timestamp = other
        .submit(buffer.gpu_address, 1)
        .expect("it is submitted");
    other.wait(timestamp, LONG).expect("it retires");
    assert_eq!(reset_status(&device, &other), CTX_STAT_INNOCENT);
    assert_eq!(reset_status(&device, &other), CTX_STAT_NO_ERROR);
    let later = Context::new(&device).expect("a context is created");
    assert_eq!(reset_status(&device, &later), CTX_STAT_NO_ERROR);
}
