// SPDX-License-Identifier: GPL-2.0

//! Properties of every command stream: no panic, an end within the budget, and the same result in
//! pieces as in one go.

use super::engine::Job;
use super::machine::{packet, write, Machine, BASE, DATA, SIZE, STREAM};
use super::meter::Meter;
use super::reference::{Surface, READABLE, WRITABLE};
use crate::gpu::chip::Generation;
use crate::gpu::fault::Fault;
use crate::gpu::opcode::Opcode;
use crate::gpu::{Outcome, Processor};
use core::mem::discriminant;
use proptest::prelude::*;
use std::vec::Vec;

/// Every opcode that one of the generations knows.
fn opcodes() -> Vec<Opcode> {
    let decode = |value| {
        let both = [Generation::A6xx, Generation::A7xx];
        both.into_iter()
            .filter_map(move |generation| Opcode::decode(value, generation))
    };
    (0..=0x7f).flat_map(decode).collect()
}

/// A dword that often is an address, the upper half of one, or a small number.
fn dword() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => Just(0),
        4 => (BASE..BASE + SIZE).prop_map(|address| u32::try_from(address & !3).unwrap()),
        3 => 0_u32..64,
        1 => any::<u32>(),
        1 => (0_u32..32).prop_map(|bit| 1 << bit),
    ]
}

/// A surface that mostly lies in memory.
fn surface() -> impl Strategy<Value = Surface> {
    let formats: Vec<u32> = WRITABLE.iter().chain(READABLE).map(|row| row.0).collect();
    let format = prop_oneof![9 => proptest::sample::select(formats), 1 => 0_u32..256];
    let base = (DATA..BASE + SIZE).prop_map(|address| address & !63);
    (format, 0_u32..4, any::<bool>(), base, 0_u64..20).prop_map(
        |(format, swap, srgb, base, pitch)| Surface {
            format,
            swap,
            srgb,
            base,
            pitch: pitch * 64,
        },
    )
}

/// A blit of any kind.
fn blit() -> impl Strategy<Value = Vec<u32>> {
    let area = proptest::array::uniform4(0_u32..70);
    let info =
        prop_oneof![6 => Just(0_u32), 2 => Just(3 << 8), 1 => Just(1 << 16), 1 => any::<u32>()];
    let info = info.prop_map(|info| info & !0x2cff);
    let solid = proptest::option::of((proptest::array::uniform4(any::<u32>()), 0_u32..17));
    let extra = prop_oneof![4 => Just(0_u32), 2 => 0_u32..8, 1 => Just((1 << 31) | (5 << 20))];
    let kept = prop_oneof![4 => Just(0_u32), 1 => Just(0x0800_0041), 1 => Just(0x0008_4001)];
    let surfaces = (surface(), surface());
    (
        any::<bool>(),
        surfaces,
        area.clone(),
        area,
        solid,
        (info.clone(), info),
        extra,
        kept,
    )
        .prop_map(
            |(
                a7xx,
                (to, from),
                [a, b, c, d],
                [e, f, g, h],
                solid,
                infos,
                control,
                unknown_8c01,
            )| {
                let mut job = Job::copy(a7xx, to, from, 1, 1);
                job.to_area = [a, b, a + c, b + d];
                let [e, f, g, h] = [e, f, g, h].map(|edge| i32::try_from(edge).unwrap());
                // The same size often enough to copy whole rows.
                job.from_area = if g % 2 == 0 {
                    [
                        e,
                        f,
                        e + i32::try_from(c).unwrap(),
                        f + i32::try_from(d).unwrap(),
                    ]
                } else {
                    [e - 9, f - 9, e + g, f + h]
                };
                job.from_size = [100, 150];
                (job.solid, job.control, job.unknown_8c01) = (solid, control, unknown_8c01);
                (job.source_info, job.destination_info) = infos;
                job.stream()
            },
        )
}

