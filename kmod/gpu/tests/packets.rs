// SPDX-License-Identifier: GPL-2.0

//! A test for each packet that touches memory or registers.

use super::machine::{high, low, packet, write, Machine, DATA, STREAM};
use crate::gpu::fault::{Cause, MemoryFault};
use crate::gpu::opcode::Opcode as O;
use crate::gpu::Outcome;

/// A register that user command streams may write, on either generation.
const REGISTER: u32 = 0x8c2c;

#[test]
fn mem_write_stores_its_operands() {
    let mut machine = Machine::new("a660");
    machine.complete(&packet(O::MemWrite, &[low(DATA), high(DATA), 1, 2, 3]));
    assert_eq!(
        [
            machine.dword(DATA),
            machine.dword(DATA + 4),
            machine.dword(DATA + 8)
        ],
        [1, 2, 3]
    );
    assert_eq!(machine.dword(DATA + 12), 0);
    machine.complete(&packet(O::MemWrite, &[low(DATA), high(DATA), 7]));
    machine.complete(&packet(O::MemWrite, &[low(DATA + 8), 0, 8, 9]));
    assert_eq!([machine.dword(DATA), machine.dword(DATA + 4)], [7, 2]);
    assert_eq!(machine.qword(DATA + 8), (9 << 32) | 8);
}

#[test]
fn mem_to_mem_adds_and_negates() {
    let mut machine = Machine::new("a660");
    machine.place(DATA, &[10, 1, 3, 2, 100, 0]);
    let d = [
        low(DATA + 64),
        0,
        low(DATA),
        0,
        low(DATA + 8),
        0,
        low(DATA + 16),
        0,
    ];
    machine.complete(&packet(O::MemToMem, &[&[0b010][..], &d].concat()));
    assert_eq!(machine.dword(DATA + 64), 10 - 3 + 100);
    machine.complete(&packet(
        O::MemToMem,
        &[&[(1 << 29) | 0b010][..], &d].concat(),
    ));
    let (a, b) = ((1 << 32) | 10, (2 << 32) | 3_u64);
    assert_eq!(machine.qword(DATA + 64), u64::wrapping_sub(a, b) + 100);
}

#[test]
fn nested_buffers_run_in_order() {
    let mut machine = Machine::new("a730");
    let inner = packet(O::MemWrite, &[low(DATA), 0, 5]);
    machine.place(DATA + 0x100, &inner);
    let mut stream = packet(O::MemWrite, &[low(DATA), 0, 4]);
    let size = u32::try_from(inner.len()).unwrap();
    stream.extend(packet(O::IndirectBuffer, &[low(DATA + 0x100), 0, size]));
    stream.extend(packet(O::MemToMem, &[0, low(DATA + 4), 0, low(DATA), 0]));
    machine.complete(&stream);
    assert_eq!(machine.dword(DATA + 4), 5);
}

#[test]
fn registers_are_written_and_read_back() {
    for chip in ["a660", "a740"] {
        let mut machine = Machine::new(chip);
        let mut stream = write(REGISTER, &[1, 2, 3]);
        stream.extend(packet(O::RegToMem, &[REGISTER | (3 << 18), low(DATA), 0]));
        // No count means one.
        stream.extend(packet(O::RegToMem, &[(REGISTER + 1), low(DATA + 16), 0]));
        machine.complete(&stream);
        assert_eq!(
            [0, 4, 8, 12].map(|offset| machine.dword(DATA + offset)),
            [1, 2, 3, 0]
        );
        assert_eq!(machine.qword(DATA + 16), 2);
        assert_eq!(machine.processor.counters().registers, 3);
    }
}

#[test]
fn registers_add_to_memory() {
    let mut machine = Machine::new("a660");
    machine.place(DATA, &[5, 0, u32::MAX, 7]);
    let mut stream = write(REGISTER, &[10, 1]);
    stream.extend(packet(O::RegToMem, &[REGISTER | (1 << 31), low(DATA), 0]));
    stream.extend(packet(
        O::RegToMem,
        &[REGISTER | (3 << 30), low(DATA + 8), 0],
    ));
    machine.complete(&stream);
    assert_eq!(machine.qword(DATA), 15);
    assert_eq!(
        machine.qword(DATA + 8),
        ((7 << 32) | u64::from(u32::MAX)) + ((1 << 32) | 10)
    );
}

