// SPDX-License-Identifier: GPL-2.0

//! Draw state groups: buffers that CP_SET_DRAW_STATE registers, and that run before the next draw.

use super::execution::Execution;
use super::stream::Kind;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;

/// How many groups there are.
const GROUPS: usize = 32;

/// A registered buffer.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// Its GPU address, in bytes.
    address: u64,
    /// Its size, in dwords.
    dwords: u16,
    /// The modes of rendering in which it runs: BINNING 0, GMEM 1, SYSMEM 2.
    enabled: u8,
}

/// The registered groups.
#[derive(Debug)]
pub(super) struct DrawStates {
    /// The groups, by number.
    groups: [Group; GROUPS],
    /// The groups that changed since they last ran, a bit each.
    dirty: u32,
    /// The groups that run before the stream goes on, a bit each.
    pending: u32,
    /// Whether CP_SET_MODE makes groups run when they are registered.
    immediate: bool,
}

impl DrawStates {
    /// No groups.
    pub(super) const fn new() -> Self {
        let group = Group {
            address: 0,
            dwords: 0,
            enabled: 0,
        };
        Self {
            groups: [group; GROUPS],
            dirty: 0,
            pending: 0,
            immediate: false,
        }
    }

    /// Whether groups are to run before the stream goes on.
    pub(super) fn pending(&self) -> bool {
        self.pending != 0
    }

    /// Runs nothing before the stream goes on.
    pub(super) fn settle(&mut self) {
        self.pending = 0;
    }

    /// Makes the changed groups of a mode run before the stream goes on.
    pub(super) fn load(&mut self, mode: u32) {
        for (number, group) in self.groups.iter().enumerate() {
            let bit = 1 << number;
            if self.dirty & bit != 0 && u32::from(group.enabled) & mode != 0 {
                self.pending |= bit;
            }
        }
        self.dirty &= !self.pending;
    }

    /// The next group that is to run.
    fn take(&mut self) -> Option<Group> {
        let number = self.pending.trailing_zeros();
        self.pending &= !1_u32.checked_shl(number)?;
        self.groups.get(usize::try_from(number).ok()?).copied()
    }

    /// Registers or removes groups as `control` says: COUNT in 15:0, DISABLE 17, DISABLE_ALL_GROUPS
    /// 18, LOAD_IMMED 19, the modes in 22:20, GROUP_ID in 28:24.
    fn set(&mut self, control: u32, address: u64) {
        if control & (1 << 18) != 0 {
            self.dirty = 0;
            return;
        }
        let number = (control >> 24) & 0x1f;
        let bit = 1 << number;
        self.dirty &= !bit;
        let [low, high, flags, _] = control.to_le_bytes();
        let dwords = u16::from_le_bytes([low, high]);
        if control & (1 << 17) != 0 || dwords == 0 {
            return;
        }
        let enabled = (flags >> 4) & 7;
        let slot = usize::try_from(number)
            .ok()
            .and_then(|number| self.groups.get_mut(number));
        if let Some(group) = slot {
            *group = Group {
                address,
                dwords,
                enabled,
            };
        }
        let immediate = control & (1 << 19) != 0 || (self.immediate && enabled & 6 != 0);
        if immediate {
            self.pending |= bit;
        } else {
            self.dirty |= bit;
        }
    }
}

impl Execution<'_, '_> {
    /// CP_SET_DRAW_STATE: triples of control and address.
    pub(super) fn set_draw_state(&mut self, opcode: Opcode) -> Result<(), Cause> {
        if self.state.stream.in_draw_state() {
            return Err(Cause::Operand(
                opcode,
                "a draw state group cannot register groups",
            ));
        }
        while self.operands_left() >= 3 {
            let (control, address) = (self.operand()?, self.operand64()?);
            self.state.draw_states.set(control, address);
        }
        Ok(())
    }

    /// CP_SET_MODE: bit 0 makes groups run when they are registered.
    pub(super) fn set_mode(&mut self) -> Result<(), Cause> {
        self.state.draw_states.immediate = self.operand()? & 1 != 0;
        Ok(())
    }

    /// Enters the next group that is to run; false when there is none.
    pub(super) fn begin_draw_state(&mut self) -> Result<bool, Cause> {
        let Some(Group {
            address, dwords, ..
        }) = self.state.draw_states.take()
        else {
            return Ok(false);
        };
        self.charge(1);
        self.state
            .stream
            .push(address, u32::from(dwords), Kind::DrawState)?;
        Ok(true)
    }
}
