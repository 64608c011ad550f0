// SPDX-License-Identifier: GPL-2.0

//! What the program in the virtual machine writes: lines of words with tabs between them. `clock` and what it is, `case`
//! and what is compared, a `pair` for each pair of samples, `error`, and `end` when all is done.

use std::str::FromStr;

use anyhow::{anyhow, bail, ensure, Context};

use super::comparison::Samples;
use crate::advice::advised;

/// How long the smallest step of the clock may be, in nanoseconds: a hundredth of a sample.
const COARSEST: f64 = 5000.0;

/// Reads everything; fails when the clock was too coarse, the end is missing or a comparison has no samples.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Samples>> {
    expect_fine_clock(text)?;
    let mut all: Vec<Samples> = Vec::new();
    let mut ended = false;
    for line in text.lines() {
        ensure!(!ended, "something follows the end: {line}");
        let words: Vec<&str> = line.split('\t').collect();
        match words[..] {
            ["case", job, size, peer, target] => all.push(Samples {
                job: job.to_owned(),
                size: number(size)?,
                peer: peer.to_owned(),
                target: (target != "-").then(|| number(target)).transpose()?,
                ..Samples::default()
            }),
            ["clock", ..] => {}
            ["pair", ours, theirs] => {
                let samples = all.last_mut().context("samples of nothing")?;
                samples.ours.push(positive(ours)?);
                samples.theirs.push(positive(theirs)?);
            }
            ["error", message] => bail!("{message}"),
            ["end"] => ended = true,
            _ => bail!("a line that means nothing: {line}"),
        }
    }
    ensure!(ended, "the end is missing");
    if let Some(empty) = all.iter().find(|samples| samples.ours.is_empty()) {
        bail!("no samples of {} beside {}", empty.job, empty.peer);
    }
    let is_told = text.lines().any(|line| line.starts_with("clock\t"));
    ensure!(is_told, "nothing is said of the clock");
    Ok(all)
}

/// Fails as soon as it is known that the machine's clock steps are too long for anything to be measured.
pub(super) fn expect_fine_clock(text: &str) -> anyhow::Result<()> {
    let clocks = text.lines().filter_map(|line| line.strip_prefix("clock\t"));
    for clock in clocks {
        let (name, step) = clock.split_once('\t').context("half a clock")?;
        let step: f64 = positive(step)?;
        if step > COARSEST {
            return Err(coarse(name, step));
        }
    }
    Ok(())
}

fn coarse(name: &str, step: f64) -> anyhow::Error {
    let problem = anyhow!(
        "the machine's clock, {name}, goes in steps of {:.1} us, and a sample takes 500 us: its figures would mean nothing",
        step / 1e3
    );
    advised(
        problem,
        "run it again when the host is less busy, for then the kernel can measure the counter that makes a better clock \
         (an x86_64 machine says what came of it: grep -E 'tsc|clocksource' on its console log), and what has been measured \
         once serves until the host's next boot; or measure on arm64, whose counter has a known rate: --arch arm64",
    )
}

/// How many comparisons there are so far.
pub(super) fn count(text: &str) -> usize {
    text.lines()
        .filter(|line| line.starts_with("case\t"))
        .count()
}

fn number<T: FromStr>(word: &str) -> anyhow::Result<T> {
    word.parse()
        .ok()
        .with_context(|| format!("not a number: {word}"))
}

fn positive(word: &str) -> anyhow::Result<f64> {
    let time: f64 = number(word)?;
    ensure!(
        time.is_finite() && time > 0.0,
        "a time that cannot be: {word}"
    );
    Ok(time)
}
