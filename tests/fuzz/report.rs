// SPDX-License-Identifier: GPL-2.0

//! What the fuzzer says of its progress: lines that begin with `progress`, `note` or `done`, for people and for the host.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::code::{part, Code};
use super::shared::{Count, Shared};

/// How far all workers have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Ioctls that were issued.
    pub ioctls: u64,
    /// Sequences that were run.
    pub sequences: u64,
}

impl Sums {
    /// The sums now.
    pub(super) fn of(shared: &Shared, workers: usize) -> Self {
        let sum = |what| {
            let counts = (0..workers).map(|worker| u64::from(shared.counted(worker, what)));
            counts.sum()
        };
        Self {
            ioctls: sum(Count::Ioctls),
            sequences: sum(Count::Sequences),
        }
    }
}

/// A line on the progress after that time. Rates are of whole time: work that is slow at times is slow.
pub(super) fn line(
    word: &str,
    shared: &Shared,
    code: &Code,
    workers: usize,
    time: Duration,
) -> String {
    let Sums { ioctls, sequences } = Sums::of(shared, workers);
    let tenths = time.as_millis().max(1);
    let rate = |count: u64| u128::from(count) * 1000 / tenths;
    let mut line = format!(
        "{word} {} s: {ioctls} ioctls ({}/s), {sequences} sequences ({}/s), {} outcomes, {} kept",
        time.as_secs(),
        rate(ioctls),
        rate(sequences),
        shared.outcomes(),
        shared.kept()
    );
    let places = shared.places();
    if !places.is_empty() {
        let (run, all) = (code.run(&places).len(), code.count());
        // Writing to a string does not fail.
        let _ = write!(
            line,
            ", {} places in {run} of {all} functions ({} %)",
            places.len(),
            run * 100 / all.max(1)
        );
    }
    line
}

/// A line on how many functions of each part of the module were run, where that is known.
pub(super) fn parts(shared: &Shared, code: &Code) -> Option<String> {
    let places = shared.places();
    let mut parts = BTreeMap::<&str, (usize, usize)>::new();
    let of = |name| part(name).unwrap_or("C");
    code.names()
        .for_each(|name| parts.entry(of(name)).or_default().1 += 1);
    code.run(&places)
        .into_iter()
        .for_each(|name| parts.entry(of(name)).or_default().0 += 1);
    let words: Vec<_> = parts
        .iter()
        .map(|(part, (run, all))| format!("{part} {run} of {all}"))
        .collect();
    (!places.is_empty()).then(|| format!("functions: {}", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_has_come() {
        let shared = Shared::new().unwrap();
        (0..50).for_each(|_| shared.count(1, Count::Ioctls));
        let line = line(
            "progress",
            &shared,
            &Code::default(),
            2,
            Duration::from_secs(5),
        );
        let expected = "progress 5 s: 50 ioctls (10/s), 0 sequences (0/s), 0 outcomes, 0 kept";
        assert_eq!(line, expected);
    }
}
