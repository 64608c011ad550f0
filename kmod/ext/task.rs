// SPDX-License-Identifier: GPL-2.0

//! Who calls.

use super::shim;
use core::ptr::NonNull;
use kernel::{
    bindings,
    ffi::{
        c_char,
        c_uint, //
    },
    fmt,
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

impl ProcessId {
    /// Whether it is the process of the calling thread.
    pub(crate) fn is_current(&self) -> bool {
        // SAFETY: The function compares the pointer with that of the current task, which keeps its
        // own process as long as it runs.
        unsafe { shim::kgsl_shim_is_current_process(self.0.as_ptr()) }
    }

    /// Its number, as the first namespace sees it.
    pub(crate) fn number(&self) -> u32 {
        // SAFETY: By the invariant the `struct pid` is valid; it has a number in each namespace down
        // to its own, and so in the first.
        let number = unsafe { (*(*self.0.as_ptr()).numbers.as_ptr()).nr };
        // Numbers of processes are positive.
        u32::try_from(number).unwrap_or(0)
    }
}

/// The name of a process, as it was when it was asked for.
pub(crate) struct ProcessName([u8; NAME_SIZE]);

/// `TASK_COMM_LEN`, the closing zero included.
const NAME_SIZE: usize = 16;

impl ProcessName {
    /// The name of the process of the calling thread.
    pub(crate) fn current() -> Self {
        let mut name = [0; NAME_SIZE];
        // SAFETY: The function writes at most as many bytes as the name has, and a zero at the end.
        unsafe { kgsl_shim_process_name(name.as_mut_ptr().cast()) };
        Self(name)
    }
}

impl fmt::Display for ProcessName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.split(|&byte| byte == 0).next().unwrap_or_default();
        match core::str::from_utf8(bytes) {
            Ok(name) => f.write_str(name),
            Err(_) => f.write_str("?"),
        }
    }
}

/// How many CPUs there are to run command processors.
pub(crate) fn online_cpus() -> u32 {
    // SAFETY: The function may be called from any context.
    unsafe { kgsl_shim_online_cpus() }
}

extern "C" {
    fn kgsl_shim_process_name(name: *mut c_char);
    fn kgsl_shim_online_cpus() -> c_uint;
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

/// Whether fences may wait for what the calling thread does: in a work, and where it has said so.
pub(crate) fn holds_up_fences() -> bool {
    // SAFETY: The function looks at the current task only.
    unsafe { shim::kgsl_shim_holds_up_fences() }
}

/// Whether the calling thread is about to die.
pub(crate) fn fatal_signal_pending() -> bool {
    // SAFETY: The function looks at the current task only.
    unsafe { shim::kgsl_shim_fatal_signal_pending() }
}
