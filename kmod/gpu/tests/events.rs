// SPDX-License-Identifier: GPL-2.0

//! Events, on both generations: what they write, and what they count.

use super::machine::{high, low, packet, write, Machine, DATA};
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode as O;

#[test]
fn a6xx_writes_a_value_or_the_time() {
    let mut machine = Machine::new("a660");
    machine.complete(&packet(O::EventWrite, &[4, low(DATA), high(DATA), 77]));
    assert_eq!(machine.qword(DATA), 77);
    let now = machine.ram.clock + 1;
    machine.complete(&packet(
        O::EventWrite,
        &[22 | (1 << 30) | (1 << 31), low(DATA), 0, 0],
    ));
    assert_eq!(machine.qword(DATA), now);
    machine.complete(&packet(O::EventWrite, &[49]));
    let counters = machine.processor.counters();
    assert_eq!((counters.events, counters.interrupts), (3, 1));
    let fault = machine.fault(&packet(O::EventWrite, &[4, low(DATA), 0]));
    assert!(matches!(fault.cause, Cause::Operand(O::EventWrite, _)));
}

#[test]
fn a7xx_writes_what_its_source_says() {
    let mut machine = Machine::new("a740");
    let timestamps = [
        packet(O::GlobalTimestamp, &[40]),
        packet(O::LocalTimestamp, &[2]),
    ];
    machine.complete(&timestamps.concat());
    machine.complete(&write(0x8c2c, &[8, 9]));
    let place = [low(DATA), 0];
    let event = |source: u32, payload: &[u32]| {
        let control = 22 | (source << 20) | (1 << 27);
        packet(O::EventWrite7, &[&[control][..], &place, payload].concat())
    };
    machine.complete(&event(0, &[1]));
    assert_eq!(machine.qword(DATA), 1);
    machine.complete(&event(1, &[2, 3]));
    assert_eq!(machine.qword(DATA), (3 << 32) | 2);
    machine.complete(&event(2, &[]));
    assert_eq!(machine.qword(DATA), 42);
    let now = machine.ram.clock + 1;
    machine.complete(&event(3, &[]));
    assert_eq!(machine.qword(DATA), now);
    machine.complete(&event(4, &[0x8c2c, 2]));
    assert_eq!(machine.qword(DATA), (9 << 32) | 8);
    let fault = machine.fault(&event(5, &[0, 0]));
    assert!(matches!(fault.cause, Cause::Operand(O::EventWrite7, _)));
    let fault = machine.fault(&event(0, &[]));
    assert!(matches!(fault.cause, Cause::Operand(O::EventWrite7, _)));
    // Without WRITE_ENABLED nothing is written.
    machine.complete(&packet(O::EventWrite7, &[33, low(DATA), 0, 5]));
    assert_eq!(machine.qword(DATA), (9 << 32) | 8);
}

#[test]
fn a7xx_keeps_timestamps_on_chip() {
    let mut machine = Machine::new("a740");
    let on_chip = (1 << 24) | (1 << 27);
    let stream = [
        packet(O::EventWrite7, &[22 | on_chip | (1 << 20), 5, 0, 7, 0]),
        packet(O::WaitTimestamp, &[1 | (1 << 4), 5, 0, 7, 0]),
        packet(O::MemWrite, &[low(DATA), 0, 1]),
        packet(O::ModifyTimestamp, &[3 | (1 << 28)]),
        packet(O::ModifyTimestamp, &[4 | (2 << 28)]),
        packet(
            O::EventWrite7,
            &[22 | (2 << 20) | (1 << 27), low(DATA + 8), 0],
        ),
        packet(O::ResetContextState, &[1]),
    ];
    machine.complete(&stream.concat());
    assert_eq!((machine.dword(DATA), machine.qword(DATA + 8)), (1, 7));
    let again = packet(O::WaitTimestamp, &[1 | (1 << 4), 5, 0, 7, 0]);
    assert_eq!(machine.submit(&again), crate::gpu::Outcome::Waiting);
    let fault = machine.fault(&packet(O::EventWrite7, &[22 | on_chip, 64, 0, 7]));
    assert_eq!(fault.cause, Cause::OnChipSlot(64));
}

#[test]
fn queries_get_their_samples() {
    // No sample passes without a shader core, but turnip waits until the end value is no longer all
    // ones.
    let mut machine = Machine::new("a660");
    machine.place(DATA, &[u32::MAX; 4]);
    let stream = [
        write(0x8891, &[2]),
        write(0x8927, &[low(DATA), high(DATA)]),
        packet(O::EventWrite, &[21]),
        packet(O::WaitRegMem, &[4 | (1 << 4), low(DATA), 0, !0, !0, 16]),
    ];
    machine.complete(&stream.concat());
    assert_eq!(
        [machine.qword(DATA), machine.qword(DATA + 8)],
        [0, u64::MAX]
    );
    let mut machine = Machine::new("a740");
    machine.place(DATA, &[u32::MAX; 2]);
    machine.place(DATA + 8, &[5, 0]);
    machine.complete(&packet(O::EventWrite7, &[21 | (1 << 12), low(DATA), 0]));
    machine.complete(&packet(O::EventWrite7, &[21 | (7 << 12), low(DATA), 0]));
    assert_eq!(
        [0, 8, 16].map(|offset| machine.qword(DATA + offset)),
        [0, 5, 0]
    );
}

#[test]
fn samples_of_a7xx_are_also_copied_by_register() {
    let mut machine = Machine::new("a730");
    machine.place(DATA, &[u32::MAX; 2]);
    let address = write(0x8927, &[low(DATA), high(DATA)]);
    machine.complete(&[address, packet(O::EventWrite7, &[21])].concat());
    assert_eq!(machine.qword(DATA), u64::MAX);
    machine.complete(&[write(0x8891, &[2]), packet(O::EventWrite7, &[21])].concat());
    assert_eq!(machine.qword(DATA), 0);
}

#[test]
fn stream_output_offsets_are_flushed() {
    for (chip, opcode, offset) in [
        ("a660", O::EventWrite, 0x10),
        ("a740", O::EventWrite7, 0x40),
    ] {
        let mut machine = Machine::new(chip);
        let buffer = write(0x921e + 14, &[0x40, low(DATA), 0]);
        machine.complete(&[buffer, packet(opcode, &[19])].concat());
        assert_eq!(machine.dword(DATA), offset);
    }
}

#[test]
fn primitive_counts_are_written() {
    let mut machine = Machine::new("a660");
    machine.place(DATA, &[u32::MAX; 17]);
    let stream = [write(0x9218, &[low(DATA), 0]), packet(O::EventWrite, &[9])];
    machine.complete(&stream.concat());
    assert_eq!([machine.qword(DATA), machine.qword(DATA + 56)], [0, 0]);
    assert_eq!(machine.dword(DATA + 64), u32::MAX);
}

#[test]
fn resolves_are_counted_or_refused() {
    let mut machine = Machine::new("a660");
    machine.complete(&packet(O::EventWrite, &[30]));
    assert_eq!(machine.processor.counters().resolves_skipped, 1);
    machine.configuration.strict = true;
    let fault = machine.fault(&packet(O::EventWrite, &[30]));
    assert_eq!(fault.cause, Cause::RenderBackend(O::EventWrite));
}

#[test]
fn interrupts_are_counted() {
    let mut machine = Machine::new("a660");
    machine.complete(&packet(O::Interrupt, &[1]));
    assert_eq!(machine.processor.counters().interrupts, 1);
}
