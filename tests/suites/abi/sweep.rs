// SPDX-License-Identifier: GPL-2.0

//! Every number with every kind of nonsense: no call may do more than fail.

use kgsl_shim::abi::perfcounter::PERFCOUNTER_PUT;
use rustix::io::Errno;

use super::{open, PAGE};
use crate::client::{Argument, Context, Device, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_call_that_fails_leaves_its_argument_alone,
    an_argument_that_is_nowhere_is_never_followed,
    an_answer_that_cannot_be_delivered_is_an_error,
];

/// Every number that the ABI has had, and some that it has not.
const NUMBERS: std::ops::RangeInclusive<u32> = 0..=0x62;

/// The largest structure, in bytes, and more.
const ROOM: usize = 128;

/// The direction bits of a number: neither, what the program writes, what it reads, both.
const DIRECTIONS: [u32; 4] = [0, 1 << 30, 2 << 30, 3 << 30];

fn number(direction: u32, size: usize, nr: u32) -> u32 {
    direction | (u32::try_from(size).expect("sizes are small") << 16) | (0x09 << 8) | nr
}

/// The device still does what it is asked.
fn works(device: &Device) {
    let object = Object::gpumem(device, PAGE, 0).expect("memory is allocated");
    let mapping = object.map(device).expect("it is mapped");
    let commands = Commands::default()
        .mem_write(object.gpu_address + 64, &[42])
        .clone();
    mapping.write(0, commands.dwords());
    let context = Context::new(device).expect("a context is created");
    let timestamp = context
        .submit(object.gpu_address, commands.dwords().len())
        .expect("it is submitted");
    context.wait(timestamp, super::LONG).expect("it retires");
    assert_eq!(mapping.read(64, 1), [42]);
}

fn a_call_that_fails_leaves_its_argument_alone() {
    let device = open();
    for nr in NUMBERS {
        for direction in DIRECTIONS {
            for size in [0, 1, 4, 7, 8, 16, 24, 40, 64, ROOM] {
                for pattern in [0x00, 0x01, 0x7f, 0xa5, 0xff] {
                    let mut bytes = [pattern; ROOM];
                    let full = number(direction, size, nr);
                    let result = device.raw(full, Argument::Bytes(&mut bytes));
                    let untouched = bytes.iter().all(|byte| *byte == pattern);
                    assert!(result.is_ok() || untouched, "{full:#x} {pattern:#x}");
                    let outside = bytes[size..].iter().all(|byte| *byte == pattern);
                    assert!(outside, "{full:#x} {pattern:#x}");
                }
            }
        }
    }
    works(&device);
}

fn an_argument_that_is_nowhere_is_never_followed() {
    let device = open();
    for nr in NUMBERS {
        for size in [4, 8, 24, 64] {
            for address in [0, 8, 0xffff_8000_0000_0000, usize::MAX - 3] {
                let full = number(DIRECTIONS[3], size, nr);
                let refused = device.raw(full, Argument::Nowhere(address));
                assert!(
                    matches!(refused, Err(Errno::FAULT | Errno::NOTTY)),
                    "{full:#x} {address:#x}: {refused:?}"
                );
            }
        }
    }
    works(&device);
}

/// What was made all the same goes with the file.
fn an_answer_that_cannot_be_delivered_is_an_error() {
    for _ in 0..3 {
        let device = open();
        for nr in NUMBERS.filter(|&nr| nr != u32::from(PERFCOUNTER_PUT.nr())) {
            // The structure reads as zero, and its answer has nowhere to go. Only PERFCOUNTER_PUT has none, and gives
            // back what PERFCOUNTER_GET has reserved.
            let full = number(DIRECTIONS[2], 64, nr);
            for _ in 0..50 {
                let refused = device.raw(full, Argument::Nowhere(8));
                assert_ne!(refused, Ok(0), "{full:#x}");
            }
        }
        works(&device);
    }
}
