// SPDX-License-Identifier: GPL-2.0

//! Control flow: buffers, conditions and waits.

use super::machine::{high, low, packet, store, write, Machine, CALLED, DATA, STREAM};
use crate::gpu::chip::Generation;
use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;
use crate::gpu::opcode::Opcode as O;
use crate::gpu::{Outcome, Processor};
use std::vec::Vec;

/// A packet that enters a buffer.
fn call(opcode: O, address: u64, buffer: &[u32]) -> Vec<u32> {
    packet(
        opcode,
        &[
            low(address),
            high(address),
            u32::try_from(buffer.len()).unwrap(),
        ],
    )
}

#[test]
fn the_state_is_small() {
    assert!(core::mem::size_of::<Processor>() <= 4096);
}

#[test]
fn a_chain_leaves_its_buffer_for_good() {
    let mut machine = Machine::new("a660");
    let last = store(DATA, 3);
    machine.place(CALLED + 0x100, &last);
    let mut chained = store(DATA, 2);
    chained.extend(call(O::IndirectBufferChain, CALLED + 0x100, &last));
    chained.extend(store(DATA + 8, 1));
    machine.place(CALLED, &chained);
    let mut stream = call(O::IndirectBuffer, CALLED, &chained);
    stream.extend(store(DATA + 4, 4));
    machine.complete(&stream);
    assert_eq!(
        [0, 4, 8].map(|offset| machine.dword(DATA + offset)),
        [3, 4, 0]
    );
}

#[test]
fn a_loop_of_chains_ends() {
    let mut machine = Machine::new("a660");
    let chain = call(O::IndirectBufferChain, STREAM, &[0; 4]);
    assert_eq!(machine.fault(&chain).cause, Cause::Chains);
    // The next submission is not held responsible.
    machine.complete(&store(DATA, 1));
}

#[test]
fn buffers_nest_three_deep_and_a_draw_state_more() {
    let mut machine = Machine::new("a660");
    let recursion = call(O::IndirectBuffer, STREAM, &[0; 4]);
    let fault = machine.fault(&recursion);
    assert_eq!((fault.cause, fault.level), (Cause::Nesting, 3));
    let group = store(DATA, 7);
    machine.place(CALLED, &group);
    let draw = [
        packet(O::SetMarker, &[1]),
        packet(O::SetDrawState, &[(7 << 20) | 4, low(CALLED), 0]),
        packet(O::DrawIndxOffset, &[0, 1, 3]),
    ]
    .concat();
    machine.place(CALLED + 0x100, &draw);
    let middle = call(O::IndirectBuffer, CALLED + 0x100, &draw);
    machine.place(CALLED + 0x200, &middle);
    machine.complete(&call(O::IndirectBuffer, CALLED + 0x200, &middle));
    assert_eq!(machine.dword(DATA), 7);
}

#[test]
fn a_buffer_may_end_where_memory_does() {
    let mut machine = Machine::new("a660");
    let end = super::machine::BASE + super::machine::SIZE;
    let stream = store(DATA, 1);
    machine.place(end - 16, &stream);
    machine.processor.start(end - 16, 5);
    let Outcome::Fault(fault) = machine.run(9) else {
        panic!()
    };
    assert_eq!((fault.address, machine.dword(DATA)), (end, 1));
}

#[test]
fn cond_exec_guards_dwords() {
    for (first, second, taken) in [(1, 1, true), (0, 1, false), (1, 2, false), (7, !0, true)] {
        let mut machine = Machine::new("a660");
        machine.place(DATA, &[first, second]);
        let operands = [low(DATA), 0, low(DATA + 4), 0, 2, 4];
        let stream = [
            packet(O::CondExec, &operands),
            store(DATA + 8, 5),
            store(DATA + 12, 6),
        ];
        machine.complete(&stream.concat());
        assert_eq!(machine.dword(DATA + 8) == 5, taken);
        assert_eq!(machine.dword(DATA + 12), 6);
    }
    let mut machine = Machine::new("a660");
    let stream = packet(O::CondExec, &[low(DATA), 0, low(DATA), 0, 2, 4]);
    assert_eq!(machine.fault(&stream).cause, Cause::Skip(4, 0));
}

#[test]
fn cond_reg_exec_knows_predicates_modes_and_registers() {
    let register = 0x8c2c;
    let prepare = [
        write(register, &[0b100, 0b100]),
        packet(O::RegTest, &[register | (2 << 20) | (3 << 26)]),
        packet(O::SetMarker, &[1]),
        packet(O::ThreadControl, &[1]),
    ]
    .concat();
    let cases: [(&[u32], bool); 11] = [
        (&[(1 << 28) | (3 << 18), 4], true),
        (&[(1 << 28) | (2 << 18), 4], false),
        (&[(2 << 28) | register, register + 1, 4], true),
        (&[(2 << 28) | register, register + 2, 4], false),
        (&[(3 << 28) | (1 << 27), 4], true),
        (&[(3 << 28) | (1 << 26), 4], false),
        (&[(3 << 28) | (1 << 25), 4], false),
        (&[(4 << 28) | register, 4, 4], true),
        (&[(4 << 28) | register, 5, 4], false),
        (&[(5 << 28) | (1 << 26), 4], true),
        (&[(5 << 28) | (1 << 25), 4], false),
    ];
    for (operands, taken) in cases {
        let mut machine = Machine::new("a740");
        let guarded = [
            packet(O::CondRegExec, operands),
            store(DATA, 5),
            store(DATA + 4, 6),
        ];
        machine.complete(&[prepare.clone(), guarded.concat()].concat());
        assert_eq!(machine.dword(DATA) == 5, taken, "{operands:x?}");
        assert_eq!(machine.dword(DATA + 4), 6);
    }
    let mut machine = Machine::new("a740");
    // A marker about ray tracing (SHADER_USES_RT) says nothing of the mode.
    let sysmem = [(3 << 28) | (1 << 27), 4];
    let stream = [
        packet(O::SetMarker, &[1]),
        packet(O::SetMarker, &[1 << 9]),
        packet(O::CondRegExec, &sysmem),
        store(DATA, 5),
    ];
    machine.complete(&stream.concat());
    assert_eq!(machine.dword(DATA), 5);
    let fault = machine.fault(&packet(O::CondRegExec, &[6 << 28, 0]));
    assert!(matches!(fault.cause, Cause::Operand(O::CondRegExec, _)));
}

