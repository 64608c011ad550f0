// SPDX-License-Identifier: GPL-2.0

//! What a command stream may not do: packets and registers of the kernel, memory of the kernel, timestamps.

use std::thread;

use kgsl_shim::abi::device::{DeviceInfo, PROPERTY_DEVICE_INFO};
use kgsl_shim::abi::memory::{MEMSTORE_SIZE, MEMSTORE_TOKEN};
use rustix::io::Errno;

use super::{faults, open, works, LONG, PAGE};
use crate::client::{Access, Bench, Device, Mapping};
use crate::pm4::{Commands, Generation};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    cve_2025_21479_privileged_packets_are_refused_at_every_level,
    cve_2025_21480_a_stream_that_rewrites_itself_is_checked_as_it_runs,
    cve_2025_21480_protected_registers_are_refused,
    cve_2019_10567_a_stream_cannot_forge_timestamps,
    cve_2020_11179_the_state_of_the_command_processor_is_in_no_memory_of_the_program,
];

/// CP_SMMU_TABLE_UPDATE, CP_SET_PROTECTED_MODE, CP_SET_SECURE_MODE, CP_ME_INIT, CP_WHERE_AM_I, CP_BOOTSTRAP_UCODE.
const PRIVILEGED: [u32; 6] = [0x53, 0x5f, 0x66, 0x48, 0x62, 0x6f];

/// CP_CONTEXT_SWITCH, which A7xx has not.
const CONTEXT_SWITCH: u32 = 0x54;

/// CP_SET_DRAW_STATE, with the flag that runs the group at once.
const SET_DRAW_STATE: u32 = 0x43;

/// CP_INDIRECT_BUFFER_CHAIN.
const CHAIN: u32 = 0x57;

/// Where buffers that are called stand among the commands, in bytes.
const CALLED: u64 = 0x800;

/// The microcode let a user's second level run what only the kernel's ring may.
fn cve_2025_21479_privileged_packets_are_refused_at_every_level() {
    let device = open();
    for opcode in PRIVILEGED.into_iter().chain([CONTEXT_SWITCH]) {
        let mut packet = Commands::default();
        packet.packet(opcode, &[0, 0, 0, 0]);
        faults(&device, &packet);
        for level in 1..4 {
            faults_below(&device, &packet, level);
        }
    }
    works(&device);
}

/// Runs a packet in a buffer that is called by buffers; the last level by one of three ways.
fn faults_below(device: &Device, packet: &Commands, way: u64) {
    let bench = Bench::new(device);
    let (at, dwords) = bench.write_at(CALLED, packet);
    let [low, high] = [at & 0xffff_ffff, at >> 32].map(|half| u32::try_from(half).expect("half"));
    let count = u32::try_from(dwords).expect("it is short");
    let mut commands = Commands::default();
    match way {
        1 => commands.indirect_buffer(at, dwords),
        2 => commands.packet(CHAIN, &[low, high, count]),
        _ => {
            // LOAD_IMMED in bit 19, for every mode of rendering.
            commands.packet(
                SET_DRAW_STATE,
                &[count | (0xf << 20) | (1 << 19), low, high],
            )
        }
    };
    let timestamp = bench.submit_at(0, &commands).expect("it is submitted");
    let waited = bench.context.wait(timestamp, LONG);
    assert_eq!(waited, Err(Errno::DEADLK), "way {way}: {packet:x?}");
}

/// What was harmless when it was submitted need not be when it runs.
fn cve_2025_21480_a_stream_that_rewrites_itself_is_checked_as_it_runs() {
    let device = open();
    for opcode in PRIVILEGED {
        let privileged = Commands::default().packet(opcode, &[0, 0, 0, 0]).clone();
        let bench = Bench::new(&device);
        let (at, _) = bench.write_at(CALLED, Commands::default().nop(&[0; 8]));
        let mut commands = Commands::default();
        commands
            .mem_write(at, privileged.dwords())
            .wait_mem_writes()
            .indirect_buffer(at, 9);
        let timestamp = bench.submit_at(0, &commands).expect("it is submitted");
        let waited = bench.context.wait(timestamp, LONG);
        assert_eq!(waited, Err(Errno::DEADLK), "{opcode:#x}");
    }
    rewritten_by_the_program(&device);
    works(&device);
}

