// SPDX-License-Identifier: GPL-2.0

//! Which code of the kernel a thread runs in its system calls, or has run by works: Documentation/dev-tools/kcov.rst.

use std::fs::File;
use std::sync::atomic::Ordering;

use rustix::io::Errno;

use super::mapping::Mapping;
use super::system::{bytes_of, issue, Access, Argument};

const NODE: &str = "/sys/kernel/debug/kcov";

/// KCOV_INIT_TRACE, KCOV_ENABLE, KCOV_REMOTE_ENABLE and the mode KCOV_TRACE_PC of `linux/kcov.h`.
const INIT_TRACE: u32 = 0x8008_6301;
const ENABLE: u32 = 0x6364;
const REMOTE_ENABLE: u32 = 0x4018_6366;
const TRACE_PC: u32 = 0;

/// How many addresses are kept at most, in quadwords; the kernel drops what comes after.
const ENTRIES: usize = 1 << 17;

/// The same for a single run of a work, which then adds its addresses to the others.
const ENTRIES_OF_WORK: u32 = 1 << 15;

/// `struct kcov_remote_arg` without further handles.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Remote {
    trace_mode: u32,
    area_size: u32,
    num_handles: u32,
    pad: u32,
    common_handle: u64,
}

/// What is traced.
#[derive(Debug)]
pub struct Kcov {
    /// The number of addresses, and the addresses.
    trace: Mapping,
    /// What the kernel knows it by; tracing ends with the thread that has begun it.
    _file: File,
}

impl Kcov {
    /// Has the kernel trace the calling thread from now on; `None` on a kernel that cannot.
    pub fn start() -> Option<Self> {
        Self::begin(|file| issue(file, ENABLE, Argument::Nowhere(TRACE_PC as usize)))
    }

    /// Has the kernel trace the works that run on behalf of the threads and processes that the calling thread starts from
    /// now on, as long as that lives; `number` is not 0 and no other caller's. `None` on a kernel that cannot.
    pub fn start_works(number: u32) -> Option<Self> {
        let mut remote = Remote {
            trace_mode: TRACE_PC,
            area_size: ENTRIES_OF_WORK,
            num_handles: 0,
            pad: 0,
            common_handle: number.into(),
        };
        Self::begin(|file| issue(file, REMOTE_ENABLE, Argument::Bytes(bytes_of(&mut remote))))
    }

    fn begin(enable: impl FnOnce(&File) -> Result<i32, Errno>) -> Option<Self> {
        let file = File::options().read(true).write(true).open(NODE).ok()?;
        issue(&file, INIT_TRACE, Argument::Nowhere(ENTRIES)).ok()?;
        let trace = Mapping::new(&file, ENTRIES * size_of::<u64>(), Access::ReadWrite, 0).ok()?;
        enable(&file).ok()?;
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
        // The kernel counts an address of a work after it has written it.
        let count = u64::from(dwords[0].load(Ordering::Acquire));
        let count = usize::try_from(count).unwrap_or(0).min(ENTRIES - 1);
        for entry in 1..=count {
            show(half(2 * entry) | (half(2 * entry + 1) << 32));
        }
    }
}
