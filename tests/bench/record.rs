// SPDX-License-Identifier: GPL-2.0

//! What the benchmark writes: lines of words with tabs between them. `clock`, with its name and its step in nanoseconds;
//! `case`, with what is compared, then a `pair` for each pair of samples, `error`, and `end` when all is done.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::time::Duration;

use super::measure::Pair;
use crate::status;

/// The virtio-serial port that the host reads.
const PORT: &str = "bench";

/// What is compared.
#[derive(Clone, Debug)]
pub(super) struct Title {
    /// The job that both sides do.
    pub(super) job: &'static str,
    /// How many bytes it is about; 0 where that is no question.
    pub(super) size: u64,
    /// The other side.
    pub(super) peer: &'static str,
    /// By which part of the other side's time ours should be bounded, at the other side's best; `None` for what only tells
    /// what the machine gives.
    pub(super) target: Option<f64>,
}

/// The way to the host.
pub(super) struct Recorder(BufWriter<File>);

impl Recorder {
    /// Opens the way.
    pub(super) fn open() -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(status::port(PORT)?)?;
        Ok(Self(BufWriter::new(file)))
    }

    /// Writes what time is measured by.
    pub(super) fn clock(&mut self, name: &str, step: Duration) -> io::Result<()> {
        writeln!(self.0, "clock\t{name}\t{}", step.as_nanos())?;
        self.0.flush()
    }

    /// Writes what a comparison came to.
    pub(super) fn comparison(&mut self, title: &Title, pairs: &[Pair]) -> io::Result<()> {
        let Title {
            job,
            size,
            peer,
            target,
        } = title;
        let target = target.map_or_else(|| "-".to_owned(), |target| target.to_string());
        writeln!(self.0, "case\t{job}\t{size}\t{peer}\t{target}")?;
        for Pair { ours, theirs } in pairs {
            writeln!(self.0, "pair\t{ours:.1}\t{theirs:.1}")?;
        }
        self.0.flush()
    }

    /// Says what went wrong, in one line.
    pub(super) fn error(mut self, error: &io::Error) -> io::Result<()> {
        let message = error.to_string().replace(['\n', '\t'], " ");
        writeln!(self.0, "error\t{message}")?;
        self.0.flush()
    }

    /// Says that there is no more.
    pub(super) fn end(mut self) -> io::Result<()> {
        writeln!(self.0, "end")?;
        self.0.flush()
    }
}
