// SPDX-License-Identifier: GPL-2.0

//! Signals that come while a thread waits in the kernel, and processes that come while others work.

use std::fs;
use std::io;
use std::thread;

/// Whether a system call that a signal has interrupted goes on after the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It does: `SA_RESTART`.
    Yes,
    /// It fails with EINTR.
    No,
}

/// A thread, as the kernel knows it.
#[derive(Clone, Copy, Debug)]
pub struct Thread(libc::pid_t);

extern "C" fn nothing(_: libc::c_int) {}

/// Has SIGUSR1 call a handler that does nothing.
pub fn handle(restart: Restart) {
    // SAFETY: A zeroed action is valid, and its fields are set to a handler that touches nothing and to known flags.
    let installed = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
        action.sa_flags = match restart {
            Restart::Yes => libc::SA_RESTART,
            Restart::No => 0,
        };
        libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut())
    };
    assert_eq!(installed, 0, "{}", io::Error::last_os_error());
}

impl Thread {
    /// The calling thread.
    pub fn current() -> Self {
        // SAFETY: The call takes no argument and only returns a number.
        Self(unsafe { libc::gettid() })
    }

    /// Sends SIGUSR1 to the thread once it sleeps in an ioctl, unless it ends before.
    pub fn interrupt(self) {
        if self.comes_to_sleep() {
            self.signal();
        }
    }

    /// Returns when the thread sleeps in an ioctl; whether it does, or has ended before.
    pub fn comes_to_sleep(self) -> bool {
        loop {
            match self.system_call() {
                Some(call) if call == libc::SYS_ioctl.to_string() => return true,
                Some(_) => thread::yield_now(),
                None => return false,
            }
        }
    }

    /// Sends SIGUSR1 to the thread, whatever it does; nothing happens if it has ended.
    pub fn signal(self) {
        // SAFETY: The signal has a handler, and the thread is of this process.
        let sent =
            unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), self.0, libc::SIGUSR1) };
        let error = io::Error::last_os_error();
        let ended = error.raw_os_error() == Some(libc::ESRCH);
        assert!(sent == 0 || ended, "{error}");
    }

    /// The number of the system call in which the thread sleeps, or that it runs; `None` when it has ended.
    fn system_call(self) -> Option<String> {
        let path = format!("/proc/self/task/{}/syscall", self.0);
        let said = fs::read_to_string(path).ok()?;
        Some(said.split_whitespace().next()?.to_owned())
    }
}

/// Makes a child that ends at once: from then on, until it has, this process shares its memory with it, copy on write.
pub fn fork_briefly() {
    // SAFETY: The child does nothing but end, which is allowed after a fork of a process with threads.
    unsafe {
        match libc::fork() {
            0 => libc::_exit(0),
            child => {
                assert!(child > 0, "{}", io::Error::last_os_error());
                assert_eq!(libc::waitpid(child, std::ptr::null_mut(), 0), child);
            }
        }
    }
}
