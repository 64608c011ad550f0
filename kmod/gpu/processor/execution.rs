// SPDX-License-Identifier: GPL-2.0

//! One run of the processor: the loop, the decoding of packets, and what every packet needs.

use super::operation::Progress;
use super::{Configuration, Outcome, Position, Processor};
use crate::gpu::chip::Generation;
use crate::gpu::fault::{Cause, Fault, MemoryFault};
use crate::gpu::memory::Memory;
use crate::gpu::opcode::Opcode;
use crate::gpu::packet::Header;
use crate::gpu::registers::{Registers, CP_ALWAYS_ON_COUNTER, CP_ALWAYS_ON_COUNTER_HI};

/// The dwords of a packet that cost a work unit.
const UNIT_DWORDS: u32 = 64;
/// The words of memory, accessed one by one, that cost a work unit.
const UNIT_WORDS: u32 = 4;

/// A processor, what surrounds it, and the budget that is left.
pub(super) struct Execution<'run, 'registers> {
    /// The state that outlives the run.
    pub(super) state: &'run mut Processor,
    /// The registers of the context.
    pub(super) registers: &'run mut Registers<'registers>,
    /// The address space of the context.
    pub(super) memory: &'run mut dyn Memory,
    /// How the processor behaves.
    pub(super) configuration: &'run Configuration,
    /// The work units that are left.
    pub(super) budget: u32,
}

/// What a step of the loop leads to.
enum Step {
    /// Another step.
    Next,
    /// The end: a condition does not hold yet.
    Waiting,
}

impl<'run, 'registers> Execution<'run, 'registers> {
    /// Puts a run together.
    pub(super) fn new(
        state: &'run mut Processor,
        registers: &'run mut Registers<'registers>,
        memory: &'run mut dyn Memory,
        configuration: &'run Configuration,
        budget: u32,
    ) -> Self {
        Self {
            state,
            registers,
            memory,
            configuration,
            budget,
        }
    }

    /// Runs until the submission is complete, waits or faults, or the budget is used up.
    pub(super) fn run(&mut self) -> Outcome {
        loop {
            if self.idle() {
                return Outcome::Done;
            }
            if self.budget == 0 {
                return Outcome::Budget;
            }
            match self.step() {
                Ok(Step::Next) => {}
                Ok(Step::Waiting) => return Outcome::Waiting,
                Err(cause) => {
                    let Position { level, address } = self.state.position;
                    return Outcome::Fault(Fault {
                        cause,
                        level,
                        address,
                    });
                }
            }
        }
    }

    /// Does one unit of work: what the last packet left, else a draw's states, else the draw, else
    /// the next packet.
    fn step(&mut self) -> Result<Step, Cause> {
        if self.has_operation() {
            return Ok(match self.continue_operation()? {
                Progress::Finished | Progress::More => Step::Next,
                Progress::Blocked => Step::Waiting,
            });
        }
        if !self.state.stream.in_draw_state() {
            if self.begin_draw_state()? {
                return Ok(Step::Next);
            }
            if let Some(draw) = self.state.draw.take() {
                self.finish_draw(draw)?;
                return Ok(Step::Next);
            }
        }
        self.packet()?;
        Ok(Step::Next)
    }

    /// Whether nothing is left of the submission.
    fn idle(&mut self) -> bool {
        let settled = self.state.stream.settle();
        !settled
            && !self.has_operation()
            && self.state.draw.is_none()
            && !self.state.draw_states.pending()
    }

    /// Reads and runs the next packet.
    fn packet(&mut self) -> Result<(), Cause> {
        self.state.position = Position {
            level: self.state.stream.depth(),
            address: self.state.stream.address(),
        };
        let dword = self.state.stream.next(self.memory)?;
        let header = Header::decode(dword).ok_or(Cause::Header(dword))?;
        let (Header::Registers { count, .. } | Header::Operation { count, .. }) = header;
        let left = self.state.stream.left();
        if count > left {
            return Err(Cause::Truncated {
                dwords: count,
                left,
            });
        }
        self.state.packet_left = count;
        self.state.counters.packets = self.state.counters.packets.wrapping_add(1);
        self.state.counters.dwords = self
            .state
            .counters
            .dwords
            .wrapping_add(u64::from(count) + 1);
        self.charge(1 + count / UNIT_DWORDS);
        match header {
            Header::Registers { register, .. } => self.write_registers(register)?,
            Header::Operation { opcode, count } => self.operation(opcode, count)?,
        }
        self.skip_operands();
        Ok(())
    }

