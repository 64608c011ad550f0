// SPDX-License-Identifier: GPL-2.0

//! The command processor's own small memories: mode, predicates, timestamps, and the slots of A7xx.

use crate::gpu::fault::Cause;

/// The qwords that events of A7xx can write on chip.
const SLOTS: usize = 64;
/// The dwords of the scratch memory that CP_MEM_TO_SCRATCH_MEM fills and CP_REG_TEST reads.
const SCRATCH_MEMORY: usize = 48;

/// The enable bits that CP_SET_DRAW_STATE and CP_COND_REG_EXEC match with the mode of rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RenderMode {
    /// The visibility pass, RM6_BIN_VISIBILITY.
    Binning,
    /// Rendering to on-chip memory, and everything else.
    Gmem,
    /// Rendering to system memory, RM6_DIRECT_RENDER.
    Sysmem,
}

impl RenderMode {
    /// The mode that MODE of CP_SET_MARKER, bits 3:0, sets; `None` for 0, which stands in markers
    /// about something else, such as ray tracing.
    pub(super) fn from_marker(marker: u32) -> Option<Self> {
        match marker & 0xf {
            0 => None,
            1 => Some(Self::Sysmem),
            2 => Some(Self::Binning),
            _ => Some(Self::Gmem),
        }
    }

    /// Its bit in an enable mask: BINNING 0, GMEM 1, SYSMEM 2.
    pub(super) fn bit(self) -> u32 {
        match self {
            Self::Binning => 1,
            Self::Gmem => 1 << 1,
            Self::Sysmem => 1 << 2,
        }
    }
}

/// The predication of draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Predication {
    /// Turned on by CP_DRAW_PRED_ENABLE_GLOBAL.
    pub(super) global: bool,
    /// Not turned off by CP_DRAW_PRED_ENABLE_LOCAL.
    pub(super) local: bool,
    /// What CP_DRAW_PRED_SET latched.
    pub(super) passes: bool,
}

impl Predication {
    /// Whether draws take effect.
    pub(super) fn draws(self) -> bool {
        self.passes || !self.global || !self.local
    }
}

/// Everything that the command processor keeps for itself.
#[derive(Debug)]
pub(super) struct OnChip {
    /// The mode of rendering.
    pub(super) mode: RenderMode,
    /// The pipes that take packets: BR in bit 0, BV in bit 1.
    pub(super) threads: u32,
    /// The predicate bits of CP_REG_TEST.
    pub(super) predicates: u32,
    /// The predication of draws.
    pub(super) predication: Predication,
    /// The timestamp that CP_GLOBAL_TIMESTAMP sets.
    pub(super) global_timestamp: u64,
    /// The timestamp that CP_LOCAL_TIMESTAMP sets.
    pub(super) local_timestamp: u64,
    /// What events write on chip.
    slots: [u64; SLOTS],
    /// What CP_MEM_TO_SCRATCH_MEM wrote.
    scratch: [u32; SCRATCH_MEMORY],
}

impl OnChip {
    /// The state after a reset.
    pub(super) const fn new() -> Self {
        Self {
            mode: RenderMode::Gmem,
            threads: 0,
            predicates: 0,
            predication: Predication {
                global: false,
                local: false,
                passes: false,
            },
            global_timestamp: 0,
            local_timestamp: 0,
            slots: [0; SLOTS],
            scratch: [0; SCRATCH_MEMORY],
        }
    }

    /// The sum that EV_WRITE_TIMESTAMP_SUM means.
    pub(super) fn timestamp_sum(&self) -> u64 {
        self.global_timestamp.wrapping_add(self.local_timestamp)
    }

    /// Clears the slots.
    pub(super) fn clear_slots(&mut self) {
        self.slots = [0; SLOTS];
    }

    /// What slot number `slot` holds.
    pub(super) fn slot(&self, slot: u32) -> Result<u64, Cause> {
        let found = usize::try_from(slot)
            .ok()
            .and_then(|slot| self.slots.get(slot));
        found.copied().ok_or(Cause::OnChipSlot(slot))
    }

    /// Sets slot number `slot`.
    pub(super) fn set_slot(&mut self, slot: u32, value: u64) -> Result<(), Cause> {
        let found = usize::try_from(slot)
            .ok()
            .and_then(|slot| self.slots.get_mut(slot));
        *found.ok_or(Cause::OnChipSlot(slot))? = value;
        Ok(())
    }

    /// What dword `offset` of the scratch memory holds.
    pub(super) fn scratch(&self, offset: u32) -> Option<u32> {
        self.scratch.get(usize::try_from(offset).ok()?).copied()
    }

    /// Dword `offset` of the scratch memory, to change it.
    pub(super) fn scratch_mut(&mut self, offset: u32) -> Option<&mut u32> {
        self.scratch.get_mut(usize::try_from(offset).ok()?)
    }
}
