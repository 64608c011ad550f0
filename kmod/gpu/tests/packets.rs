// SPDX-License-Identifier: GPL-2.0

//! A test for each packet.

use super::machine::{high, low, packet, write, Machine, DATA, STREAM};
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode as O;
use crate::gpu::Outcome;

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
    assert_eq!(machine.qword(DATA + 8), 9 << 32 | 8);
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
    machine.complete(&packet(O::MemToMem, &[&[1 << 29 | 0b010][..], &d].concat()));
    let (a, b) = (1 << 32 | 10, 2 << 32 | 3_u64);
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
fn event_writes_its_timestamp() {
    let mut machine = Machine::new("a660");
    machine.complete(&packet(O::EventWrite, &[4, low(DATA), high(DATA), 77]));
    assert_eq!(machine.dword(DATA), 77);
    let mut machine = Machine::new("a740");
    machine.complete(&packet(
        O::EventWrite7,
        &[22 | 1 << 27, low(DATA), high(DATA), 78],
    ));
    assert_eq!(machine.dword(DATA), 78);
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
fn faults_name_the_packet() {
    let mut machine = Machine::new("a660");
    let stream = [write(0x8c2c, &[1]), write(0x0800, &[1])].concat();
    let fault = machine.fault(&stream);
    assert_eq!(fault.cause, Cause::PrivilegedRegister(0x800));
    assert_eq!((fault.level, fault.address), (1, STREAM + 8));
    assert_eq!(machine.register(0x8c2c), 1);
    let text = std::string::ToString::to_string(&fault);
    assert_eq!(text, "IB1 at 0x100008: register 0x800 is privileged");
}
