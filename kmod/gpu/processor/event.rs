// SPDX-License-Identifier: GPL-2.0

//! Events: what they write to memory. Caches need no flushing here, but timestamps and queries must
//! be written.

use super::execution::{halves, Execution};
use super::operation::Operation;
use crate::gpu::blit::{is_clear, Blit};
use crate::gpu::chip::Generation;
use crate::gpu::fault::Cause;
use crate::gpu::opcode::Opcode;

/// Writes the counters of transform feedback: WRITE_PRIMITIVE_COUNTS.
const WRITE_PRIMITIVE_COUNTS: u32 = 9;
/// Writes how far transform feedback has come in the first of four buffers: FLUSH_SO_0.
const FLUSH_SO_0: u32 = 17;
/// The same for the last buffer: FLUSH_SO_3.
const FLUSH_SO_3: u32 = 20;
/// Writes the number of samples that passed: ZPASS_DONE.
const ZPASS_DONE: u32 = 21;
/// Moves a surface between on-chip and system memory, or clears one: BLIT, on A7xx CCU_RESOLVE.
const BLIT: u32 = 30;

/// What an event of A7xx writes, from its control dword.
#[derive(Clone, Copy)]
enum Source {
    /// 0: a dword of the packet.
    User32,
    /// 1: two dwords of the packet.
    User64,
    /// 2: the sum of the global and the local timestamp.
    TimestampSum,
    /// 3: the always-on counter.
    AlwaysOn,
    /// 4: registers.
    Registers,
}

impl Execution<'_, '_> {
    /// Counts an event, and does what it does without operands.
    fn event(&mut self, opcode: Opcode, event: u32) -> Result<(), Cause> {
        let counters = &mut self.state.counters;
        counters.events = counters.events.wrapping_add(1);
        match event {
            BLIT => self.resolve(opcode)?,
            WRITE_PRIMITIVE_COUNTS => self.write_primitive_counts()?,
            FLUSH_SO_0..=FLUSH_SO_3 => self.flush_stream_output(event - FLUSH_SO_0)?,
            _ => {}
        }
        Ok(())
    }

    /// BLIT: fills a surface in system memory, or moves one between that and on-chip memory, which
    /// there is none of.
    fn resolve(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let chip = self.configuration.chip;
        if is_clear(self.registers, chip) {
            if let Some(clear) = Blit::decode_clear(self.registers, chip)? {
                self.state.operation = Operation::Blit(clear);
            }
            return Ok(());
        }
        if self.configuration.strict {
            return Err(Cause::RenderBackend(opcode));
        }
        let counters = &mut self.state.counters;
        counters.resolves_skipped = counters.resolves_skipped.wrapping_add(1);
        Ok(())
    }

    /// CP_EVENT_WRITE of A6xx: EVENT in 7:0, TIMESTAMP 30, IRQ 31; then an address and a value, if
    /// any.
    pub(super) fn event_write(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        self.event(opcode, control & 0xff)?;
        if control & 0xff == ZPASS_DONE {
            self.copy_sample_count()?;
        }
        if control & (1 << 31) != 0 {
            self.interrupt()?;
        }
        if self.operands_left() >= 2 {
            self.event_timestamp(opcode, control & (1 << 30) != 0)?;
        }
        Ok(())
    }

    /// Writes what an event of A6xx carries: the counter, or the value of the packet.
    fn event_timestamp(&mut self, opcode: Opcode, timestamp: bool) -> Result<(), Cause> {
        let address = self.address()?;
        if timestamp {
            let now = self.memory.always_on_counter();
            return Ok(self.store64(address, now)?);
        }
        if self.operands_left() == 0 {
            return Err(Cause::Operand(opcode, "the value to write is missing"));
        }
        let value = self.operand()?;
        Ok(self.store(address, value)?)
    }

