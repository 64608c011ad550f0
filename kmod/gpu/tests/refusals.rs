// SPDX-License-Identifier: GPL-2.0

//! What is no packet, and what user command streams may not do.

use super::machine::{low, packet, store, write, Machine, DATA, STREAM};
use crate::gpu::chip::Generation;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode as O;
use crate::gpu::packet::Header;
use crate::gpu::Outcome;
use std::string::ToString;

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
            assert_ne!(Header::decode(dword ^ (1 << bit)), Some(header));
        }
    }
    // What Mesa writes: a type-7 header of CP_NOP without operands, and a type-4 one of two
    // registers.
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
