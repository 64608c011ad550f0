// SPDX-License-Identifier: GPL-2.0

//! Performance counters: their registers, and what streams read from them.

use super::machine::{low, packet, store, write, Machine, DATA};
use crate::gpu::chip::Generation;
use crate::gpu::counters::Counters;
use crate::gpu::opcode::Opcode as O;
use crate::gpu::performance::{groups, Countable, Counter, Reading};
use crate::gpu::Registers;
use std::collections::BTreeSet;
use std::vec;
use std::vec::Vec;

const GENERATIONS: [(Generation, &str); 2] =
    [(Generation::A6xx, "a660"), (Generation::A7xx, "a750")];

fn counters(generation: Generation) -> impl Iterator<Item = Counter> {
    groups(generation)
        .iter()
        .flat_map(|group| (0..group.count).map(move |index| Counter { group, index }))
}

/// CP_REG_TO_MEM of a pair of registers.
fn read_pair(register: u32, to: u64) -> Vec<u32> {
    packet(O::RegToMem, &[register | (2 << 18) | (1 << 30), low(to), 0])
}

#[test]
fn every_register_shows_half_of_one_counter() {
    for (generation, _) in GENERATIONS {
        let mut seen = BTreeSet::new();
        for counter in counters(generation) {
            for register in [counter.low(), counter.high()] {
                assert!(seen.insert(register), "{generation:?} {register:#x}");
                let (found, _) = Counter::at(generation, register).unwrap();
                assert_eq!(
                    (found.group.id, found.index),
                    (counter.group.id, counter.index)
                );
            }
        }
        assert!(Counter::at(generation, 0x8000).is_none());
    }
}

#[test]
fn streams_may_read_every_counter_and_select_what_it_counts() {
    for (generation, _) in GENERATIONS {
        let mut dwords = vec![0; Registers::COUNT];
        let mut registers = Registers::new(&mut dwords).unwrap();
        for counter in counters(generation) {
            registers.read(generation, counter.low()).unwrap();
            registers.read(generation, counter.high()).unwrap();
            if let Some(select) = counter.select() {
                registers.write(generation, select, 7).unwrap();
                assert_eq!(registers.get(select), 7, "{generation:?} {select:#x}");
            }
        }
    }
}

/// As turnip's performance queries do: select, read, work, read.
#[test]
fn the_difference_of_two_reads_is_what_lies_between() {
    for (generation, chip) in GENERATIONS {
        let command_processor = &groups(generation)[0];
        let counter = |index| Counter {
            group: command_processor,
            index,
        };
        let selected = [(1, 46), (2, 45), (3, 48), (4, 9)];
        let mut stream = Vec::new();
        for (index, countable) in selected {
            stream.extend(write(counter(index).select().unwrap(), &[countable]));
        }
        let slot = |index: u32, at: u64| DATA + u64::from(index) * 16 + at;
        for (index, _) in selected {
            stream.extend(read_pair(counter(index).low(), slot(index, 0)));
        }
        for number in 0..16 {
            stream.extend(store(DATA + 0x100 + number * 4, 1));
        }
        for (index, _) in selected {
            stream.extend(read_pair(counter(index).low(), slot(index, 8)));
        }
        let mut machine = Machine::new(chip);
        machine.complete(&stream);
        let mut difference = |index| machine.qword(slot(index, 8)) - machine.qword(slot(index, 0));
        // Between two reads of a counter lie three reads of others; each of those writes 8 bytes.
        assert_eq!(difference(1), 16 + 4);
        assert_eq!(difference(2), 16 * 3 + 4 * 3);
        assert_eq!(difference(3), (16 * 4 + 4 * 8) / 32);
        assert_eq!(difference(4), 0, "there is no mode to switch");
    }
}

#[test]
fn halves_are_read_alone() {
    let mut machine = Machine::new("a660");
    // RBBM's countable 1 is the always-on counter.
    let mut stream = write(0x507, &[1]);
    stream.extend(packet(O::RegToMem, &[0x41c, low(DATA), 0]));
    stream.extend(packet(O::RegToMem, &[0x41d, low(DATA) + 4, 0]));
    machine.complete(&stream);
    assert_eq!(machine.qword(DATA), 0x1_2345_6789);
}

#[test]
fn beats_are_thirty_two_bytes() {
    let reading = Reading {
        counters: Counters {
            bytes_read: 100,
            bytes_written: 31,
            packets: 3,
            dwords: 10,
            ..Counters::new()
        },
        ..Reading::default()
    };
    for (countable, value) in [
        (Countable::ReadBeats, 3),
        (Countable::WriteBeats, 0),
        (Countable::PacketHeaders, 3),
        (Countable::PacketData, 7),
        (Countable::Never, 0),
    ] {
        assert_eq!(
            countable.scale(countable.raw(&reading)),
            value,
            "{countable:?}"
        );
    }
}

#[test]
fn counters_add_up() {
    let mut sums = Counters {
        packets: u64::MAX,
        dwords: 5,
        ..Counters::new()
    };
    let mut counted = Counters {
        packets: 2,
        dwords: 4,
        blits: 2,
        ..Counters::new()
    };
    counted.move_to(&mut sums);
    assert_eq!((sums.packets, sums.dwords, sums.blits), (1, 9, 2));
    assert_eq!(counted, Counters::new(), "they begin anew");
}