/// A piece of a command stream.
fn piece() -> impl Strategy<Value = Vec<u32>> {
    let operands = proptest::collection::vec(dword(), 0..12);
    let opcode = proptest::sample::select(opcodes());
    let register = prop_oneof![0x8c00_u32..0x8c40, 0x8400_u32..0x8410, 0_u32..0x4_0000];
    let values = proptest::collection::vec(dword(), 0..6);
    prop_oneof![
        10 => (opcode, operands).prop_map(|(opcode, operands)| packet(opcode, &operands)),
        3 => (register, values).prop_map(|(register, values)| write(register, &values)),
        1 => dword().prop_map(|dword| vec![dword]),
        6 => blit(),
        3 => (0_u32..0x1000, DATA..BASE + SIZE, DATA..BASE + SIZE).prop_map(|(count, from, to)| {
            let [from, to] = [from, to].map(|address| u32::try_from(address & !3).unwrap());
            packet(Opcode::Memcpy, &[count, from, 0, to, 0])
        }),
    ]
}

/// A command stream of either generation.
fn stream() -> impl Strategy<Value = (&'static str, Vec<u32>)> {
    let pieces = proptest::collection::vec(piece(), 1..12);
    (
        proptest::sample::select(vec!["a618", "a660", "a663", "a740"]),
        pieces,
    )
        .prop_map(|(chip, pieces)| (chip, pieces.concat()))
}

/// A machine with a stream that is ready to run, and something to read.
fn ready(chip: &str, stream: &[u32]) -> Machine {
    let mut machine = Machine::new(chip);
    for (index, byte) in machine.ram.bytes.iter_mut().enumerate() {
        *byte = ((index * 37) >> 3) as u8;
    }
    machine.place(STREAM, stream);
    machine
        .processor
        .start(STREAM, u32::try_from(stream.len()).unwrap());
    machine
}

/// The most that one unit of work may move beyond the budget, in bytes: a row of the largest
/// texels, or the longest packet.
const UNIT: u64 = 0x4000 * 16 + 0x1000;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_make_the_whole((chip, stream) in stream(), budgets in proptest::collection::vec(0_u32..40, 1..20)) {
        let mut whole = ready(chip, &stream);
        let outcome = whole.run(u32::MAX);
        let mut parts = ready(chip, &stream);
        let mut runs = 0;
        let last = loop {
            let budget = budgets[runs % budgets.len()] + u32::from(runs % budgets.len() == 0);
            match parts.run(budget) {
                Outcome::Budget => runs += 1,
                other => break other,
            }
            prop_assert!(runs < 10_000_000);
        };
        if let (Outcome::Fault(one), Outcome::Fault(other)) = (outcome, last) {
            // How much an operation did before it met a hole is not specified, nor which byte of
            // the hole it met.
            let place = |fault: Fault| (fault.level, fault.address, discriminant(&fault.cause));
            prop_assert_eq!(place(one), place(other));
            return Ok(());
        }
        prop_assert_eq!(outcome, last);
        prop_assert_eq!(whole.processor.counters(), parts.processor.counters());
        prop_assert!(whole.registers == parts.registers);
        prop_assert!(whole.ram == parts.ram);
    }

    #[test]
    fn a_run_keeps_to_its_budget((chip, stream) in stream(), budget in 0_u32..2000) {
        let mut machine = ready(chip, &stream);
        let mut meter = Meter::new(machine.ram.clone());
        let mut registers = crate::gpu::Registers::new(&mut machine.registers).unwrap();
        for _ in 0..50 {
            meter.effort = 0;
            let outcome =
                machine.processor.run(&mut registers, &mut meter, &machine.configuration, budget);
            // A unit moves UNIT_BYTES, or four texels there and back, each fetched by itself.
            let bound = u64::from(budget) * (Processor::UNIT_BYTES + 4 * 60) + UNIT;
            prop_assert!(meter.effort <= bound, "{} > {}", meter.effort, bound);
            if outcome != Outcome::Budget {
                break;
            }
        }
    }

    #[test]
    fn any_dwords_end(stream in proptest::collection::vec(any::<u32>(), 0..200)) {
        let outcome = ready("a660", &stream).run(u32::MAX);
        prop_assert!(outcome != Outcome::Budget);
    }
}
