// SPDX-License-Identifier: GPL-2.0

//! Messages that a program can provoke, at a bounded rate.

use super::shim;
use kernel::{
    fmt,
    prelude::*, //
};

/// Reports that work of a context had no effect, unless too many such reports came before.
pub(crate) fn without_effect(context: u32, what: &dyn fmt::Display) {
    // SAFETY: The function has a lock of its own and may be called from anywhere.
    if unsafe { shim::kgsl_shim_may_log() } {
        pr_notice!("kgsl-3d0: context {context}: {what}\n");
    }
}

/// Reports that a submission could not go on, unless too many such reports came before.
pub(crate) fn fault(context: u32, timestamp: u32, cause: &dyn fmt::Display) {
    // SAFETY: The function has a lock of its own and may be called from anywhere.
    if unsafe { shim::kgsl_shim_may_log() } {
        pr_err!("kgsl-3d0: context {context}: submission {timestamp}: {cause}\n");
    }
}

/// Reports that an object's memory cannot be mapped, unless too many such reports came before.
pub(crate) fn not_mapped(object: u32, error: Error) {
    // SAFETY: The function has a lock of its own and may be called from anywhere.
    if unsafe { shim::kgsl_shim_may_log() } {
        pr_err!(
            "kgsl-3d0: object {object}: its dma-buf cannot be mapped into the kernel ({error:?}): \
             what reaches for it faults\n"
        );
    }
}
