// SPDX-License-Identifier: GPL-2.0

//! `/proc/PID/fdinfo/FD`: what an open file has had of the GPU, in the keys of
//! `Documentation/gpu/drm-usage-stats.rst`.
//!
//! The memory is that of the process, which all its files share.

use crate::{
    driver::File,
    ext::task,
    gpu::performance::CYCLES_PER_SECOND, //
};
use kernel::{
    seq_file::{
        seq_print,
        SeqFile, //
    },
    ModuleMetadata, //
};

/// Writes the keys.
pub(in crate::driver) fn show(file: &File, to: &SeqFile) {
    let memory = file.process.space.usage();
    let run = file.usage.run_ns();
    let name = crate::KgslShim::NAME;
    seq_print!(to, "drm-driver:\t{name}\n");
    // Ids count from 1.
    seq_print!(to, "drm-client-id:\t{}\n", file.id.wrapping_add(1));
    seq_print!(to, "drm-engine-gpu:\t{run} ns\n");
    seq_print!(to, "drm-engine-capacity-gpu:\t{}\n", task::online_cpus());
    // A cycle is a nanosecond.
    seq_print!(to, "drm-cycles-gpu:\t{run}\n");
    seq_print!(to, "drm-maxfreq-gpu:\t{CYCLES_PER_SECOND} Hz\n");
    seq_print!(to, "drm-total-memory:\t{} KiB\n", kib(memory.total()));
    seq_print!(to, "drm-shared-memory:\t{} KiB\n", kib(memory.shared));
    // Nothing is ever swapped out.
    seq_print!(to, "drm-resident-memory:\t{} KiB\n", kib(memory.total()));
}

/// Bytes as kibibytes: all memory comes in pages.
fn kib(bytes: u64) -> u64 {
    bytes / 1024
}
