// SPDX-License-Identifier: GPL-2.0

//! A virtual machine that runs.

use std::path::PathBuf;
use std::process::{Child, ChildStdout, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::directory::Directory;
use super::report::Report;
use super::run::Run;

/// How often a running machine is looked at.
const POLL: Duration = Duration::from_millis(5);

/// A running machine; one that is dropped is ended.
pub struct Machine {
    run: Run,
    child: Child,
    /// Taken when the machine's report is made.
    directory: Option<Directory>,
    console: PathBuf,
    started: Instant,
}

impl Machine {
    pub(super) fn new(run: Run, child: Child, directory: Directory) -> Self {
        Self {
            run,
            child,
            console: directory.console(),
            directory: Some(directory),
            started: Instant::now(),
        }
    }

    /// Waits for the machine's end, or for the deadline, which counts from the start; then judges the run.
    pub fn finish(mut self) -> anyhow::Result<Report> {
        let left = |deadline: Duration| deadline.saturating_sub(self.started.elapsed());
        let ended =
            wait(&mut self.child, self.run.deadline.map(left)).context("waiting for QEMU")?;
        let directory = self
            .directory
            .take()
            .context("the machine has been judged already")?;
        Report::read(&self.run, directory, ended, self.started.elapsed())
    }

    /// Whether it has come to its end, or should have.
    pub fn is_over(&mut self) -> bool {
        let late = self
            .run
            .deadline
            .is_some_and(|deadline| self.started.elapsed() > deadline);
        late || !matches!(self.child.try_wait(), Ok(None))
    }

    /// The console log, which grows.
    pub fn console(&self) -> PathBuf {
        self.console.clone()
    }

    /// What the program of a machine with [`Job::Stream`](super::Job::Stream) writes, once.
    pub fn take_output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Nothing is left to be done about a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the end; past the deadline, the process is killed and there is no status.
fn wait(child: &mut Child, deadline: Option<Duration>) -> std::io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if deadline.is_some_and(|deadline| started.elapsed() > deadline) {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_that_ends_has_a_status() {
        let mut child = Command::new("sh").args(["-c", "exit 3"]).spawn().unwrap();
        let status = wait(&mut child, Some(Duration::from_secs(60)))
            .unwrap()
            .unwrap();
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_process_that_hangs_is_killed_at_the_deadline() {
        let mut child = Command::new("sleep").arg("3600").spawn().unwrap();
        assert_eq!(
            wait(&mut child, Some(Duration::from_millis(50))).unwrap(),
            None
        );
        assert!(
            child.try_wait().unwrap().is_some(),
            "the process was waited for"
        );
    }
}
