// SPDX-License-Identifier: GPL-2.0

//! Why a submission could not go on, and who is told.

use crate::{
    abi::command::{
        PageFaultReport,
        PAGEFAULT_READ,
        PAGEFAULT_TRANSLATION,
        PAGEFAULT_WRITE, //
    },
    ext::trace,
    gpu::fault::{
        Cause,
        Fault, //
    }, //
};
use kernel::fmt;

/// Why a submission could not go on.
pub(super) enum Hang {
    /// The command stream is wrong.
    Fault(Fault),
    /// It waited too long.
    Timeout,
}

impl Hang {
    /// What GET_FAULT_REPORT says of it, if the GPU could not access memory.
    pub(super) fn page_fault(&self) -> Option<PageFaultReport> {
        let Self::Fault(Fault {
            cause: Cause::Memory(fault),
            ..
        }) = self
        else {
            return None;
        };
        let direction = match fault.write {
            true => PAGEFAULT_WRITE,
            false => PAGEFAULT_READ,
        };
        Some(PageFaultReport {
            fault_addr: fault.address,
            flags: PAGEFAULT_TRANSLATION | direction,
            ..PageFaultReport::default()
        })
    }
}

impl Hang {
    /// Tells who traces.
    pub(super) fn trace(&self, context: u32, timestamp: u32) {
        let (kind, address) = match self {
            Self::Fault(Fault {
                cause: Cause::Memory(fault),
                ..
            }) => (trace::Fault::Page, fault.address),
            Self::Fault(fault) => (trace::Fault::Stream, fault.address),
            Self::Timeout => (trace::Fault::Timeout, 0),
        };
        trace::fault(context, timestamp, kind, address);
    }
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => write!(f, "{fault}"),
            Self::Timeout => f.write_str("the GPU has waited in vain for 2 s"),
        }
    }
}
