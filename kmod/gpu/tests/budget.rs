// SPDX-License-Identifier: GPL-2.0

//! What work costs: no packet does far more than it takes off the budget.

use super::machine::{low, packet, Machine, DATA, STREAM};
use super::meter::Meter;
use crate::gpu::opcode::Opcode as O;
use crate::gpu::{Outcome, Processor, Registers};
use std::vec::Vec;

/// The work units of a run.
const BUDGET: u32 = 256;

/// The most effort of a unit: what it moves, or four texels there and back.
const EFFORT: u64 = Processor::UNIT_BYTES + 4 * 60;

/// The most effort of any run of many packets `one`, with the longest of which a run may overdraw
/// its budget.
fn effort(chip: &str, one: &[u32]) -> u64 {
    let stream: Vec<u32> = one.repeat(0x600 / one.len());
    let mut machine = Machine::new(chip);
    machine.place(STREAM, &stream);
    let length = u32::try_from(stream.len()).unwrap();
    machine.processor.start(STREAM, length);
    let mut meter = Meter::new(machine.ram);
    let mut registers = Registers::new(&mut machine.registers).unwrap();
    let mut most = 0;
    loop {
        meter.effort = 0;
        let run = machine
            .processor
            .run(&mut registers, &mut meter, &machine.configuration, BUDGET);
        most = most.max(meter.effort);
        if run != Outcome::Budget {
            assert_eq!(run, Outcome::Done);
            return most;
        }
    }
}

#[test]
fn packets_that_copy_registers_one_by_one_pay_for_each() {
    let counter = 0x0980;
    let to = [low(DATA), 0];
    let copy = |opcode, control: u32| packet(opcode, &[&[control][..], &to].concat());
    let wide = 1 << 30;
    for (chip, one) in [
        ("a660", copy(O::RegToMem, 0xbf80 | (0xfff << 18))),
        ("a660", copy(O::RegToMem, 0x8000 | (0x3ff << 18) | wide)),
        ("a660", copy(O::RegToMem, 0x8000 | (0x3fe << 18) | wide)),
        (
            "a660",
            copy(O::RegToMem, 0x8000 | (0x3ff << 18) | (1 << 31)),
        ),
        ("a660", copy(O::RegToMem, counter | (2 << 18) | wide)),
        ("a660", copy(O::RegToMem, 0x0400 | (2 << 18) | wide)),
        ("a660", copy(O::RegToMem, 0x0400 | (28 << 18))),
        ("a660", copy(O::MemToReg, 0x9800 | (0x600 << 19))),
        ("a740", packet(O::MemToScratchMem, &[48, 0, to[0], 0])),
        (
            "a740",
            packet(
                O::EventWrite7,
                &[4 | (4 << 20) | (1 << 27), to[0], 0, 0x8000, 64],
            ),
        ),
        (
            "a740",
            packet(
                O::EventWrite7,
                &[4 | (4 << 20) | (1 << 27), to[0], 0, 0x0300, 28],
            ),
        ),
    ] {
        // The longest of these packets copies as many registers as its field can say.
        let bound = u64::from(BUDGET) * EFFORT + 0x1000 * 12;
        let effort = effort(chip, &one);
        assert!(effort <= bound, "{effort} > {bound}: {one:x?}");
    }
}

#[test]
fn a_run_tells_what_it_leaves() {
    let mut machine = Machine::new("a660");
    let nops = packet(O::Nop, &[0; 3]).repeat(10);
    machine.place(STREAM, &nops);
    machine.processor.start(STREAM, 40);
    assert_eq!(machine.run(4), Outcome::Budget);
    assert_eq!(machine.processor.budget_left(), 0);
    assert_eq!(machine.run(100), Outcome::Done);
    assert_eq!(machine.processor.budget_left(), 94);
    // A poll in vain is free; whoever polls counts them.
    let wait = packet(O::WaitRegMem, &[0x13, low(DATA), 0, 1, u32::MAX, 0]);
    machine.place(STREAM, &wait);
    machine.processor.start(STREAM, 7);
    assert_eq!(machine.run(100), Outcome::Waiting);
    assert_eq!(machine.run(99), Outcome::Waiting);
    assert_eq!(machine.processor.budget_left(), 99);
    // A fault leaves what it has not spent, too.
    machine.fault(&[nops, vec![0]].concat());
    assert_eq!(machine.processor.budget_left(), u32::MAX - 10);
}
