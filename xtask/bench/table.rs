// SPDX-License-Identifier: GPL-2.0

//! The table for people.

use super::comparison::{Comparison, Results};

/// The machine, a line for each comparison, and how many targets are met.
pub(super) fn text(results: &Results) -> String {
    let all = &results.comparisons;
    let column = |cell: fn(&Comparison) -> usize| all.iter().map(cell).max().unwrap_or(0);
    let jobs = column(|one| one.title().len());
    let peers = column(|one| one.peer.len());
    let mut text = results.machine.text();
    text.push_str(&format!(
        "\n{:jobs$}  {:>9}  {:peers$}  {:>9}  {:>6}  {:>13}  {}\n",
        "job", "ours", "peer", "theirs", "ratio", "quartiles", "target"
    ));
    for one in all {
        text.push_str(&format!(
            "{:jobs$}  {:>9}  {:peers$}  {:>9}  {:>6}  {:>13}  {}\n",
            one.title(),
            time(one.ours),
            one.peer,
            time(one.theirs),
            ratio(one.ratio),
            one.quartiles.map(ratio).join(" .. "),
            target(one)
        ));
    }
    let met = |wanted| {
        all.iter()
            .filter(|one| one.verdict() == Some(wanted))
            .count()
    };
    text.push_str(&format!(
        "\n{} targets met, {} missed. A ratio is our time by the peer's, and the median of all pairs of samples.\n",
        met(true),
        met(false)
    ));
    text
}

/// A time in nanoseconds, in the unit that suits it.
pub(super) fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} us", ns / 1e3),
        ns if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

/// A ratio, with two digits that count.
pub(super) fn ratio(value: f64) -> String {
    match value {
        value if value < 0.01 => format!("{value:.4}"),
        value if value < 0.1 => format!("{value:.3}"),
        value => format!("{value:.2}"),
    }
}

/// The target of a comparison with the fastest peer, and whether it is met.
fn target(one: &Comparison) -> String {
    match one.own_target() {
        None if one.target.is_none() => "(what the machine gives)".to_owned(),
        None => "(another peer is faster)".to_owned(),
        Some(target) if one.ratio <= target => format!("<= {target:.2}  met"),
        Some(target) => format!("<= {target:.2}  MISSED"),
    }
}
