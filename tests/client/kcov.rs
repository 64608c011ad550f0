// SPDX-License-Identifier: GPL-2.0

//! Which code of the kernel a thread runs in its system calls: Documentation/dev-tools/kcov.rst.

use std::fs::File;
use std::sync::atomic::Ordering;

use super::mapping::Mapping;
use super::system::{issue, Access, Argument};

const NODE: &str = "/sys/kernel/debug/kcov";

/// KCOV_INIT_TRACE, KCOV_ENABLE and the mode KCOV_TRACE_PC of `linux/kcov.h`.
const INIT_TRACE: u32 = 0x8008_6301;
const ENABLE: u32 = 0x6364;
const TRACE_PC: usize = 0;

/// How many addresses are kept at most, in quadwords; the kernel drops what comes after.
const ENTRIES: usize = 1 << 16;

/// What the calling thread is traced to.
#[derive(Debug)]
pub struct Kcov {
    /// The number of addresses, and the addresses.
    trace: Mapping,
    /// Tracing ends with it.
    _file: File,
}

impl Kcov {
    /// Has the kernel trace the calling thread from now on; `None` on a kernel that cannot.
    pub fn start() -> Option<Self> {
        let file = File::options().read(true).write(true).open(NODE).ok()?;
        issue(&file, INIT_TRACE, Argument::Nowhere(ENTRIES)).ok()?;
        let trace = Mapping::new(&file, ENTRIES * size_of::<u64>(), Access::ReadWrite, 0).ok()?;
        issue(&file, ENABLE, Argument::Nowhere(TRACE_PC)).ok()?;
        Some(Self { trace, _file: file })
    }

    /// Forgets what was traced.
    pub fn reset(&self) {
        self.trace.dwords()[0].store(0, Ordering::Relaxed);
    }

    /// Shows each address that was run since the last reset, as often as it was.
    pub fn each(&self, mut show: impl FnMut(u64)) {
        let dwords = self.trace.dwords();
        let half = |index: usize| u64::from(dwords[index].load(Ordering::Relaxed));
        let count = usize::try_from(half(0)).unwrap_or(0).min(ENTRIES - 1);
        for entry in 1..=count {
            show(half(2 * entry) | (half(2 * entry + 1) << 32));
        }
    }
}