    /// CP_EVENT_WRITE7: EVENT in 7:0, WRITE_SAMPLE_COUNT 12, SAMPLE_COUNT_END_OFFSET 13,
    /// WRITE_ACCUM_SAMPLE_COUNT_DIFF 14, WRITE_SRC 22:20, WRITE_DST 24, WRITE_ENABLED 27, IRQ 31;
    /// then the place and the payload.
    pub(super) fn event_write7(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let control = self.operand()?;
        self.event(opcode, control & 0xff)?;
        if control & (1 << 31) != 0 {
            self.interrupt()?;
        }
        if control & (7 << 12) != 0 {
            return self.write_sample_count(opcode, control);
        }
        if control & 0xff == ZPASS_DONE {
            self.copy_sample_count()?;
        }
        if control & (1 << 27) == 0 {
            return Ok(());
        }
        let source = match (control >> 20) & 7 {
            0 => Source::User32,
            1 => Source::User64,
            2 => Source::TimestampSum,
            3 => Source::AlwaysOn,
            4 => Source::Registers,
            _ => return Err(Cause::Operand(opcode, "its source is none of 0 to 4")),
        };
        self.event_value(opcode, source, control & (1 << 24) != 0)
    }

    /// Writes what an event of A7xx carries, to memory or on chip.
    fn event_value(&mut self, opcode: Opcode, source: Source, on_chip: bool) -> Result<(), Cause> {
        let payload = match source {
            Source::User32 => 1,
            Source::User64 | Source::Registers => 2,
            Source::TimestampSum | Source::AlwaysOn => 0,
        };
        if self.operands_left() < 2 + payload {
            return Err(Cause::Operand(
                opcode,
                "the address or the value to write is missing",
            ));
        }
        let place = if on_chip {
            self.operand64()?
        } else {
            self.address()?
        };
        let value = match source {
            Source::User32 => return self.event_dword(place, on_chip),
            Source::User64 => self.operand64()?,
            Source::TimestampSum => self.state.on_chip.timestamp_sum(),
            Source::AlwaysOn => self.memory.always_on_counter(),
            Source::Registers => return self.event_registers(opcode, place, on_chip),
        };
        if on_chip {
            let [slot, _] = halves(place);
            return self.state.on_chip.set_slot(slot, value);
        }
        Ok(self.store64(place, value)?)
    }

    /// EV_WRITE_USER_32B: one dword.
    fn event_dword(&mut self, place: u64, on_chip: bool) -> Result<(), Cause> {
        let value = self.operand()?;
        if on_chip {
            let [slot, _] = halves(place);
            return self.state.on_chip.set_slot(slot, u64::from(value));
        }
        Ok(self.store(place, value)?)
    }

    /// EV_WRITE_REGS_CONTENT: as many registers as the second dword says, from the one of the
    /// first.
    fn event_registers(&mut self, opcode: Opcode, place: u64, on_chip: bool) -> Result<(), Cause> {
        let [first, count] = [self.operand()? & 0x3_ffff, self.operand()?];
        if on_chip || count > 64 {
            return Err(Cause::Operand(
                opcode,
                "it writes 64 registers at most, to memory",
            ));
        }
        self.charge_words(count);
        for step in 0..count {
            let value = self.read_register(first + step)?;
            self.store(place.wrapping_add(u64::from(step) * 4), value)?;
        }
        Ok(())
    }

    /// The sample count of A7xx: no sample ever passes without a shader core, but queries wait for
    /// the write. The count goes to the address, or 16 bytes after it; the difference of both is
    /// added to the qword between.
    fn write_sample_count(&mut self, opcode: Opcode, control: u32) -> Result<(), Cause> {
        if self.operands_left() < 2 {
            return Err(Cause::Operand(
                opcode,
                "the address of the sample count is missing",
            ));
        }
        let begin = self.address()?;
        let (result, end) = (begin.wrapping_add(8), begin.wrapping_add(16));
        if control & (1 << 12) != 0 {
            self.store64(if control & (1 << 13) != 0 { end } else { begin }, 0)?;
        }
        if control & (1 << 14) != 0 {
            let difference = self.load64(end)?.wrapping_sub(self.load64(begin)?);
            let sum = self.load64(result)?.wrapping_add(difference);
            self.store64(result, sum)?;
        }
        Ok(())
    }

