// SPDX-License-Identifier: GPL-2.0

//! One process per test, so that a crash or a hang fails that test only.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pipe::{pipe_with, PipeFlags};
use rustix::process::{kill_process_group, Pid, Signal};

use super::ktap::{Ktap, Outcome};
use crate::suite::SKIPPED;

/// How long a killed test may take to die: one that the driver holds in the kernel never does.
const GRACE: Duration = Duration::from_secs(5);

/// What a test's process does.
enum Event {
    /// It wrote a line.
    Line(String),
    /// It ended.
    Ended(io::Result<ExitStatus>),
}

/// Runs the test of that name in a process of its own and passes its output on as diagnostics.
pub(super) fn run(name: &str, timeout: Duration, ktap: &mut Ktap) -> io::Result<Outcome> {
    let (child, output) = spawn(name)?;
    let group = Pid::from_child(&child);
    let events = watch(child, output);
    let outcome = follow(&events, timeout, ktap)?;
    // Whatever the test has left behind goes, so that it cannot disturb the next one.
    let _ = kill_process_group(group, Signal::KILL);
    match outcome {
        Some(outcome) => Ok(outcome),
        None => {
            let died = follow(&events, GRACE, ktap)?.is_some();
            Ok(Outcome::Failed(timed_out(timeout, died)))
        }
    }
}

fn timed_out(timeout: Duration, died: bool) -> String {
    let seconds = timeout.as_secs();
    match died {
        true => format!("timed out after {seconds} s and was killed"),
        false => {
            format!("timed out after {seconds} s and cannot be killed: it hangs in the kernel")
        }
    }
}

fn spawn(name: &str) -> io::Result<(Child, File)> {
    let (output, input) = pipe_with(PipeFlags::CLOEXEC)?;
    let child = Command::new("/proc/self/exe")
        .arg(name)
        .stdin(Stdio::null())
        .stdout(input.try_clone()?)
        .stderr(input)
        .process_group(0)
        .spawn()?;
    Ok((child, File::from(output)))
}

/// Two threads, so that neither a silent test nor one that leaves its output open to another process is waited for.
fn watch(mut child: Child, output: File) -> Receiver<Event> {
    let (lines, events) = mpsc::channel();
    let end = lines.clone();
    let reader = thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            if lines
                .send(Event::Line(String::from_utf8_lossy(&line).into_owned()))
                .is_err()
            {
                break;
            }
        }
    });
    thread::spawn(move || {
        let status = child.wait();
        // The last lines come before the end, unless some other process keeps the pipe open.
        let patience = Instant::now() + Duration::from_millis(200);
        while !reader.is_finished() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
        let _ = end.send(Event::Ended(status));
    });
    events
}

/// Passes lines on until the test has ended; `None` when it does not in time.
fn follow(
    events: &Receiver<Event>,
    timeout: Duration,
    ktap: &mut Ktap,
) -> io::Result<Option<Outcome>> {
    let deadline = Instant::now() + timeout;
    let mut skipped = String::new();
    loop {
        match events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(Event::Line(line)) => match line.strip_prefix("SKIP ") {
                Some(reason) => skipped = reason.to_owned(),
                None => ktap.diagnostic(&line)?,
            },
            Ok(Event::Ended(status)) => return Ok(Some(outcome(status?, skipped))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}

fn outcome(status: ExitStatus, skipped: String) -> Outcome {
    match (status.code(), status.signal()) {
        (Some(0), _) => Outcome::Passed,
        (Some(SKIPPED), _) => Outcome::Skipped(skipped),
        (Some(code), _) => Outcome::Failed(format!("ended with exit status {code}")),
        (None, signal) => Outcome::Failed(format!(
            "was killed by signal {}",
            signal.unwrap_or_default()
        )),
    }
}
