// SPDX-License-Identifier: GPL-2.0

//! Control flow: buffers, conditions, waits, draw states, predication, and what is refused.

use super::machine::{high, low, packet, write, Machine, DATA, STREAM};
use crate::gpu::chip::Generation;
use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;
use crate::gpu::opcode::Opcode as O;
use crate::gpu::packet::Header;
use crate::gpu::{Outcome, Processor};
use std::string::ToString;
use std::vec::Vec;

/// Where buffers that others call lie.
const CALLED: u64 = DATA + 0x1000;

/// A packet that stores a value.
fn store(address: u64, value: u32) -> Vec<u32> {
    packet(O::MemWrite, &[low(address), high(address), value])
}

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
fn headers_decode_only_with_odd_parity() {
    for header in [
        Header::Registers {
            register: 0x3_ffff,
            count: 0x7f,
        },
        Header::Registers {
            register: 0x8c01,
            count: 1,
        },
        Header::Operation {
            opcode: 0x7f,
            count: 0x7fff,
        },
        Header::Operation {
            opcode: 0x10,
            count: 0,
        },
    ] {
        let dword = header.encode();
        assert_eq!(Header::decode(dword), Some(header));
        for bit in 0..28 {
            assert_ne!(Header::decode(dword ^ 1 << bit), Some(header));
        }
    }
    // What Mesa writes: a type-7 header of CP_NOP without operands, and a type-4 one of two registers.
    assert_eq!(
        Header::Operation {
            opcode: 0x10,
            count: 0
        }
        .encode(),
        0x7010_8000
    );
    assert_eq!(
        Header::Registers {
            register: 0x8c2c,
            count: 4
        }
        .encode(),
        0x488c_2c04
    );
    let fault = Machine::new("a660").fault(&[0x7010_0000]);
    assert_eq!(fault.cause, Cause::Header(0x7010_0000));
}

