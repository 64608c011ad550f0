// SPDX-License-Identifier: GPL-2.0

//! Draws, dispatches and their predication. There is no shader core yet: they are counted, or fault
//! when strict.
//!
//! This is where a shader core is to be called: [`Execution::finish_draw`] runs with the draw
//! states loaded.

use super::execution::Execution;
use super::on_chip::Predication;
use super::stream::Kind;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;

/// A draw whose packet was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    /// Its packet.
    opcode: Opcode,
}

impl Execution<'_, '_> {
    /// A drawing packet: the draw states that changed run first.
    pub(super) fn begin_draw(&mut self, opcode: Opcode) -> Result<(), Cause> {
        if self.state.stream.in_draw_state() {
            return Err(Cause::Operand(opcode, "a draw state group cannot draw"));
        }
        self.state.draw_states.load(self.state.on_chip.mode.bit());
        self.state.draw = Some(Draw { opcode });
        Ok(())
    }

    /// The draw itself.
    pub(super) fn finish_draw(&mut self, draw: Draw) -> Result<(), Cause> {
        self.charge(1);
        if self.needs_shader_core(draw.opcode)? {
            let counter = &mut self.state.counters.draws_skipped;
            *counter = counter.wrapping_add(1);
        }
        Ok(())
    }

    /// CP_EXEC_CS and its kin: a dispatch.
    pub(super) fn exec_cs(&mut self, opcode: Opcode) -> Result<(), Cause> {
        if self.needs_shader_core(opcode)? {
            let counter = &mut self.state.counters.dispatches_skipped;
            *counter = counter.wrapping_add(1);
        }
        Ok(())
    }

    /// False when the predicate turns the work off; an error when it cannot be done and the
    /// processor is strict.
    fn needs_shader_core(&mut self, opcode: Opcode) -> Result<bool, Cause> {
        if !self.state.on_chip.predication.draws() {
            let counter = &mut self.state.counters.predicated;
            *counter = counter.wrapping_add(1);
            return Ok(false);
        }
        if self.configuration.strict {
            return Err(Cause::ShaderCore(opcode));
        }
        Ok(true)
    }

    /// CP_FIXED_STRIDE_DRAW_TABLE: the address of an array of buffers, IB_SIZE in 11:0 and STRIDE
    /// in 31:20 in dwords, and how many. The array is one run of packets, entered as one buffer.
    pub(super) fn fixed_stride_draw_table(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let (address, sizes, count) = (self.operand64()?, self.operand()?, self.operand()?);
        let dwords = (sizes >> 20).checked_mul(count);
        let dwords = dwords.ok_or(Cause::Operand(opcode, "the table is too large"))?;
        self.skip_operands();
        if self.state.stream.in_draw_state() {
            return Err(Cause::Operand(
                opcode,
                "a draw state group cannot enter a buffer",
            ));
        }
        self.state.stream.push(address, dwords, Kind::Indirect)
    }

    /// CP_DRAW_PRED_ENABLE_GLOBAL: turning it on also lets draws pass until a predicate is set.
    pub(super) fn draw_pred_enable_global(&mut self) -> Result<(), Cause> {
        let global = self.operand()? & 1 != 0;
        let predication = &mut self.state.on_chip.predication;
        if global {
            *predication = Predication {
                global,
                local: true,
                passes: true,
            };
        } else {
            predication.global = false;
        }
        Ok(())
    }

    /// CP_DRAW_PRED_ENABLE_LOCAL.
    pub(super) fn draw_pred_enable_local(&mut self) -> Result<(), Cause> {
        self.state.on_chip.predication.local = self.operand()? & 1 != 0;
        Ok(())
    }

    /// CP_DRAW_PRED_SET: SRC in 7:4 (5 is a qword in memory), TEST in 8 (1 passes when it is 0),
    /// and an address.
    pub(super) fn draw_pred_set(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        if (control >> 4) & 0xf != 5 {
            return Err(Cause::Operand(
                opcode,
                "only a predicate in memory is supported",
            ));
        }
        let address = self.address()?;
        let zero = self.load64(address)? == 0;
        self.state.on_chip.predication.passes = zero == (control & (1 << 8) != 0);
        Ok(())
    }
}
