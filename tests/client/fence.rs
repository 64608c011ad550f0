// SPDX-License-Identifier: GPL-2.0

//! sync_files, and the kernel's own source of them for tests.

use std::ffi::CStr;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::io::Errno;

use super::system::{address, call, take_descriptor};

/// SYNC_IOC_MERGE and SYNC_IOC_FILE_INFO of `linux/sync_file.h`.
const MERGE: u32 = 0xc030_3e03;
const FILE_INFO: u32 = 0xc038_3e04;
/// SW_SYNC_IOC_CREATE_FENCE and SW_SYNC_IOC_INC of the kernel's `sw_sync.c`.
const CREATE_FENCE: u32 = 0xc028_5700;
const INC: u32 = 0x4004_5701;

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Merge {
    name: [u8; 32],
    fd2: i32,
    fence: i32,
    flags: u32,
    pad: u32,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct FileInfo {
    name: [u8; 32],
    status: i32,
    flags: u32,
    num_fences: u32,
    pad: u32,
    sync_fence_info: u64,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct FenceInfo {
    timeline: [u8; 32],
    driver: [u8; 32],
    status: i32,
    flags: u32,
    timestamp_ns: u64,
}

#[derive(Clone, Copy, Default)]
#[repr(C)]
struct CreateFence {
    value: u32,
    name: [u8; 32],
    fence: i32,
}

/// A sync_file.
#[derive(Debug)]
pub struct Fence(OwnedFd);

impl Fence {
    /// The sync_file behind a descriptor that the kernel has just returned.
    pub fn take(descriptor: RawFd) -> Self {
        Self(take_descriptor(descriptor))
    }

    /// Its descriptor.
    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Whether it signals within so many milliseconds, as poll(2) says.
    pub fn poll(&self, milliseconds: u32) -> bool {
        let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
        let timeout = Timespec {
            tv_sec: i64::from(milliseconds / 1000),
            tv_nsec: i64::from(milliseconds % 1000) * 1_000_000,
        };
        let ready = poll(&mut fds, Some(&timeout)).expect("it can be polled");
        ready == 1 && fds[0].revents().contains(PollFlags::IN)
    }

    /// Whether it has signaled.
    pub fn is_signaled(&self) -> bool {
        self.poll(0)
    }

    /// 0 while it has not signaled, 1 when it has, an error number below 0 when it was canceled.
    pub fn status(&self) -> i32 {
        self.info(&mut []).status
    }

    /// How many fences are in it.
    pub fn count(&self) -> u32 {
        self.info(&mut []).num_fences
    }

    /// The names of its driver and of its timeline; it has one fence.
    pub fn names(&self) -> (String, String) {
        let mut fences = [FenceInfo::default()];
        self.info(&mut fences);
        (text(&fences[0].driver), text(&fences[0].timeline))
    }

    /// When it signaled, in nanoseconds of the monotonic clock; 0 while it has not. It has one fence.
    pub fn signaled_at(&self) -> u64 {
        let mut fences = [FenceInfo::default()];
        self.info(&mut fences);
        fences[0].timestamp_ns
    }

    fn info(&self, fences: &mut [FenceInfo]) -> FileInfo {
        let mut info = FileInfo {
            num_fences: u32::try_from(fences.len()).expect("there are few"),
            sync_fence_info: address(fences),
            ..FileInfo::default()
        };
        call(&self.0, FILE_INFO, &mut info).expect("it tells of itself");
        info
    }

    /// A sync_file that signals when both have.
    pub fn merge(&self, other: &Fence) -> Result<Fence, Errno> {
        let mut merge = Merge {
            fd2: other.descriptor(),
            ..Merge::default()
        };
        call(&self.0, MERGE, &mut merge)?;
        Ok(Fence::take(merge.fence))
    }
}

impl From<OwnedFd> for Fence {
    fn from(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }
}

impl AsFd for Fence {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn text(bytes: &[u8]) -> String {
    let text = CStr::from_bytes_until_nul(bytes).expect("it ends");
    text.to_string_lossy().into_owned()
}

/// A timeline of another driver, which the test moves.
#[derive(Debug)]
pub struct SwSync(File);

impl SwSync {
    /// A timeline that stands at 0.
    pub fn new() -> std::io::Result<Self> {
        let path = "/sys/kernel/debug/sync/sw_sync";
        Ok(Self(File::options().read(true).write(true).open(path)?))
    }

    /// A fence that signals when the timeline has moved to the point.
    pub fn fence(&self, value: u32) -> Fence {
        let mut argument = CreateFence {
            value,
            ..CreateFence::default()
        };
        call(self.0.as_fd(), CREATE_FENCE, &mut argument).expect("a fence is created");
        Fence::take(argument.fence)
    }

    /// Moves the timeline on by one.
    pub fn advance(&self) {
        call(self.0.as_fd(), INC, &mut 1u32).expect("the timeline moves");
    }
}
