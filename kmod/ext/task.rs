// SPDX-License-Identifier: GPL-2.0

//! Who calls.

use super::shim;
use core::ptr::NonNull;
use kernel::{
    bindings,
    prelude::*,
    task::Task, //
};

/// A reference to the identity of a process, which no later process shares even where it gets the
/// same number.
///
/// # Invariants
///
/// Owns a reference to a `struct pid` that identifies a thread group.
pub(crate) struct ProcessId(NonNull<bindings::pid>);

// SAFETY: A `struct pid` may be used and released by any thread.
unsafe impl Send for ProcessId {}
// SAFETY: Only the pointer itself is compared.
unsafe impl Sync for ProcessId {}

impl ProcessId {
    /// The process of the calling thread.
    pub(crate) fn current() -> Result<Self> {
        // SAFETY: The current task is valid, and `get_task_pid` takes a reference for us.
        let pid =
            unsafe { bindings::get_task_pid(Task::current_raw(), bindings::pid_type_PIDTYPE_TGID) };
        // INVARIANT: The reference just taken is ours.
        Ok(Self(NonNull::new(pid).ok_or(ESRCH)?))
    }
}

impl PartialEq for ProcessId {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Drop for ProcessId {
    fn drop(&mut self) {
        // SAFETY: By the invariant we own a reference, and it goes with us.
        unsafe { bindings::put_pid(self.0.as_ptr()) }
    }
}

/// Whether the system call is one of a 32-bit program.
pub(crate) fn in_compat_call() -> bool {
    // SAFETY: The function looks at the current task only.
    unsafe { shim::kgsl_shim_in_compat_call() }
}

/// Whether the calling thread is about to die.
pub(crate) fn fatal_signal_pending() -> bool {
    // SAFETY: The function looks at the current task only.
    unsafe { shim::kgsl_shim_fatal_signal_pending() }
}
