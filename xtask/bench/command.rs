// SPDX-License-Identifier: GPL-2.0

//! The command line of `bench`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::{Args, ValueEnum};
use xshell::Shell;

use super::comparison::{self, Results, SCHEMA};
use super::machine::Machine;
use super::{guest, history, host, plot, table};
use crate::progress;
use crate::target::Target;
use crate::vm::Workshop;

/// Measure the module beside the kernel's own C code doing the same job, in one boot of a virtual machine.
///
/// What is on the other side is the kernel's dma-heap, udmabuf, vgem and sw_sync, memset and memcpy. Samples of both sides
/// are taken in turns; the ratio is the median over the pairs. Results are kept in the cache, so that a slowdown is seen.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench\n  cargo xtask bench --only import --arch x86_64\n  \
                        cargo xtask bench --format json --plot bench.svg\n  \
                        cargo xtask bench --host"
)]
pub struct Bench {
    #[command(flatten)]
    target: Target,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Draw the ratios into this SVG file.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Measure only jobs with this in their names; such a run is not kept.
    #[arg(long, value_name = "PART", default_value = "")]
    only: String,
    /// Measure the tool itself on the host instead: build beside make, the load test, and builds from nothing.
    #[arg(long, conflicts_with_all = ["only", "quick"])]
    host: bool,
    /// Take one sample of each only: the numbers mean nothing, but everything has run. Such a run is not kept.
    #[arg(long)]
    quick: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// A table.
    #[default]
    Text,
    /// JSON.
    Json,
}

impl Bench {
    /// Measures; exit status 0 whatever the numbers are.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let results = self.measure(sh)?;
        match self.format {
            Format::Text => print!("{}", table::text(&results)),
            Format::Json => println!("{}", serde_json::to_string_pretty(&results)?),
        }
        if let Some(file) = &self.plot {
            std::fs::write(file, plot::svg(&results)?)
                .with_context(|| format!("writing {}", file.display()))?;
        }
        if !self.quick && self.only.is_empty() {
            keep(&results)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn measure(&self, sh: &Shell) -> anyhow::Result<Results> {
        let workshop = Workshop::open(sh, &self.target)?;
        let machine = Machine::describe(sh, &workshop);
        let samples = match self.host {
            true => host::measure(sh, &workshop)?,
            false => guest::measure(sh, &workshop, self.quick, &self.only)?,
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Results {
            schema: SCHEMA,
            machine,
            time: now.context("the clock stands before 1970")?.as_secs(),
            comparisons: comparison::comparisons(&samples),
        })
    }
}

/// Says what has become slower since earlier runs, and keeps this one.
fn keep(results: &Results) -> anyhow::Result<()> {
    let path = history::path()?;
    for slowdown in history::slowdowns(&history::read(&path), results) {
        progress::note(format!("slower: {slowdown}"));
    }
    history::append(&path, results)
}
