// SPDX-License-Identifier: GPL-2.0

//! The calls of 32-bit programs, whose structures are others: a program makes some that follow from its argument.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::fuzz::run::Run;
use crate::fuzz::shared::Count;

/// `tests/compat/fuzz.c`.
const PROGRAM: &str = "/bin/fuzz32";

/// How long it may live, in milliseconds; most end before.
const LIFE: u64 = 400;

/// Runs the program; it is killed some time if it does not end before.
pub(super) fn program(run: &mut Run<'_>) {
    let seed = run.dice.any32();
    let patience = match run.dice.one_in(4) {
        true => run.dice.below(LIFE),
        false => LIFE,
    };
    let child = Command::new(PROGRAM)
        .arg(format!("{seed:x}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(Ok(status)) = child.map(|child| end(child, patience)) else {
        return;
    };
    // It ends with the number of its calls, unless something has ended it.
    for _ in 0..status.code().unwrap_or(0) {
        run.stage.shared.count(run.stage.worker, Count::Ioctls);
    }
}

/// Waits for the end, for so many milliseconds; then brings it about.
fn end(mut child: Child, patience: u64) -> io::Result<ExitStatus> {
    for _ in 0..patience {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill()?;
    child.wait()
}