#[test]
fn the_always_on_counter_is_one_value() {
    let mut machine = Machine::new("a660");
    machine.ram.clock = 0x1_ffff_fffe;
    let pair = |flags: u32| packet(O::RegToMem, &[0x980 | flags, low(DATA), 0]);
    machine.complete(&pair((2 << 18) | (1 << 30)));
    assert_eq!(machine.qword(DATA), 0x1_ffff_ffff);
    machine.complete(&pair(2 << 18));
    assert_eq!(machine.qword(DATA), 0x2_0000_0000);
    machine.complete(&packet(O::RegToMem, &[0x981, low(DATA), 0]));
    assert_eq!(machine.dword(DATA), 2);
}

#[test]
fn offsets_come_from_registers_and_memory() {
    let mut machine = Machine::new("a660");
    machine.place(DATA, &[64]);
    let mut stream = write(REGISTER, &[32, 0]);
    stream.extend(packet(O::ScratchWrite, &[1 << 20, 48]));
    let to = [REGISTER, low(DATA), 0];
    stream.extend(packet(
        O::RegToMemOffsetReg,
        &[&to[..], &[REGISTER, REGISTER + 1]].concat(),
    ));
    stream.extend(packet(
        O::RegToMemOffsetReg,
        &[&to[..], &[(1 << 19) | 1]].concat(),
    ));
    stream.extend(packet(
        O::RegToMemOffsetMem,
        &[&to[..], &[low(DATA), 0]].concat(),
    ));
    machine.complete(&stream);
    assert_eq!(
        [32, 48, 64].map(|offset| machine.dword(DATA + offset)),
        [32; 3]
    );
}

#[test]
fn memory_goes_to_registers() {
    let mut machine = Machine::new("a730");
    machine.place(DATA, &[7, 9]);
    machine.complete(&packet(O::MemToReg, &[REGISTER | (2 << 19), low(DATA), 0]));
    assert_eq!(
        [machine.register(REGISTER), machine.register(REGISTER + 1)],
        [7, 9]
    );
    machine.complete(&packet(O::MemToReg, &[REGISTER | (1 << 30), low(DATA), 0]));
    assert_eq!(
        [machine.register(REGISTER), machine.register(REGISTER + 1)],
        [28, 9]
    );
}

#[test]
fn read_modify_write_masks_rotates_and_merges() {
    let mut machine = Machine::new("a660");
    let mut stream = write(REGISTER, &[0x8000_00ff, 0xf, 0x100]);
    stream.extend(packet(
        O::RegRmw,
        &[REGISTER | (4 << 24), 0x8000_000f, 0x1000],
    ));
    machine.complete(&stream);
    assert_eq!(machine.register(REGISTER), 0xf8 | 0x1000);
    let both = 7 << 29;
    machine.complete(&packet(
        O::RegRmw,
        &[REGISTER | both, REGISTER + 1, REGISTER + 2],
    ));
    assert_eq!(machine.register(REGISTER), 0x8 + 0x100);
    let mut machine = Machine::new("a740");
    machine.complete(&packet(O::RegRmw, &[(1 << 19) | 3, 0, 5]));
    machine.complete(&packet(O::ScratchToReg, &[REGISTER | (3 << 20)]));
    assert_eq!(machine.register(REGISTER), 5);
}

