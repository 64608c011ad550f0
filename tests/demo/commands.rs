// SPDX-License-Identifier: GPL-2.0

//! The command buffers: one, and one that it calls.

use crate::pm4::{Commands, Generation};

/// Where the called buffer starts in the object of the commands, in bytes.
pub(super) const NESTED_OFFSET: u64 = 0x800;

/// What CP_MEM_WRITE writes.
pub(super) const WRITTEN: [u32; 4] = [0x600d_f00d, 0x0bad_cafe, 0x0000_002a, 0xffff_fff0];

/// What the event writes.
pub(super) const FENCE: u32 = 0x7157_0001;

/// What the called buffer writes.
pub(super) const NESTED: [u32; 2] = [0x1b2b_3b4b, 0xfeed_5eed];

/// Where each command writes in the object of the data, in bytes.
pub(super) mod offset {
    /// CP_MEM_WRITE.
    pub(in crate::demo) const WRITTEN: usize = 0x000;
    /// CP_MEM_TO_MEM.
    pub(in crate::demo) const SUM: usize = 0x040;
    /// CP_EVENT_WRITE.
    pub(in crate::demo) const FENCE: usize = 0x080;
    /// The called buffer.
    pub(in crate::demo) const NESTED: usize = 0xffc - 4;
}

/// The buffer that is submitted and the one that it calls, for those GPU addresses of commands and data.
pub(super) fn write(generation: Generation, commands: u64, data: u64) -> (Commands, Commands) {
    let at = |offset: usize| data + u64::try_from(offset).expect("offsets are small");
    let mut nested = Commands::default();
    nested.mem_write(at(offset::NESTED), &NESTED);
    let mut main = Commands::default();
    main.mem_write(at(offset::WRITTEN), &WRITTEN)
        .wait_mem_writes()
        .mem_to_mem(
            at(offset::SUM),
            at(offset::WRITTEN + 8),
            at(offset::WRITTEN + 12),
        )
        .indirect_buffer(commands + NESTED_OFFSET, nested.dwords().len())
        .event_write(generation, at(offset::FENCE), FENCE);
    (main, nested)
}
