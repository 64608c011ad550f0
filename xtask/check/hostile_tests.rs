// SPDX-License-Identifier: GPL-2.0

//! Hostile files: whatever the bytes are, there is a verdict, and it costs no more than the file is worth.

use super::elf::{Elf, SHT_SYMTAB};
use super::fixture::{kernel, Module, Symbol};
use super::loader::Alone;
use super::report::sheet;
use super::verdict;

/// A small generator of numbers, so that a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// Bytes that are likely to break something.
const NASTY: [u8; 6] = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

fn mutated(numbers: &mut Numbers, good: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..1 + numbers.below(4) {
        let at = numbers.below(bytes.len());
        match numbers.below(4) {
            0 => bytes[at] = NASTY[numbers.below(NASTY.len())],
            1 => bytes[at] ^= 1 << numbers.below(8),
            2 => {
                let end = (at + 8).min(bytes.len());
                bytes[at..end].fill(NASTY[numbers.below(NASTY.len())]);
            }
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

#[test]
fn any_mutation_has_a_verdict() {
    let good = Module::good().write();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let kernels = [kernel("6.18.0"), kernel("7.2.0"), super::Target::default()];
    for round in 0..30_000 {
        let bytes = mutated(&mut numbers, &good);
        let report = verdict::judge("demo.ko", &bytes, &kernels[round % kernels.len()], &Alone);
        assert_eq!(
            report.loads(),
            report.refusals().next().is_none(),
            "{report}"
        );
        assert!(report.loads() || !report.to_string().is_empty());
        let _ = sheet::module(&bytes);
    }
}

#[test]
fn every_truncation_is_refused() {
    let good = Module::good().write();
    for length in 0..good.len() {
        let report = verdict::judge("demo.ko", &good[..length], &kernel("6.18.0"), &Alone);
        assert!(!report.loads(), "{length} bytes of {}", good.len());
    }
}

/// Many symbols that all have one endless name: the square of the file's size, in time and in memory, if each were
/// read and told whole.
#[test]
fn endless_names_are_not_read_again_and_again() {
    let mut module = Module::good();
    module.symbols = vec![Symbol("", 0, 1); 60_000];
    module.symbols[0] = Symbol(Box::leak("x".repeat(1 << 20).into_boxed_str()), 0, 1);
    let mut bytes = module.write();
    let elf = Elf::parse(&bytes).unwrap();
    let table = elf
        .sections
        .iter()
        .find(|section| section.kind == SHT_SYMTAB)
        .unwrap();
    let (start, end) = (table.offset + 24, table.offset + table.size);
    for entry in (start..end).step_by(24) {
        let at = usize::try_from(entry).unwrap();
        bytes[at..at + 4].copy_from_slice(&1u32.to_le_bytes());
    }
    let report = verdict::judge("demo.ko", &bytes, &kernel("6.18.0"), &Alone);
    assert_eq!(report.errno.map(|errno| errno.name), Some("ENOENT"));
    assert!(report.findings.len() < 5000);
}
