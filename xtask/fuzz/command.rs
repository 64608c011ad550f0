// SPDX-License-Identifier: GPL-2.0

//! The command line of `fuzz`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::anyhow;
use clap::builder::PossibleValuesParser;
use clap::Args;
use xshell::Shell;

use super::finding::Finding;
use super::laboratory::Laboratory;
use super::sequence::{self, Sequence};
use super::watch::Ending;
use crate::advice::misuse;
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
                        cargo xtask fuzz --time 10m --profile sanitize --kmemleak\n  \
                        cargo xtask fuzz --replay target/fuzz/arm64-6.18-default-seed-7.txt --trace\n  \
                        cargo xtask fuzz --replay 5e83a1c09d2b7f64 --trace")]
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
    /// Run the sequences of this file instead, which an earlier finding has left; or the one that follows from the seed
    /// in its line `@ WORKER SEED`.
    #[arg(long, value_name = "FILE|SEED", conflicts_with_all = ["seed", "workers"])]
    replay: Option<PathBuf>,
    /// How often to run them; races need many.
    #[arg(long, value_name = "TIMES", default_value_t = 100, requires = "replay")]
    repeat: u32,
    /// Run them once, and write out each call with its arguments.
    #[arg(long, requires = "replay", conflicts_with = "repeat")]
    trace: bool,
    /// Have the kernel look for memory that was lost, once the module is gone; it notes all that is allocated, and takes
    /// half as long again for everything. Not without `--profile sanitize`.
    #[arg(long)]
    kmemleak: bool,
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
        if self.kmemleak && self.profile != Profile::Sanitize {
            let problem = anyhow!("the {} kernel does not look for leaks", self.profile);
            return Err(misuse(problem, "add --profile sanitize to --kmemleak"));
        }
        let replay = self
            .replay
            .as_deref()
            .map(|source| sequences(sh, source))
            .transpose()?;
        let laboratory = Laboratory::open(sh, &target, self.processors, self.kmemleak)?;
        let ending = match replay {
            Some(sequences) => laboratory.replay_aloud(&sequences, self.repeat, self.trace)?,
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
        let finding = Finding::new(laboratory, self.seed, symptom, window);
        finding.save(sh)?;
        match self.no_minimize {
            true => Ok(()),
            false => finding.minimize(sh, laboratory),
        }
    }
}

/// The sequences of a file, or that of a seed.
fn sequences(sh: &Shell, source: &Path) -> anyhow::Result<Vec<Sequence>> {
    if let Some(seed) = seed(source).filter(|_| !sh.path_exists(source)) {
        return Ok(vec![sequence::of_seed(seed)]);
    }
    let text = sh.read_file(source).map_err(|error| {
        let next = "name a file that was saved, or the seed of a sequence in it";
        misuse(error, next).context(format!("{} is no seed", source.display()))
    })?;
    let sequences = sequence::parse(&text);
    anyhow::ensure!(
        !sequences.is_empty(),
        "{} has no sequence",
        source.display()
    );
    Ok(sequences)
}

/// The seed of a sequence, as the file of a finding has it.
fn seed(text: &Path) -> Option<u64> {
    u64::from_str_radix(text.to_str()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_is_a_seed_or_a_file() {
        let sh = Shell::new().unwrap();
        let directory = sh.create_temp_dir().unwrap();
        sh.change_dir(directory.path());
        let found = |source: &str| sequences(&sh, Path::new(source));
        assert_eq!(found("7f").unwrap(), [sequence::of_seed(0x7f)]);
        sh.write_file("7f", "@ 1\n0 OPEN 3\n").unwrap();
        assert_eq!(found("7f").unwrap()[0].steps, ["0 OPEN 3"]);
        sh.write_file("empty", "# nothing\n").unwrap();
        for wrong in ["empty", "missing.txt"] {
            let error = found(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }

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
