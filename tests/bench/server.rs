// SPDX-License-Identifier: GPL-2.0

//! A process of its own that measures when it is asked: a process has one address space of the GPU, and so what differs
//! in its objects differs in its process.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use super::measure::timed;
use super::submission;
use crate::client::{Bench, Device, Object};

/// The word of the command line for such a process.
pub(super) const WORD: &str = "serve";

/// A process that measures; it ends with its value.
pub(super) struct Server {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// A process that has so many live objects.
    pub(super) fn start(objects: usize) -> io::Result<Self> {
        let mut child = Command::new("/proc/self/exe")
            .args([WORD, &objects.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let questions = child.stdin.take().ok_or_else(missing)?;
        let answers = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Self {
            child,
            questions,
            answers,
        })
    }

    /// Has it submit so many times; how long that took.
    pub(super) fn submit(&mut self, count: u32) -> io::Result<Duration> {
        writeln!(self.questions, "{count}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let nanoseconds = answer.trim_end().parse().map_err(io::Error::other)?;
        Ok(Duration::from_nanos(nanoseconds))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to be done about a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What such a process does: it answers until it is ended.
pub(super) fn serve(objects: usize) -> io::Result<()> {
    let device = Device::open()?;
    let bench = Bench::new(&device);
    let commands = submission::commands(&bench);
    // The bench has two; they all live as long as the process.
    for _ in 2..objects {
        Object::gpumem(&device, 0x1000, 0)?;
    }
    let mut submit = timed(|| submission::submit(&bench, commands));
    for line in io::stdin().lines() {
        let count = line?.parse().map_err(io::Error::other)?;
        println!("{}", submit(count)?.as_nanos());
    }
    Ok(())
}
