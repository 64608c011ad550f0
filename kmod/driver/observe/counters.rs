// SPDX-License-Identifier: GPL-2.0

//! `kgsl-3d0/counters` in debugfs: everything that all command processors have counted, what
//! performance counters cannot show, too: draws that had no effect for want of a shader core.

use crate::{
    driver::Device,
    gpu::counters::Counters, //
};
use kernel::seq_file::{
    seq_print,
    SeqFile, //
};

/// Writes a counter a line.
pub(super) fn show(device: &Device, to: &SeqFile) {
    let reading = device.reading(&Counters::new());
    let counters = &reading.counters;
    for (name, value) in [
        ("busy_ns", reading.busy_cycles),
        ("packets", counters.packets),
        ("dwords", counters.dwords),
        ("bytes_read", counters.bytes_read),
        ("bytes_written", counters.bytes_written),
        ("registers", counters.registers),
        ("events", counters.events),
        ("interrupts", counters.interrupts),
        ("blits", counters.blits),
        ("draws_skipped", counters.draws_skipped),
        ("dispatches_skipped", counters.dispatches_skipped),
        ("resolves_skipped", counters.resolves_skipped),
        ("predicated", counters.predicated),
    ] {
        seq_print!(to, "{name}: {value}\n");
    }
}
