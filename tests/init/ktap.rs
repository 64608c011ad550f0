// SPDX-License-Identifier: GPL-2.0

//! The Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst), on the console.

use std::io;

use crate::kernel_log::Writer;

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It held.
    Passed,
    /// It did not, and why.
    Failed(String),
    /// It could not be run, and why.
    Skipped(String),
}

/// Writes one plan and its results.
#[derive(Debug)]
pub struct Ktap {
    console: Writer,
    done: usize,
    failed: usize,
}

impl Ktap {
    /// Announces `planned` tests.
    pub fn start(mut console: Writer, planned: usize) -> io::Result<Self> {
        console.line("KTAP version 1")?;
        console.line(&format!("1..{planned}"))?;
        Ok(Self {
            console,
            done: 0,
            failed: 0,
        })
    }

    /// Says something about the test that runs.
    pub fn diagnostic(&mut self, text: &str) -> io::Result<()> {
        self.console.line(&format!("# {text}"))
    }

    /// Reports the next test.
    pub fn result(&mut self, name: &str, outcome: &Outcome) -> io::Result<()> {
        self.done += 1;
        let number = self.done;
        match outcome {
            Outcome::Passed => self.console.line(&format!("ok {number} {name}")),
            Outcome::Skipped(reason) => self
                .console
                .line(&format!("ok {number} {name} # SKIP {reason}")),
            Outcome::Failed(reason) => {
                self.failed += 1;
                for line in format!("{name}: {reason}").lines() {
                    self.diagnostic(line)?;
                }
                self.console.line(&format!("not ok {number} {name}"))
            }
        }
    }

    /// How many tests were reported.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many of them failed.
    pub fn failed(&self) -> usize {
        self.failed
    }
}