    /// ZPASS_DONE, as on A6xx and A730: writes the sample count where RB_SAMPLE_COUNT_ADDR says, if
    /// RB_SAMPLE_COUNT_CONTROL wants it.
    fn copy_sample_count(&mut self) -> Result<(), Cause> {
        const RB_SAMPLE_COUNT_CONTROL: u32 = 0x8891;
        const RB_SAMPLE_COUNT_ADDR: u32 = 0x8927;
        if self.registers.get(RB_SAMPLE_COUNT_CONTROL) & (1 << 1) == 0 {
            return Ok(());
        }
        let address = self.registers.get64(RB_SAMPLE_COUNT_ADDR);
        if address % 4 != 0 {
            return Err(Cause::Misaligned {
                address,
                alignment: 4,
            });
        }
        Ok(self.store64(address, 0)?)
    }

    /// WRITE_PRIMITIVE_COUNTS: for each of four streams the primitives written and needed, where
    /// VPC_SO_STREAM_COUNTS says. Nothing is drawn without a shader core, so all are 0.
    fn write_primitive_counts(&mut self) -> Result<(), Cause> {
        const VPC_SO_STREAM_COUNTS: u32 = 0x9218;
        let address = self.registers.get64(VPC_SO_STREAM_COUNTS);
        if address == 0 {
            return Ok(());
        }
        self.count_written(64);
        Ok(self.memory.fill(address, 64, 0, 16)?)
    }

    /// FLUSH_SO: writes the offset of a buffer of transform feedback where VPC_SO_FLUSH_BASE says,
    /// in dwords on A6xx and in bytes on A7xx. Nothing is drawn without a shader core, so it is
    /// still where VPC_SO_BUFFER_OFFSET put it.
    fn flush_stream_output(&mut self, buffer: u32) -> Result<(), Cause> {
        const VPC_SO_BUFFER_OFFSET: u32 = 0x921e;
        const VPC_SO_FLUSH_BASE: u32 = 0x921f;
        const STRIDE: u32 = 7;
        let address = self.registers.get64(VPC_SO_FLUSH_BASE + STRIDE * buffer);
        if address == 0 {
            return Ok(());
        }
        if address % 4 != 0 {
            return Err(Cause::Misaligned {
                address,
                alignment: 4,
            });
        }
        let bytes = self.registers.get(VPC_SO_BUFFER_OFFSET + STRIDE * buffer);
        let offset = match self.generation() {
            Generation::A6xx => bytes >> 2,
            Generation::A7xx => bytes,
        };
        Ok(self.store(address, offset)?)
    }

    /// CP_INTERRUPT, and the IRQ bit of events: counted, for the driver to raise.
    pub(super) fn interrupt(&mut self) -> Result<(), Cause> {
        let counter = &mut self.state.counters.interrupts;
        *counter = counter.wrapping_add(1);
        Ok(())
    }

    /// CP_GLOBAL_TIMESTAMP, CP_LOCAL_TIMESTAMP and CP_MODIFY_TIMESTAMP (what to add in 7:0, OP in
    /// 31:28).
    pub(super) fn timestamp(&mut self, opcode: Opcode) -> Result<(), Cause> {
        let operand = self.operand()?;
        let on_chip = &mut self.state.on_chip;
        let added = u64::from(operand & 0xff);
        match (opcode, operand >> 28) {
            (Opcode::GlobalTimestamp, _) => on_chip.global_timestamp = u64::from(operand),
            (Opcode::LocalTimestamp, _) => on_chip.local_timestamp = u64::from(operand),
            (_, 0) => (on_chip.global_timestamp, on_chip.local_timestamp) = (0, 0),
            (_, 1) => on_chip.global_timestamp = on_chip.global_timestamp.wrapping_add(added),
            (_, 2) => on_chip.local_timestamp = on_chip.local_timestamp.wrapping_add(added),
            _ => return Err(Cause::Operand(opcode, "its operation is none of 0 to 2")),
        }
        Ok(())
    }

    /// CP_RESET_CONTEXT_STATE: CLEAR_ON_CHIP_TS 0, CLEAR_GLOBAL_LOCAL_TS 2.
    pub(super) fn reset_context_state(&mut self) -> Result<(), Cause> {
        let control = self.operand()?;
        let on_chip = &mut self.state.on_chip;
        if control & 1 != 0 {
            on_chip.clear_slots();
        }
        if control & (1 << 2) != 0 {
            (on_chip.global_timestamp, on_chip.local_timestamp) = (0, 0);
        }
        Ok(())
    }
}
