// SPDX-License-Identifier: GPL-2.0

//! The command line of the fuzzer.

use std::time::Duration;

use super::shared::WORKERS;

/// How it is used.
const USAGE: &str = "\
usage: fuzz [--seed=N] [--time=SECONDS] [--workers=N] [--record]
       fuzz --replay=FILE [--repeat=N] [--trace]
";

/// What the fuzzer is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// What every choice follows from.
    pub seed: u64,
    /// For how long.
    pub time: Duration,
    /// How many processes run sequences.
    pub workers: usize,
    /// Whether sequences are written to the standard output before they are run.
    pub record: bool,
    /// The file with the sequences that are run instead.
    pub replay: Option<String>,
    /// How often they are run.
    pub repeat: u32,
    /// Whether each call is written to the standard output.
    pub trace: bool,
}

impl Options {
    /// Parses the command line; a message where it is wrong.
    pub(super) fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            seed: 1,
            time: Duration::from_secs(10),
            workers: 2,
            record: false,
            replay: None,
            repeat: 1,
            trace: false,
        };
        for word in words {
            options.take(&word)?;
        }
        Ok(options)
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "--seed" => self.seed = number(value)?,
            "--time" => self.time = Duration::from_secs(number(value)?),
            "--workers" => self.workers = number::<usize>(value)?.clamp(1, WORKERS),
            "--record" => self.record = true,
            "--replay" => self.replay = Some(value.to_owned()),
            "--repeat" => self.repeat = number(value)?,
            "--trace" => self.trace = true,
            _ => return Err(format!("fuzz knows no option {word}\n{USAGE}")),
        }
        Ok(())
    }
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse()
        .map_err(|_| format!("not a number: {word}\n{USAGE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_option_is_taken() {
        let options = parse("--seed=7 --time=3 --workers=99 --record").unwrap();
        assert_eq!((options.seed, options.time), (7, Duration::from_secs(3)));
        assert_eq!((options.workers, options.record), (WORKERS, true));
        let options = parse("--replay=file --repeat=5 --trace").unwrap();
        assert_eq!(options.replay.as_deref(), Some("file"));
        assert_eq!((options.repeat, options.trace), (5, true));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, said) in [
            ("--seed", "not a number"),
            ("--seed=x", "not a number: x"),
            ("--frob", "--frob"),
        ] {
            assert!(parse(line).unwrap_err().contains(said), "{line}");
        }
    }
}