#[test]
fn every_opcode_has_a_name_of_its_own() {
    let mut names = std::collections::BTreeSet::new();
    for value in 0..=0x7f {
        for generation in [Generation::A6xx, Generation::A7xx] {
            if let Some(opcode) = O::decode(value, generation) {
                assert_eq!(opcode.value(), value);
                names.insert(opcode.name());
            }
        }
    }
    assert!(names.iter().all(|name| name.starts_with("CP_")));
    assert_eq!(O::decode(0x46, Generation::A6xx), Some(O::EventWrite));
    assert_eq!(O::decode(0x46, Generation::A7xx), Some(O::EventWrite7));
    assert_eq!(O::decode(0x00, Generation::A6xx), None);
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
        packet(O::SetDrawState, &[7 << 20 | 4, low(CALLED), 0]),
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
fn truncated_and_short_packets_are_refused() {
    let mut machine = Machine::new("a660");
    let fault = machine.fault(&store(DATA, 1)[..3]);
    assert_eq!(fault.cause, Cause::Truncated { dwords: 3, left: 2 });
    let fault = machine.fault(&packet(O::MemToMem, &[0, 0, 0]));
    assert_eq!(fault.cause, Cause::MissingOperands(O::MemToMem, 3));
    machine.processor.start(DATA + 2, 4);
    let Outcome::Fault(fault) = machine.run(9) else {
        panic!()
    };
    assert_eq!(
        fault.cause,
        Cause::Misaligned {
            address: DATA + 2,
            alignment: 4
        }
    );
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
        packet(O::RegTest, &[register | 2 << 20 | 3 << 26]),
        packet(O::SetMarker, &[1]),
        packet(O::ThreadControl, &[1]),
    ]
    .concat();
    let cases: [(&[u32], bool); 11] = [
        (&[1 << 28 | 3 << 18, 4], true),
        (&[1 << 28 | 2 << 18, 4], false),
        (&[2 << 28 | register, register + 1, 4], true),
        (&[2 << 28 | register, register + 2, 4], false),
        (&[3 << 28 | 1 << 27, 4], true),
        (&[3 << 28 | 1 << 26, 4], false),
        (&[3 << 28 | 1 << 25, 4], false),
        (&[4 << 28 | register, 4, 4], true),
        (&[4 << 28 | register, 5, 4], false),
        (&[5 << 28 | 1 << 26, 4], true),
        (&[5 << 28 | 1 << 25, 4], false),
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
    let fault = machine.fault(&packet(O::CondRegExec, &[6 << 28, 0]));
    assert!(matches!(fault.cause, Cause::Operand(O::CondRegExec, _)));
}

#[test]
fn predicates_are_updated_directly_and_from_scratch_memory() {
    let mut machine = Machine::new("a740");
    machine.place(DATA + 16, &[1 << 9]);
    let stream = [
        packet(O::RegTest, &[1 << 31, 0b11, 0b10]),
        packet(O::CondRegExec, &[1 << 28 | 1 << 18, 4]),
        store(DATA, 1),
        packet(O::CondRegExec, &[1 << 28, 4]),
        store(DATA, 2),
        packet(O::MemToScratchMem, &[1, 5, low(DATA + 16), 0]),
        packet(O::RegTest, &[5 | 1 << 18 | 9 << 20]),
        packet(O::CondRegExec, &[1 << 28, 4]),
        store(DATA + 4, 3),
    ];
    machine.complete(&stream.concat());
    assert_eq!([machine.dword(DATA), machine.dword(DATA + 4)], [1, 3]);
}

#[test]
fn a_wait_polls_once_a_run() {
    let mut machine = Machine::new("a660");
    let wait = packet(O::WaitRegMem, &[3 | 1 << 4, low(DATA), 0, 1, !0, 20]);
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
fn draw_states_run_before_the_draw_that_needs_them() {
    let mut machine = Machine::new("a660");
    let groups = [store(DATA, 1), store(DATA + 4, 2), store(DATA + 8, 3)];
    for (index, group) in (0..).zip(&groups) {
        machine.place(CALLED + index * 0x100, group);
    }
    let group =
        |number: u32, flags: u32| [4 | flags | number << 24, low(CALLED) + number * 0x100, 0];
    let (binning, sysmem) = (1 << 20, 1 << 22);
    let draw = packet(O::DrawIndxOffset, &[0, 1, 3]);
    let operands = [group(0, sysmem), group(1, binning), group(2, sysmem)].concat();
    let stream = [
        packet(O::SetMarker, &[1]),
        packet(O::SetDrawState, &operands),
    ]
    .concat();
    machine.complete(&stream);
    assert_eq!([0, 4, 8].map(|offset| machine.dword(DATA + offset)), [0; 3]);
    machine.complete(&draw);
    assert_eq!(
        [0, 4, 8].map(|offset| machine.dword(DATA + offset)),
        [1, 0, 3]
    );
    // Clean groups do not run again; the dirty one does once its mode comes.
    machine.place(DATA, &[0; 3]);
    machine.complete(&[packet(O::SetMarker, &[2]), draw.clone()].concat());
    assert_eq!(
        [0, 4, 8].map(|offset| machine.dword(DATA + offset)),
        [0, 2, 0]
    );
    let disable = packet(O::SetDrawState, &[1 << 18, 0, 0]);
    let again = packet(O::SetDrawState, &group(0, binning));
    machine.place(DATA, &[0; 3]);
    machine.complete(&[again, disable, draw].concat());
    assert_eq!(machine.dword(DATA), 0);
    assert_eq!(machine.processor.counters().draws_skipped, 3);
}

#[test]
fn draw_states_can_run_at_once() {
    for stream in [
        packet(O::SetDrawState, &[4 | 1 << 19 | 7 << 20, low(CALLED), 0]),
        [
            packet(O::SetMode, &[1]),
            packet(O::SetDrawState, &[4 | 7 << 20, low(CALLED), 0]),
        ]
        .concat(),
    ] {
        let mut machine = Machine::new("a660");
        machine.place(CALLED, &store(DATA, 9));
        machine.complete(&stream);
        assert_eq!(machine.dword(DATA), 9);
    }
}

#[test]
fn draws_and_dispatches_are_counted_or_refused() {
    let draws = [
        packet(O::DrawIndx, &[0; 5]),
        packet(O::DrawAuto, &[0; 6]),
        packet(O::DrawIndirect, &[0; 3]),
        packet(O::DrawIndxIndirect, &[0; 6]),
        packet(O::DrawIndirectMulti, &[0; 6]),
        packet(O::DrawIndxOffset, &[0; 7]),
    ];
    let grids = [
        packet(O::ExecCs, &[0; 4]),
        packet(O::ExecCsIndirect, &[0; 4]),
        packet(O::RunOpencl, &[0]),
    ];
    let mut machine = Machine::new("a660");
    machine.complete(&[draws.concat(), grids.concat()].concat());
    assert_eq!(machine.processor.counters().draws_skipped, 6);
    assert_eq!(machine.processor.counters().dispatches_skipped, 3);
    machine.configuration.strict = true;
    for stream in draws.iter().chain(&grids) {
        let fault = machine.fault(stream);
        assert!(matches!(fault.cause, Cause::ShaderCore(_)), "{fault}");
    }
}

#[test]
fn a_predicate_turns_draws_off() {
    let mut machine = Machine::new("a660");
    machine.configuration.strict = true;
    let draw = packet(O::DrawIndxOffset, &[0, 1, 3]);
    let on = packet(O::DrawPredEnableGlobal, &[1]);
    let zero_passes = packet(O::DrawPredSet, &[5 << 4 | 1 << 8, low(DATA), 0]);
    let other_passes = packet(O::DrawPredSet, &[5 << 4, low(DATA), 0]);
    machine.complete(&[on.clone(), other_passes.clone(), draw.clone()].concat());
    assert_eq!(machine.processor.counters().predicated, 1);
    let local = packet(O::DrawPredEnableLocal, &[0]);
    machine.fault(&[on.clone(), other_passes.clone(), local, draw.clone()].concat());
    machine.fault(&[on.clone(), zero_passes.clone(), draw.clone()].concat());
    machine.place(DATA + 4, &[1]);
    machine.fault(&[on.clone(), other_passes, draw.clone()].concat());
    machine.complete(&[on.clone(), zero_passes.clone(), draw.clone()].concat());
    let off = packet(O::DrawPredEnableGlobal, &[0]);
    machine.fault(&[on, zero_passes, off, draw].concat());
}

#[test]
fn privileged_and_unknown_packets_are_refused() {
    let mut machine = Machine::new("a660");
    for opcode in [
        O::MeInit,
        O::SmmuTableUpdate,
        O::ContextSwitch,
        O::SetProtectedMode,
        O::SetSecureMode,
        O::BootstrapUcode,
        O::WhereAmI,
    ] {
        let fault = machine.fault(&packet(opcode, &[0; 4]));
        assert_eq!(fault.cause, Cause::PrivilegedOpcode(opcode));
    }
    let unknown = Header::Operation {
        opcode: 0x7e,
        count: 0,
    }
    .encode();
    assert_eq!(machine.fault(&[unknown]).cause, Cause::UnknownOpcode(0x7e));
    // What only the other generation knows.
    let fault = machine.fault(&packet(O::ThreadControl, &[0]));
    assert_eq!(fault.cause, Cause::UnknownOpcode(0x17));
    let fault = machine.fault(&packet(O::SetPseudoReg, &[0, 0, 0]));
    assert!(matches!(fault.cause, Cause::Operand(O::SetPseudoReg, _)));
    machine.complete(&packet(O::SetPseudoReg, &[1, 0, 0, 3, 0, 0]));
}

#[test]
fn privileged_and_unknown_registers_are_refused() {
    let mut machine = Machine::new("a660");
    for register in [
        0x0000, 0x0501, 0x0800, 0x0980, 0x8e08, 0xae50, 0x1_8400, 0x3_ffff,
    ] {
        let fault = machine.fault(&write(register, &[0]));
        assert_eq!(fault.cause, Cause::PrivilegedRegister(register));
    }
    for register in [0x1000, 0x7fff, 0xc000] {
        let fault = machine.fault(&write(register, &[0]));
        assert_eq!(fault.cause, Cause::UnknownRegister(register));
    }
    // Counters may be read, secrets not.
    machine.complete(&packet(O::RegToMem, &[0x400, low(DATA), 0]));
    let fault = machine.fault(&packet(O::RegToMem, &[0x800, low(DATA), 0]));
    assert_eq!(fault.cause, Cause::PrivilegedRegister(0x800));
    // What turnip writes beside protected ones.
    let open = [
        0x8e04, 0x8e07, 0xae03, 0xb600, 0xbe04, 0xbb08, 0x9e72, 0x0e12, 0x0c00,
    ];
    for register in open {
        machine.complete(&write(register, &[0]));
    }
}

#[test]
fn faults_name_the_packet_and_leave_the_processor_ready() {
    let mut machine = Machine::new("a660");
    let stream = [write(0x8c2c, &[1]), write(0x0800, &[1])].concat();
    let fault = machine.fault(&stream);
    assert_eq!((fault.level, fault.address), (1, STREAM + 8));
    assert_eq!(machine.register(0x8c2c), 1);
    assert_eq!(
        fault.to_string(),
        "IB1 at 0x100008: register 0x800 is privileged"
    );
    assert_eq!(machine.run(10), Outcome::Done);
    machine.complete(&store(DATA, 1));
}

#[test]
fn an_abort_drops_the_submission() {
    let mut machine = Machine::new("a660");
    let wait = packet(O::WaitRegMem, &[3 | 1 << 4, low(DATA), 0, 1, !0, 20]);
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
fn a_draw_table_is_a_run_of_buffers() {
    let mut machine = Machine::new("a740");
    let draw = packet(O::DrawIndxOffset, &[0, 1, 3]);
    machine.place(CALLED, &[draw.clone(), draw.clone(), draw].concat());
    machine.complete(&packet(
        O::FixedStrideDrawTable,
        &[low(CALLED), 0, 4 << 20 | 12, 3],
    ));
    assert_eq!(machine.processor.counters().draws_skipped, 3);
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
