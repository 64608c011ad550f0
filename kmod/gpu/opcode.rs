// SPDX-License-Identifier: GPL-2.0

//! The type-7 opcodes: one table says each one's value, generations and least number of operands.

use super::chip::Generation;
use core::fmt;

/// Which generations know an opcode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// A6xx and A7xx.
    Both,
    /// A6xx alone.
    A6xx,
    /// A7xx alone.
    A7xx,
}

/// Declares [`Opcode`] and the table behind it.
macro_rules! opcodes {
    ($($(#[$doc:meta])* $opcode:ident = $value:literal $name:literal $known:ident $operands:literal,)*) => {
        /// A type-7 opcode that the command processor knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Opcode {
            $($(#[$doc])* $opcode,)*
        }

        /// Every opcode: what it is called, its value, who knows it, and how many dwords it takes
        /// at least.
        const TABLE: &[Row] = &[$(Row {
            opcode: Opcode::$opcode,
            name: $name,
            value: $value,
            known: Known::$known,
            operands: $operands,
        },)*];
    };
}

/// A row of the table.
struct Row {
    /// The opcode; rows stand in the order of the enum.
    opcode: Opcode,
    /// Its name in the field, as in Mesa's register database.
    name: &'static str,
    /// Its value in bits 22:16 of the header.
    value: u8,
    /// Who knows it.
    known: Known,
    /// The least number of operands, in dwords.
    operands: u32,
}

opcodes! {
    /// Skips its operands.
    Nop = 0x10 "CP_NOP" Both 0,
    /// Waits until earlier memory writes are visible.
    WaitMemWrites = 0x12 "CP_WAIT_MEM_WRITES" Both 0,
    /// The prefetch parser waits for the micro engine.
    WaitForMe = 0x13 "CP_WAIT_FOR_ME" Both 0,
    /// Waits until a dword in memory reaches a reference.
    WaitMemGte = 0x14 "CP_WAIT_MEM_GTE" A6xx 4,
    /// Waits until a timestamp in memory or on chip reaches a reference.
    WaitTimestamp = 0x14 "CP_WAIT_TIMESTAMP" A7xx 4,
    /// Sets the global timestamp that timestamped events sum up.
    GlobalTimestamp = 0x15 "CP_GLOBAL_TIMESTAMP" A7xx 1,
    /// Sets the local timestamp that timestamped events sum up.
    LocalTimestamp = 0x16 "CP_LOCAL_TIMESTAMP" A7xx 1,
    /// Chooses which of the render and visibility pipes take the packets that follow.
    ThreadControl = 0x17 "CP_THREAD_CONTROL" A7xx 1,
    /// Names render targets for concurrent binning.
    ResourceList = 0x18 "CP_RESOURCE_LIST" A7xx 0,
    /// Turns predication of draws on or off.
    DrawPredEnableGlobal = 0x19 "CP_DRAW_PRED_ENABLE_GLOBAL" Both 1,
    /// Turns predication off and on again around internal draws.
    DrawPredEnableLocal = 0x1a "CP_DRAW_PRED_ENABLE_LOCAL" Both 1,
    /// Orders the visibility pipe against the render pipe.
    BvBrCountOps = 0x1b "CP_BV_BR_COUNT_OPS" A7xx 1,
    /// Clears or advances the global or local timestamp.
    ModifyTimestamp = 0x1c "CP_MODIFY_TIMESTAMP" A7xx 1,
    /// Lets empty bins skip their buffers.
    SkipIb2EnableGlobal = 0x1d "CP_SKIP_IB2_ENABLE_GLOBAL" Both 1,
    /// Resets on-chip synchronization state.
    ResetContextState = 0x1f "CP_RESET_CONTEXT_STATE" A7xx 1,
    /// Reads, modifies and writes a register.
    RegRmw = 0x21 "CP_REG_RMW" Both 3,
    /// Draws indexed vertices, old form.
    DrawIndx = 0x22 "CP_DRAW_INDX" Both 3,
    /// Lets empty bins skip the buffer of one draw.
    SkipIb2EnableLocal = 0x23 "CP_SKIP_IB2_ENABLE_LOCAL" Both 1,
    /// Draws what transform feedback wrote.
    DrawAuto = 0x24 "CP_DRAW_AUTO" Both 2,
    /// Waits until the pipeline is idle.
    WaitForIdle = 0x26 "CP_WAIT_FOR_IDLE" Both 0,
    /// Draws with parameters from memory.
    DrawIndirect = 0x28 "CP_DRAW_INDIRECT" Both 3,
    /// Draws indexed with parameters from memory.
    DrawIndxIndirect = 0x29 "CP_DRAW_INDX_INDIRECT" Both 6,
    /// Draws many times with parameters from memory.
    DrawIndirectMulti = 0x2a "CP_DRAW_INDIRECT_MULTI" Both 6,
    /// Runs the 2D engine.
    Blit = 0x2c "CP_BLIT" Both 1,
    /// Sets bin data of later chips.
    SetUnkBinData = 0x2d "CP_SET_UNK_BIN_DATA" A7xx 0,
    /// Sets where the visibility stream of a bin lies, as offsets.
    SetBinData5Offset = 0x2e "CP_SET_BIN_DATA5_OFFSET" Both 0,
    /// Sets where the visibility stream of a bin lies.
    SetBinData5 = 0x2f "CP_SET_BIN_DATA5" Both 0,
    /// Dispatches a grid, old form.
    RunOpencl = 0x31 "CP_RUN_OPENCL" Both 0,
    /// Loads shader state of the geometry stages.
    LoadState6Geom = 0x32 "CP_LOAD_STATE6_GEOM" Both 3,
    /// Dispatches a grid.
    ExecCs = 0x33 "CP_EXEC_CS" Both 4,
    /// Loads shader state of the fragment and compute stages.
    LoadState6Frag = 0x34 "CP_LOAD_STATE6_FRAG" Both 3,
    /// Sets how draws are split for preemption.
    SetSubdrawSize = 0x35 "CP_SET_SUBDRAW_SIZE" Both 1,
    /// Loads shader state.
    LoadState6 = 0x36 "CP_LOAD_STATE6" Both 3,
    /// Calls a buffer; the form with the pipelined prefetch.
    IndirectBufferPfd = 0x37 "CP_INDIRECT_BUFFER_PFD" Both 3,
    /// Draws, with indices or without.
    DrawIndxOffset = 0x38 "CP_DRAW_INDX_OFFSET" Both 3,
    /// Sets a predicate bit from a register's bit.
    RegTest = 0x39 "CP_REG_TEST" Both 1,
    /// Invalidates the cache that A740 introduced.
    CcheInvalidate = 0x3a "CP_CCHE_INVALIDATE" A7xx 0,
    /// Invalidates state pointers.
    InvalidateState = 0x3b "CP_INVALIDATE_STATE" Both 0,
    /// Waits until a register or memory satisfies a comparison.
    WaitRegMem = 0x3c "CP_WAIT_REG_MEM" Both 6,
    /// Writes its operands to memory.
    MemWrite = 0x3d "CP_MEM_WRITE" Both 2,
    /// Copies registers to memory.
    RegToMem = 0x3e "CP_REG_TO_MEM" Both 3,
    /// Calls a buffer.
    IndirectBuffer = 0x3f "CP_INDIRECT_BUFFER" Both 3,
    /// Raises an interrupt.
    Interrupt = 0x40 "CP_INTERRUPT" Both 0,
    /// Dispatches a grid whose size is in memory.
    ExecCsIndirect = 0x41 "CP_EXEC_CS_INDIRECT" Both 4,
    /// Copies memory to registers.
    MemToReg = 0x42 "CP_MEM_TO_REG" Both 3,
    /// Registers buffers that run before the next draw.
    SetDrawState = 0x43 "CP_SET_DRAW_STATE" Both 3,
    /// Runs the next dwords only when two memory conditions hold.
    CondExec = 0x44 "CP_COND_EXEC" Both 6,
    /// Writes a register or memory when a comparison holds.
    CondWrite5 = 0x45 "CP_COND_WRITE5" Both 8,
    /// Sends an event down the pipeline, which may write memory.
    EventWrite = 0x46 "CP_EVENT_WRITE" A6xx 1,
    /// Sends an event down the pipeline, which may write memory; the form of A7xx.
    EventWrite7 = 0x46 "CP_EVENT_WRITE7" A7xx 1,
    /// Runs the next dwords only when registers or the mode satisfy a condition.
    CondRegExec = 0x47 "CP_COND_REG_EXEC" Both 2,
    /// Initializes the micro engine.
    MeInit = 0x48 "CP_ME_INIT" Both 0,
    /// Copies memory to the scratch memory that CP_REG_TEST reads.
    MemToScratchMem = 0x49 "CP_MEM_TO_SCRATCH_MEM" A7xx 4,
    /// Copies registers to scratch registers.
    RegToScratch = 0x4a "CP_REG_TO_SCRATCH" Both 1,
    /// Writes scratch registers.
    ScratchWrite = 0x4c "CP_SCRATCH_WRITE" Both 1,
    /// Copies scratch registers to registers.
    ScratchToReg = 0x4d "CP_SCRATCH_TO_REG" Both 1,
    /// Latches the predicate of draws.
    DrawPredSet = 0x4e "CP_DRAW_PRED_SET" Both 3,
    /// Waits until a register equals a reference.
    WaitRegEq = 0x52 "CP_WAIT_REG_EQ" Both 3,
    /// Switches the page table.
    SmmuTableUpdate = 0x53 "CP_SMMU_TABLE_UPDATE" Both 0,
    /// Switches to another context.
    ContextSwitch = 0x54 "CP_CONTEXT_SWITCH" A6xx 0,
    /// Registers buffers that run around a preemption.
    SetAmble = 0x55 "CP_SET_AMBLE" Both 3,
    /// Sets internal registers of the command processor.
    SetPseudoReg = 0x56 "CP_SET_PSEUDO_REG" Both 3,
    /// Jumps to a buffer at the same level.
    IndirectBufferChain = 0x57 "CP_INDIRECT_BUFFER_CHAIN" Both 3,
    /// Writes pairs of register and value.
    ContextRegBunch = 0x5c "CP_CONTEXT_REG_BUNCH" Both 0,
    /// Writes pairs of register and value, after two dwords that it ignores.
    ContextRegBunch2 = 0x5d "CP_CONTEXT_REG_BUNCH2" A7xx 2,
    /// Updates the state context.
    ContextUpdate = 0x5e "CP_CONTEXT_UPDATE" Both 0,
    /// Turns register protection on or off.
    SetProtectedMode = 0x5f "CP_SET_PROTECTED_MODE" Both 0,
    /// Loads the microcode.
    BootstrapUcode = 0x6f "CP_BOOTSTRAP_UCODE" Both 0,
    /// Tells the kernel how far the ring has come.
    WhereAmI = 0x62 "CP_WHERE_AM_I" Both 0,
    /// Chooses when draw states run.
    SetMode = 0x63 "CP_SET_MODE" Both 1,
    /// Ignores the visibility stream.
    SetVisibilityOverride = 0x64 "CP_SET_VISIBILITY_OVERRIDE" Both 1,
    /// Tells the mode of rendering.
    SetMarker = 0x65 "CP_SET_MARKER" Both 1,
    /// Enters or leaves the secure mode.
    SetSecureMode = 0x66 "CP_SET_SECURE_MODE" Both 0,
    /// Offers to be preempted.
    ContextSwitchYield = 0x6b "CP_CONTEXT_SWITCH_YIELD" Both 0,
    /// Forbids preemption for a while.
    PreemptDisable = 0x6c "CP_PREEMPT_DISABLE" A6xx 1,
    /// Writes a register that the firmware tracks.
    RegWrite = 0x6d "CP_REG_WRITE" Both 3,
    /// Waits on two registers.
    WaitTwoRegs = 0x70 "CP_WAIT_TWO_REGS" A6xx 3,
    /// Waits on two dwords in memory.
    TestTwoMems = 0x71 "CP_TEST_TWO_MEMS" Both 6,
    /// Copies registers to memory at an offset that registers hold.
    RegToMemOffsetReg = 0x72 "CP_REG_TO_MEM_OFFSET_REG" Both 4,
    /// Adds up memory.
    MemToMem = 0x73 "CP_MEM_TO_MEM" Both 5,
    /// Copies registers to memory at an offset that memory holds.
    RegToMemOffsetMem = 0x74 "CP_REG_TO_MEM_OFFSET_MEM" Both 5,
    /// Copies memory.
    Memcpy = 0x75 "CP_MEMCPY" Both 5,
    /// Writes registers without a context roll.
    RegWrNoCtxt = 0x78 "CP_REG_WR_NO_CTXT" Both 1,
    /// Runs an array of buffers of one draw each.
    FixedStrideDrawTable = 0x7f "CP_FIXED_STRIDE_DRAW_TABLE" A7xx 4,
}

/// The opcode of each value, for A6xx and for A7xx.
const DECODE: [[Option<Opcode>; 128]; 2] = [decode_table(Known::A6xx), decode_table(Known::A7xx)];

/// The opcodes that Both know and those of `generation`, by value.
const fn decode_table(generation: Known) -> [Option<Opcode>; 128] {
    let mut table = [None; 128];
    let mut row = 0;
    while row < TABLE.len() {
        let known = TABLE[row].known;
        if known as u8 == generation as u8 || known as u8 == Known::Both as u8 {
            table[TABLE[row].value as usize] = Some(TABLE[row].opcode);
        }
        row += 1;
    }
    table
}

impl Opcode {
    /// The opcode of that value (bits 22:16 of a header); `None` when the generation does not know
    /// it.
    pub fn decode(value: u8, generation: Generation) -> Option<Self> {
        let [a6xx, a7xx] = &DECODE;
        let table = match generation {
            Generation::A6xx => a6xx,
            Generation::A7xx => a7xx,
        };
        table.get(usize::from(value)).copied().flatten()
    }

    /// Its name in the field.
    pub fn name(self) -> &'static str {
        self.row().map_or("CP_?", |row| row.name)
    }

    /// Its value in bits 22:16 of a header.
    pub fn value(self) -> u8 {
        self.row().map_or(0, |row| row.value)
    }

    /// The least number of operands, in dwords.
    pub fn operands(self) -> u32 {
        self.row().map_or(0, |row| row.operands)
    }

    /// Whether only the kernel's ring buffer may hold it.
    pub fn privileged(self) -> bool {
        use Opcode::{
            BootstrapUcode, ContextSwitch, MeInit, SetProtectedMode, SetSecureMode,
            SmmuTableUpdate, WhereAmI,
        };
        matches!(
            self,
            MeInit
                | SmmuTableUpdate
                | ContextSwitch
                | SetProtectedMode
                | SetSecureMode
                | BootstrapUcode
                | WhereAmI
        )
    }

    /// Its row of the table, which stands in the order of the enum.
    fn row(self) -> Option<&'static Row> {
        TABLE.get(self as usize)
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