#[test]
fn predicates_are_updated_directly_and_from_scratch_memory() {
    let mut machine = Machine::new("a740");
    machine.place(DATA + 16, &[1 << 9]);
    let stream = [
        packet(O::RegTest, &[1 << 31, 0b11, 0b10]),
        packet(O::CondRegExec, &[(1 << 28) | (1 << 18), 4]),
        store(DATA, 1),
        packet(O::CondRegExec, &[1 << 28, 4]),
        store(DATA, 2),
        packet(O::MemToScratchMem, &[1, 5, low(DATA + 16), 0]),
        packet(O::RegTest, &[5 | (1 << 18) | (9 << 20)]),
        packet(O::CondRegExec, &[1 << 28, 4]),
        store(DATA + 4, 3),
    ];
    machine.complete(&stream.concat());
    assert_eq!([machine.dword(DATA), machine.dword(DATA + 4)], [1, 3]);
}

#[test]
fn a_wait_polls_once_a_run() {
    let mut machine = Machine::new("a660");
    let wait = packet(O::WaitRegMem, &[3 | (1 << 4), low(DATA), 0, 1, !0, 20]);
    assert_eq!(machine.submit(&wait), Outcome::Waiting);
    assert_eq!(machine.run(10), Outcome::Waiting);
    machine.place(DATA, &[1]);
    assert_eq!(machine.run(10), Outcome::Done);
}

#[test]
fn every_wait_ends_when_its_condition_holds() {
    let register = 0x8c2c;
    let waits: [(&str, Vec<u32>, [u32; 2]); 8] = [
        ("a660", packet(O::WaitMemGte, &[0, low(DATA), 0, 5]), [5, 0]),
        (
            "a740",
            packet(O::WaitTimestamp, &[0, low(DATA), 0, 5]),
            [6, 0],
        ),
        (
            "a740",
            packet(O::WaitTimestamp, &[1, low(DATA), 0, 5, 1]),
            [5, 1],
        ),
        (
            "a740",
            packet(O::WaitTimestamp, &[2, low(DATA), 0, 0, 0]),
            [3, 0],
        ),
        (
            "a660",
            packet(O::TestTwoMems, &[low(DATA), 0, 0, low(DATA + 4), 0, 0]),
            [0, 1],
        ),
        (
            "a660",
            packet(O::WaitRegEq, &[register, 0x10, 0xf0, 1]),
            [0x12, 0],
        ),
        (
            "a660",
            packet(O::WaitTwoRegs, &[register, register + 1, 0]),
            [0, 1],
        ),
        (
            "a660",
            packet(O::WaitRegMem, &[6, register, 0, 7, 0xff, 1]),
            [0x108, 0],
        ),
    ];
    for (chip, wait, values) in waits {
        let mut machine = Machine::new(chip);
        if chip == "a740" {
            let sum = [
                packet(O::GlobalTimestamp, &[1]),
                packet(O::LocalTimestamp, &[2]),
            ];
            machine.complete(&sum.concat());
        }
        assert_eq!(machine.submit(&wait), Outcome::Waiting, "{wait:x?}");
        machine.place(DATA, &values);
        let mut registers = crate::gpu::Registers::new(&mut machine.registers).unwrap();
        for (number, value) in (register..).zip(values) {
            registers.write(Generation::A6xx, number, value).unwrap();
        }
        assert_eq!(machine.run(10), Outcome::Done, "{wait:x?}");
    }
}

#[test]
fn an_abort_drops_the_submission() {
    let mut machine = Machine::new("a660");
    let wait = packet(O::WaitRegMem, &[3 | (1 << 4), low(DATA), 0, 1, !0, 20]);
    assert_eq!(
        machine.submit(&[wait, store(DATA + 4, 1)].concat()),
        Outcome::Waiting
    );
    machine.processor.abort();
    machine.place(DATA, &[1]);
    assert_eq!(machine.run(10), Outcome::Done);
    assert_eq!(machine.dword(DATA + 4), 0);
    assert_eq!(machine.processor.counters().packets, 1);
}

#[test]
fn memory_is_read_once_it_is_needed() {
    let mut machine = Machine::new("a660");
    // More than the prefetch window ahead, the processor runs what it wrote itself.
    let mut stream = store(STREAM + 4 * 104, 77);
    stream.extend(packet(O::Nop, &[0; 96]));
    stream.extend(store(DATA, 1));
    assert_eq!(stream[104], 1);
    machine.complete(&stream);
    assert_eq!(machine.ram.load(DATA), Ok(77));
}
