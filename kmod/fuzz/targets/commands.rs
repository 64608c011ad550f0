// SPDX-License-Identifier: GPL-2.0

//! Fuzzes the GPU with raw command streams in a bounded address space.
//!
//! The first bytes of an input choose the chip, the budget of each run, and whether packet headers
//! are mended: random bytes seldom have the parity that a header needs. The rest is the stream. It
//! lies at the start of memory, so that it can overwrite itself; memory faults on everything
//! outside.
//!
//! What must hold: nothing panics, no access is misaligned, every run returns, and a submission
//! ends.

#![no_main]

#[path = "../../benches/ram.rs"]
mod ram;

use kgsl_shim::gpu::chip::CHIPS;
use kgsl_shim::gpu::packet::Header;
use kgsl_shim::gpu::{Configuration, Outcome, Processor, Registers};
use libfuzzer_sys::fuzz_target;
use ram::{Ram, BASE};

/// The bytes of memory.
const SIZE: usize = 0x2_0000;

/// The runs after which a submission is given up: a stream can call buffers that call buffers for
/// hours.
const RUNS: u32 = 32;

/// Gives a dword that looks like a header the parity of one, and returns how many dwords its packet
/// has.
fn mend(dword: &mut u32) -> u32 {
    let header = match *dword >> 28 {
        0x4 => Header::Registers {
            register: *dword >> 8 & 0x3_ffff,
            count: *dword & 0x7f,
        },
        0x7 => Header::Operation {
            opcode: (*dword >> 16 & 0x7f) as u8,
            count: *dword & 0x7fff,
        },
        _ => return 0,
    };
    *dword = header.encode();
    match header {
        Header::Registers { count, .. } | Header::Operation { count, .. } => count,
    }
}

/// Mends the headers of a stream.
fn mend_all(stream: &mut [u32]) {
    let mut next = 0;
    while let Some(dword) = stream.get_mut(next) {
        next += mend(dword) as usize + 1;
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&[choice, budget], rest)) = input.split_first_chunk::<2>() else {
        return;
    };
    let mut stream: Vec<u32> = rest
        .chunks_exact(4)
        .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    stream.truncate(SIZE / 8);
    if choice & 1 == 0 {
        mend_all(&mut stream);
    }
    let mut ram = Ram::new(SIZE);
    for (bytes, dword) in ram.bytes.chunks_exact_mut(4).zip(&stream) {
        bytes.copy_from_slice(&dword.to_le_bytes());
    }
    let configuration = Configuration {
        chip: &CHIPS[usize::from(choice >> 2) % CHIPS.len()],
        strict: choice & 2 != 0,
    };
    let mut values = vec![0; Registers::COUNT];
    let mut registers = Registers::new(&mut values).expect("the count is right");
    let mut processor = Processor::new();
    processor.start(BASE, stream.len() as u32);
    for _ in 0..RUNS {
        let budget = u32::from(budget).pow(2) / 64 + 1;
        match processor.run(&mut registers, &mut ram, &configuration, budget) {
            Outcome::Budget => {}
            Outcome::Fault(fault) => {
                assert!(!fault.to_string().is_empty(), "a fault says what it is");
                assert_eq!(
                    processor.run(&mut registers, &mut ram, &configuration, 1),
                    Outcome::Done
                );
                break;
            }
            Outcome::Done | Outcome::Waiting => break,
        }
    }
});
