// SPDX-License-Identifier: GPL-2.0

//! The command line of `fuzz`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use clap::Args;
use xshell::Shell;

use super::finding::Finding;
use super::laboratory::Laboratory;
use super::sequence::{self, Sequence};
use super::watch::Ending;
use crate::arch::Arch;
use crate::kernel::series;
use crate::target::{Profile, Target};

/// Fuzz the module's ioctls in a virtual machine, until the time is over or something is found.
///
/// The exit status is 1 if the kernel went wrong; the sequence of calls that did it is then saved, and made as short as it
/// can be by replaying parts of it in fresh machines.
#[derive(Args)]
#[command(after_help = "Examples:\n  cargo xtask fuzz --time 10m\n  \
                        cargo xtask fuzz --time 1h --seed 7 --profile sanitize\n  \
                        cargo xtask fuzz --replay target/fuzz/arm64-6.18-default-seed-7.txt --trace")]
pub struct Fuzz {
    /// For how long: seconds, or a number with s, m or h.
    #[arg(long, default_value = "60s", value_parser = duration)]
    time: Duration,
    /// What every choice follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Processes that make calls.
    #[arg(long, default_value_t = 2)]
    workers: u32,
    /// Processors of the machine; one is faster where the host has few, and two see more races.
    #[arg(long, default_value_t = 2)]
    processors: u32,
    /// Run the sequences of this file instead, which an earlier finding has left.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "workers"])]
    replay: Option<PathBuf>,
    /// How often to run them; races need many.
    #[arg(long, value_name = "TIMES", default_value_t = 100, requires = "replay")]
    repeat: u32,
    /// Run them once, and write out each call with its arguments.
    #[arg(long, requires = "replay", conflicts_with = "repeat")]
    trace: bool,
    /// Leave a finding as long as it is.
    #[arg(long)]
    no_minimize: bool,
    /// Architecture of the kernel.
    #[arg(long, value_enum, default_value_t)]
    arch: Arch,
    /// Series of the kernel.
    #[arg(long, default_value = series::DEFAULT, value_parser = PossibleValuesParser::new(series::names()))]
    series: String,
    /// What the kernel is built to show.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
}

/// A number of seconds, minutes or hours.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, seconds) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) if text.ends_with('m') => (number, 60),
        Some(number) if text.ends_with('h') => (number, 3600),
        Some(number) => (number, 1),
        None => (text, 1),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "it is not a number with s, m or h".to_owned())?;
    let seconds = number.checked_mul(seconds).filter(|&seconds| seconds > 0);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "it is no time at all, or more than there is".to_owned())
}

impl Fuzz {
    /// Runs the fuzzer; exit status 0 when nothing was found.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let target = Target {
            arch: self.arch,
            series: self.series.clone(),
            profile: self.profile,
        };
        let laboratory = Laboratory::open(sh, &target, self.processors)?;
        let ending = match &self.replay {
            Some(file) => {
                let text = sh
                    .read_file(file)
                    .with_context(|| format!("reading {}", file.display()))?;
                let sequences = sequence::parse(&text);
                anyhow::ensure!(!sequences.is_empty(), "{} has no sequence", file.display());
                laboratory.replay_aloud(&sequences, self.repeat, self.trace)?
            }
            None => laboratory.fuzz(self.seed, self.workers, self.time)?,
        };
        match ending {
            Ending::Clean => Ok(ExitCode::SUCCESS),
            Ending::Wrong { symptom, window } => {
                self.tell(sh, &laboratory, &symptom, window)?;
                Ok(ExitCode::FAILURE)
            }
        }
    }

    /// Tells of what was found; saves it, and makes it shorter, unless it was a replay.
    fn tell(
        &self,
        sh: &Shell,
        laboratory: &Laboratory,
        symptom: &str,
        window: Vec<Sequence>,
    ) -> anyhow::Result<()> {
        println!("found: {symptom}");
        println!("log: {}", laboratory.console().display());
        if self.replay.is_some() {
            return Ok(());
        }
        let finding = Finding::new(laboratory.target(), self.seed, symptom, window);
        finding.save(sh)?;
        match self.no_minimize {
            true => Ok(()),
            false => finding.minimize(sh, laboratory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("7", 7), ("7s", 7), ("10m", 600), ("2h", 7200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in [
            "",
            "0",
            "x",
            "1d",
            "-1s",
            "99999999999999999999h",
            "9999999999999999999h",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