#[test]
fn register_pairs_are_written() {
    let mut machine = Machine::new("a740");
    let [a, b, c] = [REGISTER, REGISTER + 2, REGISTER + 3];
    machine.complete(&packet(O::ContextRegBunch, &[a, 1, b, 2]));
    machine.complete(&packet(O::ContextRegBunch2, &[9, 9, c, 3]));
    assert_eq!(
        [a, b, c].map(|register| machine.register(register)),
        [1, 2, 3]
    );
    machine.complete(&packet(O::RegWrite, &[2, a, 4]));
    machine.complete(&packet(O::RegWrNoCtxt, &[b, 5, 6]));
    assert_eq!(
        [a, b, c].map(|register| machine.register(register)),
        [4, 5, 6]
    );
    let fault = machine.fault(&packet(O::ContextRegBunch, &[a, 1, b]));
    assert!(matches!(fault.cause, Cause::Operand(O::ContextRegBunch, _)));
}

#[test]
fn scratch_registers_keep_values() {
    let mut machine = Machine::new("a660");
    let mut stream = packet(O::ScratchWrite, &[2 << 20, 11, 12]);
    stream.extend(packet(O::ScratchToReg, &[REGISTER | (2 << 20) | (1 << 24)]));
    stream.extend(packet(O::RegToScratch, &[REGISTER | (6 << 20) | (1 << 24)]));
    stream.extend(packet(O::ScratchToReg, &[(REGISTER + 2) | (7 << 20)]));
    machine.complete(&stream);
    assert_eq!(
        [0, 1, 2].map(|next| machine.register(REGISTER + next)),
        [11, 12, 12]
    );
    let fault = machine.fault(&packet(O::ScratchWrite, &[7 << 20, 1, 2]));
    assert!(matches!(fault.cause, Cause::Operand(O::ScratchWrite, _)));
}

#[test]
fn memcpy_moves_dwords_in_either_direction() {
    for offset in [0x2000, 0x100, 4] {
        for forward in [true, false] {
            let mut machine = Machine::new("a660");
            let data: std::vec::Vec<u32> = (0..0x400).collect();
            let (from, to) = if forward {
                (DATA, DATA + offset)
            } else {
                (DATA + offset, DATA)
            };
            machine.place(from, &data);
            let stream = packet(O::Memcpy, &[0x400, low(from), 0, low(to), 0]);
            machine.place(STREAM, &stream);
            machine.processor.start(STREAM, 6);
            let mut runs = 0;
            while machine.run(1) != Outcome::Done {
                runs += 1;
            }
            assert!(runs >= 0x1000 / 256);
            assert!((0..0x400).all(|index| machine.dword(to + u64::from(index) * 4) == index));
        }
    }
}

#[test]
fn sums_are_as_wide_as_their_operands() {
    let mut machine = Machine::new("a660");
    machine.place(DATA, &[u32::MAX, 0, 1, 0]);
    let operands = |flags| [flags, low(DATA + 32), 0, low(DATA), 0, low(DATA + 8), 0];
    machine.complete(&packet(O::MemToMem, &operands(0)));
    assert_eq!(machine.qword(DATA + 32), 0);
    machine.complete(&packet(O::MemToMem, &operands(1 << 29)));
    assert_eq!(machine.qword(DATA + 32), 1 << 32);
    let many = [
        0,
        low(DATA),
        0,
        low(DATA),
        0,
        low(DATA),
        0,
        low(DATA),
        0,
        low(DATA),
        0,
    ];
    let fault = machine.fault(&packet(O::MemToMem, &many));
    assert!(matches!(fault.cause, Cause::Operand(O::MemToMem, _)));
}

#[test]
fn long_writes_go_through_a_buffer() {
    let mut machine = Machine::new("a660");
    let data: std::vec::Vec<u32> = (100..1100).collect();
    machine.complete(&packet(O::MemWrite, &[&[low(DATA), 0][..], &data].concat()));
    assert!((0..1000).all(|index| machine.dword(DATA + index * 4) == 100 + low(index)));
    assert_eq!(machine.dword(DATA + 4000), 0);
    assert_eq!(machine.processor.counters().bytes_written, 4000);
}

