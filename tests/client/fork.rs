// SPDX-License-Identifier: GPL-2.0

//! Processes that are copies of this one.

use std::io;

use rustix::process::{kill_process, waitpid, Pid, Signal, WaitOptions, WaitStatus};

/// Which of the two processes goes on.
#[derive(Debug)]
pub enum Forked {
    /// The one that was there before.
    Parent(Child),
    /// The new one, and its only way to end: what its parent would do at its end is not its affair.
    Child(End),
}

/// A child, which has not been waited for.
#[derive(Debug)]
pub struct Child(Pid);

/// The end of a child.
#[derive(Debug)]
pub struct End(());

/// Makes a child. It has this thread and no other, and so none of the locks that other threads hold may be needed there:
/// the C library sees to those of its own.
pub fn fork() -> io::Result<Forked> {
    // SAFETY: The child is a copy of a process that lives by the rules; callers take no lock there that another thread
    // may hold.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child(End(()))),
        child => {
            let child = Pid::from_raw(child).ok_or_else(io::Error::last_os_error)?;
            Ok(Forked::Parent(Child(child)))
        }
    }
}

impl End {
    /// Ends the process with an exit status of 0.
    pub fn now(self) -> ! {
        self.with(0)
    }

    /// Ends the process.
    pub fn with(self, status: i32) -> ! {
        // SAFETY: The call ends the process without running anything of it.
        unsafe { libc::_exit(status) }
    }
}

impl Child {
    /// How it has ended; `None` while it has not.
    pub fn status(&self) -> Option<WaitStatus> {
        let waited = waitpid(Some(self.0), WaitOptions::NOHANG).ok()?;
        waited.map(|(_, status)| status)
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.status().is_some()
    }

    /// Sends SIGKILL, without waiting for what comes of it.
    pub fn send_kill(&self) {
        // It may have ended in between.
        let _ = kill_process(self.0, Signal::KILL);
    }

    /// Kills it, and waits for its end.
    pub fn kill(self) {
        self.send_kill();
        let _ = waitpid(Some(self.0), WaitOptions::empty());
    }
}
