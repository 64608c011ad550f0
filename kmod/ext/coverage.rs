// SPDX-License-Identifier: GPL-2.0

//! Tells a kernel with KCOV whose code a work runs, so that a fuzzer sees what its calls bring about
//! after they have returned. To any other kernel this is nothing.
//!
//! C header: `include/linux/kcov.h`

/// The thread on whose behalf works run: what `kcov_common_handle()` says of it.
#[derive(Clone, Copy)]
pub(crate) struct Tracee {
    #[cfg(CONFIG_KCOV)]
    handle: CommonHandle,
}

/// A time in which what the calling thread runs is traced for somebody else.
pub(crate) struct Trace {
    /// It ends in the thread in which it began.
    _here: core::marker::PhantomData<*mut ()>,
}

#[cfg(not(CONFIG_KCOV))]
impl Tracee {
    /// The calling thread.
    pub(crate) fn current() -> Self {
        Self {}
    }

    /// Traces nothing.
    pub(crate) fn trace(self) -> Trace {
        Trace {
            _here: core::marker::PhantomData,
        }
    }
}

#[cfg(CONFIG_KCOV)]
impl Tracee {
    /// The calling thread.
    pub(crate) fn current() -> Self {
        Self {
            // SAFETY: The function looks at the current task only.
            handle: unsafe { kcov_common_handle() },
        }
    }

    /// Begins to trace the calling thread, which must be one of a workqueue. May sleep, and looks for
    /// memory: not where somebody waits for a fence.
    pub(crate) fn trace(self) -> Trace {
        // SAFETY: A thread of a workqueue is traced for nobody else, `drop` ends what is begun here,
        // and the handle is one that the kernel has given out.
        unsafe { kcov_remote_start(self.handle) };
        Trace {
            _here: core::marker::PhantomData,
        }
    }
}

#[cfg(CONFIG_KCOV)]
impl Drop for Trace {
    fn drop(&mut self) {
        // SAFETY: `Tracee::trace` has begun it in this thread, and it ends once.
        unsafe { kcov_remote_stop() }
    }
}

/// What the kernel knows a tracee by: a `u64`, or from 7.2 on a structure with nothing else in it,
/// which is passed in the same way.
#[cfg(CONFIG_KCOV)]
#[derive(Clone, Copy)]
#[repr(transparent)]
struct CommonHandle(u64);

#[cfg(CONFIG_KCOV)]
extern "C" {
    fn kcov_common_handle() -> CommonHandle;
    fn kcov_remote_start(handle: CommonHandle);
    fn kcov_remote_stop();
}