#[test]
fn a_condition_decides_a_write() {
    let cases = [
        (0, 1, 9, true),
        (1, 8, 9, true),
        (1, 9, 9, false),
        (2, 9, 9, true),
        (3, 9, 9, true),
        (4, 9, 9, false),
        (5, 9, 9, true),
        (5, u32::MAX, 9, true),
        (6, 9, 9, false),
        (5 | (1 << 3), u32::MAX, 9, false),
        (1 | (1 << 3), u32::MAX, 9, true),
    ];
    for (flags, value, reference, written) in cases {
        let mut machine = Machine::new("a660");
        machine.place(DATA, &[value]);
        let poll = [
            flags | (1 << 4) | (1 << 8),
            low(DATA),
            0,
            reference,
            u32::MAX,
        ];
        let target = [low(DATA + 8), 0, 77];
        machine.complete(&packet(O::CondWrite5, &[&poll[..], &target].concat()));
        assert_eq!(
            machine.dword(DATA + 8) == 77,
            written,
            "{flags:#x} {value:#x}"
        );
    }
    // A register decides, through a mask, about a register.
    let mut machine = Machine::new("a660");
    let mut stream = write(REGISTER, &[0xab, 0]);
    stream.extend(packet(
        O::CondWrite5,
        &[3, REGISTER, 0, 0xa0, 0xf0, REGISTER + 1, 0, 5],
    ));
    machine.complete(&stream);
    assert_eq!(machine.register(REGISTER + 1), 5);
    let mut machine = Machine::new("a660");
    let mut stream = packet(O::ScratchWrite, &[4 << 20, 3]);
    stream.extend(packet(
        O::CondWrite5,
        &[3 | (2 << 4), 4, 0, 3, !0, REGISTER, 0, 6],
    ));
    machine.complete(&stream);
    assert_eq!(machine.register(REGISTER), 6);
}

#[test]
fn memory_faults_name_address_and_direction() {
    let mut machine = Machine::new("a660");
    let fault = machine.fault(&packet(O::MemWrite, &[0x1000, 0, 1]));
    assert_eq!(
        fault.cause,
        Cause::Memory(MemoryFault {
            address: 0x1000,
            write: true
        })
    );
    let fault = machine.fault(&packet(O::MemToMem, &[0, low(DATA), 0, 0x2000, 5]));
    assert_eq!(
        fault.cause,
        Cause::Memory(MemoryFault {
            address: (5 << 32) | 0x2000,
            write: false
        })
    );
    let fault = machine.fault(&packet(O::MemWrite, &[low(DATA + 2), 0, 1]));
    assert_eq!(
        fault.cause,
        Cause::Misaligned {
            address: DATA + 2,
            alignment: 4
        }
    );
    let end = u64::MAX - 3;
    let fault = machine.fault(&packet(O::Memcpy, &[4, low(end), high(end), low(DATA), 0]));
    assert_eq!(
        fault.cause,
        Cause::Memory(MemoryFault {
            address: end,
            write: false
        })
    );
}

#[test]
fn what_orders_or_hints_changes_nothing() {
    let hints = [
        O::Nop,
        O::WaitMemWrites,
        O::WaitForMe,
        O::WaitForIdle,
        O::SkipIb2EnableGlobal,
        O::SkipIb2EnableLocal,
        O::SetBinData5Offset,
        O::SetBinData5,
        O::LoadState6Geom,
        O::LoadState6Frag,
        O::LoadState6,
        O::SetSubdrawSize,
        O::InvalidateState,
        O::SetAmble,
        O::ContextUpdate,
        O::SetVisibilityOverride,
        O::ContextSwitchYield,
    ];
    let mut machine = Machine::new("a660");
    let stream: std::vec::Vec<u32> = hints
        .iter()
        .flat_map(|&hint| packet(hint, &[0; 20]))
        .collect();
    let registers = machine.registers.clone();
    machine.complete(&stream);
    assert_eq!(registers, machine.registers);
    assert!(machine.ram.bytes[stream.len() * 4..]
        .iter()
        .all(|&byte| byte == 0));
    assert_eq!(machine.processor.counters().packets, 17);
    assert_eq!(machine.processor.counters().dwords, 17 * 21);
}
