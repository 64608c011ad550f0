// SPDX-License-Identifier: GPL-2.0

//! Files of the device that come and go, and the files in which it tells of itself.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd};

use rustix::io::{read as read_from, Errno};

use crate::fuzz::run::Run;
use crate::fuzz::world::FILES;

/// What the device tells of itself to people and their tools.
const TOLD: [&str; 9] = [
    "/sys/class/kgsl/kgsl-3d0/gpubusy",
    "/sys/class/kgsl/kgsl-3d0/gpu_busy_percentage",
    "/sys/class/kgsl/kgsl-3d0/gpuclk",
    "/sys/class/kgsl/kgsl-3d0/gpu_model",
    "/sys/kernel/debug/kgsl/kgsl-3d0/events",
    "/sys/kernel/debug/kgsl/kgsl-3d0/active_cnt",
    "/sys/kernel/debug/kgsl/kgsl-3d0/globals",
    "/sys/class/kgsl/kgsl/page_alloc",
    "/sys/class/kgsl/kgsl-3d0/reset_count",
];

/// Opens the device once more.
pub(super) fn open(run: &mut Run<'_>) {
    let file = run.dice.index(FILES);
    run.world().close(file);
    let _ = run.world().file(file);
}

/// Closes a file, and with the last one everything that the process has.
pub(super) fn close(run: &mut Run<'_>) {
    let file = run.dice.index(FILES);
    run.world().close(file);
}

/// A second descriptor of a file.
pub(super) fn duplicate(run: &mut Run<'_>) {
    let (from, to) = (run.dice.index(FILES), run.dice.index(FILES));
    run.world().duplicate(from, to);
}

/// Puts a new file behind a descriptor while other threads use the old one.
pub(super) fn reopen(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let _ = device.reopen();
}

/// read(2) on the node.
pub(super) fn read(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut bytes = [0; 16];
    let length = run.dice.index(bytes.len());
    let result: Result<usize, Errno> = read_from(device.as_fd(), &mut bytes[..length]);
    let _ = run.note(result);
}

/// Reads one of the files in which the device tells of itself, its processes, contexts and memory.
pub(super) fn observe(run: &mut Run<'_>) {
    let process = std::process::id();
    let context = run.context();
    let path = match run.dice.below(6) {
        0 => format!("/sys/kernel/debug/kgsl/proc/{process}/mem"),
        1 => format!("/sys/kernel/debug/kgsl/proc/{process}/vbos"),
        2 => format!("/sys/kernel/debug/kgsl/kgsl-3d0/ctx/{}", context.id),
        3 => match run.file(context.file) {
            Some(device) => format!("/proc/self/fdinfo/{}", device.as_fd().as_raw_fd()),
            None => return,
        },
        4 => format!("/sys/class/kgsl/kgsl/proc/{process}/kernel"),
        _ => run.dice.pick(&TOLD).to_owned(),
    };
    let mut bytes = [0; 4096];
    let result = File::open(path).and_then(|mut file| file.read(&mut bytes));
    let result = result.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO));
    let _ = run.note(result);
}