/// The program itself changes the packet while it runs, over and over.
fn rewritten_by_the_program(device: &Device) {
    let bench = Bench::new(device);
    let mut commands = Commands::default();
    (0..100).for_each(|_| {
        commands.packet(0x10, &[0, 0, 0, 0]);
    });
    let mut bad = Commands::default();
    bad.packet(0x53, &[0, 0, 0, 0]);
    bench.write_at(0, &commands);
    let timestamp = bench
        .context
        .submit(bench.commands.gpu_address, commands.dwords().len());
    let timestamp = timestamp.expect("it is submitted");
    thread::scope(|scope| {
        scope.spawn(|| {
            (0..100)
                .rev()
                .for_each(|at| bench.instructions.write(at * 20, bad.dwords()))
        });
    });
    let waited = bench.context.wait(timestamp, LONG);
    assert!(matches!(waited, Ok(()) | Err(Errno::DEADLK)), "{waited:?}");
}

/// Registers that the kernel protects: the page table's, the protection's own, the ring's.
fn cve_2025_21480_protected_registers_are_refused() {
    let device = open();
    for register in [
        0x0000, 0x0210, 0x0800, 0x0850, 0x0900, 0xf800, 0x1_8400, 0x3_ffff,
    ] {
        faults(&device, Commands::default().registers(register, &[0]));
    }
    works(&device);
}

/// The memory of timestamps was writable by the GPU, and what the kernel kept there was believed.
fn cve_2019_10567_a_stream_cannot_forge_timestamps() {
    let device = open();
    let info: DeviceInfo = device.property(PROPERTY_DEVICE_INFO).expect("it is told");
    let victim = Bench::new(&device);
    victim.run(Commands::default().nop(&[]));
    let slot = MEMSTORE_TOKEN + u64::from(victim.context.id) * 40;
    let mut event = Commands::default();
    event.event_write(Generation::of(info.chip_id), slot + 8, 0x7fff_fff0);
    faults(&device, &event);
    faults(&device, Commands::default().mem_write(slot, &[9; 4]));
    faults(&device, Commands::default().mem_write(slot + 8, &[9]));
    assert_eq!(
        victim.context.timestamp(2),
        Ok(1),
        "it stands where it stood"
    );
    victim.run(Commands::default().nop(&[]));
    let mapped = |access| {
        let length = usize::try_from(MEMSTORE_SIZE).expect("it is small");
        Mapping::new(&device, length, access, MEMSTORE_TOKEN)
    };
    assert_eq!(mapped(Access::ReadWrite).err(), Some(Errno::PERM));
    let shown = mapped(Access::Read).expect("it is mapped");
    let writable = shown.protect(0x1000, Access::ReadWrite);
    assert_eq!(writable, Err(Errno::ACCESS));
}

/// Read pointers in a page that the GPU could write made the ring run elsewhere. Whatever a stream writes to the memory
/// that it has, its own beginning included, the processor goes on behind it.
fn cve_2020_11179_the_state_of_the_command_processor_is_in_no_memory_of_the_program() {
    let device = open();
    let bench = Bench::new(&device);
    let mut commands = Commands::default();
    commands
        .mem_write(bench.data.gpu_address, &[u32::MAX; 0x100])
        .mem_write(bench.commands.gpu_address, &[0xdead_beef; 4])
        .mem_write(bench.dword(0x200), &[u32::MAX; 0x100])
        .mem_write(bench.dword(0x180), &[7]);
    assert_eq!(bench.run(&commands), 1);
    assert_eq!(bench.instructions.read(0, 4), [0xdead_beef; 4]);
    assert_eq!(bench.memory.read(0x600, 1), [7]);
    assert_eq!(bench.run(Commands::default().nop(&[])), 2);
    let end = MEMSTORE_TOKEN + MEMSTORE_SIZE;
    for outside in [0, PAGE, end, 0xf000_0000, 0xffff_ffff_f000, 1 << 63] {
        faults(&device, Commands::default().mem_write(outside, &[0; 4]));
    }
    works(&device);
}