    /// Checks the opcode of a type-7 packet and runs it.
    fn operation(&mut self, value: u8, count: u32) -> Result<(), Cause> {
        let opcode = Opcode::decode(value, self.generation()).ok_or(Cause::UnknownOpcode(value))?;
        if opcode.privileged() {
            return Err(Cause::PrivilegedOpcode(opcode));
        }
        if count < opcode.operands() {
            return Err(Cause::MissingOperands(opcode, count));
        }
        self.dispatch(opcode)
    }

    /// Runs a type-7 packet whose operands are at the head of the stream.
    fn dispatch(&mut self, opcode: Opcode) -> Result<(), Cause> {
        use Opcode as O;
        match opcode {
            O::MemWrite => self.mem_write(opcode),
            O::MemToMem => self.mem_to_mem(opcode),
            O::Memcpy => self.memcpy(),
            O::RegToMem => self.reg_to_mem(),
            O::RegToMemOffsetReg => self.reg_to_mem_offset_reg(opcode),
            O::RegToMemOffsetMem => self.reg_to_mem_offset_mem(),
            O::MemToReg => self.mem_to_reg(),
            O::RegRmw => self.reg_rmw(),
            O::RegWrite => self.reg_write(opcode),
            O::RegWrNoCtxt => self.reg_wr_no_ctxt(),
            O::ContextRegBunch => self.context_reg_bunch(opcode),
            O::ContextRegBunch2 => self.context_reg_bunch2(opcode),
            O::RegToScratch => self.reg_to_scratch(opcode),
            O::ScratchToReg => self.scratch_to_reg(opcode),
            O::ScratchWrite => self.scratch_write(opcode),
            O::MemToScratchMem => self.mem_to_scratch_mem(opcode),
            O::EventWrite => self.event_write(opcode),
            O::EventWrite7 => self.event_write7(opcode),
            O::Interrupt => self.interrupt(),
            O::WaitRegMem
            | O::WaitMemGte
            | O::WaitTimestamp
            | O::WaitRegEq
            | O::WaitTwoRegs
            | O::TestTwoMems => self.wait(opcode),
            O::IndirectBuffer | O::IndirectBufferPfd => self.indirect_buffer(opcode),
            O::IndirectBufferChain => self.indirect_buffer_chain(opcode),
            O::FixedStrideDrawTable => self.fixed_stride_draw_table(opcode),
            O::CondExec => self.cond_exec(),
            O::CondRegExec => self.cond_reg_exec(opcode),
            O::CondWrite5 => self.cond_write5(opcode),
            O::RegTest => self.reg_test(opcode),
            O::SetDrawState => self.set_draw_state(opcode),
            O::SetMode => self.set_mode(),
            O::SetMarker => self.set_marker(),
            O::SetPseudoReg => self.set_pseudo_reg(opcode),
            O::ThreadControl => self.thread_control(),
            O::GlobalTimestamp | O::LocalTimestamp | O::ModifyTimestamp => self.timestamp(opcode),
            O::ResetContextState => self.reset_context_state(),
            O::DrawPredEnableGlobal => self.draw_pred_enable_global(),
            O::DrawPredEnableLocal => self.draw_pred_enable_local(),
            O::DrawPredSet => self.draw_pred_set(opcode),
            O::DrawIndx
            | O::DrawAuto
            | O::DrawIndirect
            | O::DrawIndxIndirect
            | O::DrawIndirectMulti
            | O::DrawIndxOffset => self.begin_draw(opcode),
            O::RunOpencl | O::ExecCs | O::ExecCsIndirect => self.exec_cs(opcode),
            O::Blit => self.blit(opcode),
            // What follows orders work that runs in order here, or prepares draws that have no
            // effect yet.
            O::Nop
            | O::WaitMemWrites
            | O::WaitForMe
            | O::WaitForIdle
            | O::ResourceList
            | O::BvBrCountOps
            | O::SkipIb2EnableGlobal
            | O::SkipIb2EnableLocal
            | O::SetUnkBinData
            | O::SetBinData5Offset
            | O::SetBinData5
            | O::LoadState6Geom
            | O::LoadState6Frag
            | O::LoadState6
            | O::SetSubdrawSize
            | O::CcheInvalidate
            | O::InvalidateState
            | O::SetAmble
            | O::ContextUpdate
            | O::SetVisibilityOverride
            | O::ContextSwitchYield
            | O::PreemptDisable => Ok(()),
            O::MeInit
            | O::SmmuTableUpdate
            | O::ContextSwitch
            | O::SetProtectedMode
            | O::SetSecureMode
            | O::BootstrapUcode
            | O::WhereAmI => Err(Cause::PrivilegedOpcode(opcode)),
        }
    }

    /// The generation of the chip.
    pub(super) fn generation(&self) -> Generation {
        self.configuration.chip.generation
    }

    /// Takes work units off the budget.
    pub(super) fn charge(&mut self, units: u32) {
        self.budget = self.budget.saturating_sub(units);
    }

