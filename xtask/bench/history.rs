// SPDX-License-Identifier: GPL-2.0

//! What earlier runs came to: a line of JSON for each in the cache, so that a slowdown is seen, and said.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::comparison::{Comparison, Results};
use super::statistics::median;
use crate::project;

/// How many earlier runs count, at most and at least.
const RUNS: usize = 10;
const RUNS_LEAST: usize = 3;

/// By how much a ratio has to grow before it is called a slowdown, in three pairs of four: less is noise on a busy
/// machine.
const SLOWDOWN: f64 = 1.25;

/// The file.
pub(super) fn path() -> anyhow::Result<PathBuf> {
    Ok(project::cache()?.join("bench/history.jsonl"))
}

/// Every run in the file; lines of another schema are left out.
pub(super) fn read(path: &Path) -> Vec<Results> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Adds a run.
pub(super) fn append(path: &Path, results: &Results) -> anyhow::Result<()> {
    let writing = || format!("writing {}", path.display());
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).with_context(writing)?;
    }
    let line = serde_json::to_string(results).context("writing JSON")?;
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(writing)?;
    file.write_all(format!("{line}\n").as_bytes())
        .with_context(writing)
}

/// What has become slower than it was in the last runs on such a machine, in words.
pub(super) fn slowdowns(earlier: &[Results], now: &Results) -> Vec<String> {
    let alike: Vec<_> = earlier
        .iter()
        .rev()
        .filter(|run| run.machine.is_like(&now.machine))
        .take(RUNS)
        .collect();
    now.comparisons
        .iter()
        .filter_map(|one| slowdown(&alike, one))
        .collect()
}

fn slowdown(earlier: &[&Results], now: &Comparison) -> Option<String> {
    let ratios: Vec<f64> = earlier
        .iter()
        .filter_map(|run| run.comparisons.iter().find(|one| one.is_same(now)))
        .map(|one| one.ratio)
        .collect();
    let usual = median(&ratios);
    let slower = ratios.len() >= RUNS_LEAST && now.quartiles[0] > usual * SLOWDOWN;
    slower.then(|| {
        format!(
            "{} beside {}: the ratio is {:.2}, and was {usual:.2} in the last {} runs",
            now.title(),
            now.peer,
            now.ratio,
            ratios.len()
        )
    })
}
