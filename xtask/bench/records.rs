// SPDX-License-Identifier: GPL-2.0

//! What the program in the virtual machine writes: lines of words with tabs between them. `case` and what is compared,
//! a `pair` for each pair of samples, `error`, and `end` when all is done.

use std::str::FromStr;

use anyhow::{bail, ensure, Context};

use super::comparison::Samples;

/// Reads everything; fails when the end is missing or a comparison has no samples.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Samples>> {
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
                target: number(target)?,
                ..Samples::default()
            }),
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
    Ok(all)
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