    /// Takes the work units off the budget that accessing `words` words of memory costs, one by one.
    /// A packet with a handful has paid for them by itself.
    pub(super) fn charge_words(&mut self, words: u32) {
        self.charge(words / UNIT_WORDS);
    }

    /// Takes the work units off the budget that moving `bytes` bytes costs.
    pub(super) fn charge_bytes(&mut self, bytes: u64) {
        self.charge(u32::try_from(bytes.div_ceil(Processor::UNIT_BYTES)).unwrap_or(u32::MAX));
    }

    /// The next operand. The packet's count was checked against its opcode; packets of variable
    /// length ask first.
    pub(super) fn operand(&mut self) -> Result<u32, Cause> {
        match self.state.packet_left.checked_sub(1) {
            Some(left) => self.state.packet_left = left,
            None => return Err(Cause::Truncated { dwords: 1, left: 0 }),
        }
        self.state.stream.next(self.memory)
    }

    /// The next two operands, a 64-bit value with the low half first.
    pub(super) fn operand64(&mut self) -> Result<u64, Cause> {
        let low = u64::from(self.operand()?);
        Ok((u64::from(self.operand()?) << 32) | low)
    }

    /// The next two operands, the GPU address in bytes of a dword.
    pub(super) fn address(&mut self) -> Result<u64, Cause> {
        let address = self.operand64()?;
        if address % 4 == 0 {
            Ok(address)
        } else {
            Err(Cause::Misaligned {
                address,
                alignment: 4,
            })
        }
    }

    /// The operands that the packet has left.
    pub(super) fn operands_left(&self) -> u32 {
        self.state.packet_left
    }

    /// Consumes what is left of the packet.
    pub(super) fn skip_operands(&mut self) {
        self.state.stream.skip(self.state.packet_left);
        self.state.packet_left = 0;
    }

    /// Reads a register, counters included.
    pub(super) fn read_register(&mut self, register: u32) -> Result<u32, Cause> {
        let [low, high] = match register {
            CP_ALWAYS_ON_COUNTER | CP_ALWAYS_ON_COUNTER_HI => {
                halves(self.memory.always_on_counter())
            }
            _ => match self.counter_half(register) {
                Some(half) => return Ok(half),
                None => return self.registers.read(self.generation(), register),
            },
        };
        Ok(if register == CP_ALWAYS_ON_COUNTER {
            low
        } else {
            high
        })
    }

    /// Reads a register and the next one, the high half; the two halves of a counter belong
    /// together.
    pub(super) fn read_register64(&mut self, register: u32) -> Result<u64, Cause> {
        if register == CP_ALWAYS_ON_COUNTER {
            return Ok(self.memory.always_on_counter());
        }
        if let Some(value) = self.counter_pair(register) {
            return Ok(value);
        }
        let low = u64::from(self.read_register(register)?);
        Ok((u64::from(self.read_register(register.saturating_add(1))?) << 32) | low)
    }

    /// Writes a register.
    pub(super) fn write_register(&mut self, register: u32, value: u32) -> Result<(), Cause> {
        self.state.counters.registers = self.state.counters.registers.wrapping_add(1);
        self.registers.write(self.generation(), register, value)
    }

    /// Loads a dword from memory.
    pub(super) fn load(&mut self, address: u64) -> Result<u32, MemoryFault> {
        self.count_read(4);
        self.memory.load(address)
    }

    /// Loads a qword from memory.
    pub(super) fn load64(&mut self, address: u64) -> Result<u64, MemoryFault> {
        self.count_read(8);
        self.memory.load64(address)
    }

    /// Stores a dword to memory.
    pub(super) fn store(&mut self, address: u64, value: u32) -> Result<(), MemoryFault> {
        self.count_written(4);
        self.memory.store(address, value)
    }

    /// Stores a qword to memory.
    pub(super) fn store64(&mut self, address: u64, value: u64) -> Result<(), MemoryFault> {
        self.count_written(8);
        self.memory.store64(address, value)
    }

    /// Copies memory, and charges for it.
    pub(super) fn copy(&mut self, to: u64, from: u64, length: u64) -> Result<(), MemoryFault> {
        self.count_read(length);
        self.count_written(length);
        self.charge_bytes(length);
        self.memory.copy(to, from, length)
    }

    /// Counts bytes read.
    pub(super) fn count_read(&mut self, bytes: u64) {
        self.state.counters.bytes_read = self.state.counters.bytes_read.wrapping_add(bytes);
    }

    /// Counts bytes written.
    pub(super) fn count_written(&mut self, bytes: u64) {
        self.state.counters.bytes_written = self.state.counters.bytes_written.wrapping_add(bytes);
    }
}

/// The low and the high half of a qword.
pub(super) fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    ]
}
