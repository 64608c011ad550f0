// SPDX-License-Identifier: GPL-2.0

//! Performance counters: which there are, where their registers lie, and what they count.
//!
//! Groups have the numbers of `KGSL_PERFCOUNTER_GROUP_*`, countables those that the hardware's
//! select registers take, and registers are dword offsets, as in packets. A countable of a unit that
//! the software GPU lacks is one of something that never happens.

use super::chip::Generation;
use super::counters::Counters;
use super::registers::CP_ALWAYS_ON_COUNTER;

/// `KGSL_PERFCOUNTER_GROUP_CP`: the command processor.
pub const GROUP_CP: u32 = 0x00;
/// `KGSL_PERFCOUNTER_GROUP_RBBM`: the register bus, which sees whether anything is busy.
pub const GROUP_RBBM: u32 = 0x01;
/// `KGSL_PERFCOUNTER_GROUP_VBIF`: the way to memory.
pub const GROUP_VBIF: u32 = 0x0d;
/// `KGSL_PERFCOUNTER_GROUP_ALWAYSON`: the always-on counter.
pub const GROUP_ALWAYSON: u32 = 0x1b;
/// `KGSL_PERFCOUNTER_GROUP_MAX`: the first number that is no group.
pub const GROUP_MAX: u32 = 0x37;

/// The frequency of the cycles that counters count: one each nanosecond.
pub const CYCLES_PER_SECOND: u64 = 1_000_000_000;

/// The bytes that a beat on the way to memory moves.
const BEAT: u64 = 32;

/// The counters of a unit of the hardware.
#[derive(Debug)]
pub struct Group {
    /// Which `KGSL_PERFCOUNTER_GROUP_*` it is.
    pub id: u32,
    /// How many counters it has.
    pub count: u32,
    /// Whether each counter counts one thing only, whose number is its own.
    pub fixed: bool,
    /// The register of the first counter's low half.
    first: u32,
    /// From a counter's low half to that of the next, in registers.
    step: u32,
    /// From a counter's low half to its high half, in registers.
    to_high: u32,
    /// The register that selects what the first counter counts, where command streams may write it.
    select: Option<u32>,
}

/// A group whose counters are pairs of registers, and whose selects are consecutive.
const fn pairs(id: u32, first: u32, count: u32, select: u32) -> Group {
    Group {
        id,
        count,
        fixed: false,
        first,
        step: 2,
        to_high: 1,
        select: Some(select),
    }
}

/// The way to memory (GBIF_PERF_CNT): the low halves, then the high halves. Its select is the
/// kernel's.
const MEMORY: Group = Group {
    id: GROUP_VBIF,
    count: 4,
    fixed: false,
    first: 0x3cc4,
    step: 1,
    to_high: 4,
    select: None,
};

/// The always-on counter, which is a group of its own.
const ALWAYS_ON: Group = Group {
    id: GROUP_ALWAYSON,
    count: 1,
    fixed: true,
    first: CP_ALWAYS_ON_COUNTER,
    step: 2,
    to_high: 1,
    select: None,
};

/// The groups of A6xx.
const A6XX: &[Group] = &[
    pairs(GROUP_CP, 0x0400, 14, 0x08d0),
    pairs(GROUP_RBBM, 0x041c, 4, 0x0507),
    pairs(0x02, 0x0424, 8, 0x9e34),  // PC
    pairs(0x03, 0x0434, 8, 0xa610),  // VFD
    pairs(0x04, 0x0444, 6, 0xbe10),  // HLSQ
    pairs(0x05, 0x0450, 6, 0x9604),  // VPC
    pairs(0x06, 0x0466, 4, 0x8610),  // TSE
    pairs(0x07, 0x046e, 4, 0x8614),  // RAS
    pairs(0x08, 0x0476, 12, 0x0e1c), // UCHE
    pairs(0x09, 0x048e, 12, 0xb610), // TP
    pairs(0x0a, 0x04a6, 24, 0xae10), // SP
    pairs(0x0b, 0x04d6, 8, 0x8e10),  // RB
    MEMORY,
    pairs(0x17, 0x04e6, 2, 0x0cd8), // VSC
    pairs(0x18, 0x045c, 5, 0x8e18), // CCU
    pairs(0x19, 0x04ea, 4, 0x8618), // LRZ
    pairs(0x1a, 0x04f2, 4, 0x8e2c), // CMP
    ALWAYS_ON,
];

/// The groups of A7xx: BV is the pipe for visibility, beside the one that renders.
const A7XX: &[Group] = &[
    pairs(GROUP_CP, 0x0300, 14, 0x08d0),
    pairs(GROUP_RBBM, 0x031c, 4, 0x0507),
    pairs(0x02, 0x0324, 8, 0x9e42),  // PC
    pairs(0x03, 0x0334, 8, 0xa610),  // VFD
    pairs(0x04, 0x0344, 6, 0xae60),  // HLSQ
    pairs(0x05, 0x0350, 6, 0x960b),  // VPC
    pairs(0x06, 0x0366, 4, 0x8610),  // TSE
    pairs(0x07, 0x036e, 4, 0x8614),  // RAS
    pairs(0x08, 0x0376, 12, 0x0e1c), // UCHE
    pairs(0x09, 0x038e, 12, 0xb610), // TP
    pairs(0x0a, 0x03a6, 24, 0xae80), // SP
    pairs(0x0b, 0x03d6, 8, 0x8e10),  // RB
    MEMORY,
    pairs(0x17, 0x03e6, 2, 0x0cd8), // VSC
    pairs(0x18, 0x035c, 5, 0x8e18), // CCU
    pairs(0x19, 0x03ea, 4, 0x8618), // LRZ
    pairs(0x1a, 0x03f2, 4, 0x8e2c), // CMP
    ALWAYS_ON,
    pairs(0x2b, 0x03fa, 4, 0x8e30),  // UFC
    pairs(0x2c, 0x041c, 7, 0x08e0),  // BV_CP
    pairs(0x2d, 0x0460, 8, 0x9e4a),  // BV_PC
    pairs(0x2e, 0x0470, 8, 0xa618),  // BV_VFD
    pairs(0x2f, 0x0480, 6, 0x9611),  // BV_VPC
    pairs(0x30, 0x0442, 6, 0xb61c),  // BV_TP
    pairs(0x31, 0x042a, 12, 0xae98), // BV_SP
    pairs(0x32, 0x044e, 2, 0x8e34),  // BV_UFC
    pairs(0x33, 0x048c, 4, 0x8610),  // BV_TSE
    pairs(0x34, 0x0494, 4, 0x8614),  // BV_RAS
    pairs(0x35, 0x049c, 4, 0x8618),  // BV_LRZ
    pairs(0x36, 0x0410, 6, 0xae60),  // BV_HLSQ
];

/// The groups of a generation.
pub fn groups(generation: Generation) -> &'static [Group] {
    match generation {
        Generation::A6xx => A6XX,
        Generation::A7xx => A7XX,
    }
}

/// One counter.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    /// Its group.
    pub group: &'static Group,
    /// Its place in the group, from 0.
    pub index: u32,
}

/// Which half of a counter a register is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Bits 31 to 0.
    Low,
    /// Bits 63 to 32.
    High,
}

impl Counter {
    /// The counter, and the half of it, that a register shows.
    pub fn at(generation: Generation, register: u32) -> Option<(Self, Half)> {
        groups(generation)
            .iter()
            .find_map(|group| group.counter_at(register))
    }

    /// The register of its low half.
    pub fn low(&self) -> u32 {
        self.group
            .first
            .saturating_add(self.index.saturating_mul(self.group.step))
    }

    /// The register of its high half.
    pub fn high(&self) -> u32 {
        self.low().saturating_add(self.group.to_high)
    }

    /// The register with which a command stream selects what it counts.
    pub fn select(&self) -> Option<u32> {
        Some(self.group.select?.saturating_add(self.index))
    }
}

impl Group {
    /// The counter, and the half of it, that a register shows.
    fn counter_at(&'static self, register: u32) -> Option<(Counter, Half)> {
        let low = register.checked_sub(self.first)?;
        let counter = |index| Counter { group: self, index };
        if let Some(index) = self.index(low) {
            return Some((counter(index), Half::Low));
        }
        let index = self.index(low.checked_sub(self.to_high)?)?;
        Some((counter(index), Half::High))
    }

    /// The counter whose half lies so many registers after that of the first.
    fn index(&self, distance: u32) -> Option<u32> {
        let index = distance.checked_div(self.step)?;
        (distance == index * self.step && index < self.count).then_some(index)
    }

    /// What the countable of that number means in this group.
    pub fn countable(&self, number: u32) -> Countable {
        match (self.id, number) {
            (GROUP_CP | GROUP_RBBM, 0) => Countable::Cycles,
            (GROUP_CP, 2) | (GROUP_RBBM, 6) => Countable::BusyCycles,
            (GROUP_CP, 8) => Countable::PredicatedDraws,
            (GROUP_CP, 45) => Countable::PacketData,
            (GROUP_CP, 46) => Countable::PacketHeaders,
            (GROUP_CP, 47) | (GROUP_VBIF, 34) => Countable::ReadBeats,
            (GROUP_CP, 48) | (GROUP_VBIF, 46) => Countable::WriteBeats,
            (GROUP_RBBM, 1) | (GROUP_ALWAYSON, 0) => Countable::Ticks,
            _ => Countable::Never,
        }
    }
}

/// What happens that a counter can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countable {
    /// Time goes by: PERF_CP_ALWAYS_COUNT, in cycles.
    Cycles,
    /// A command processor runs: PERF_CP_BUSY_CYCLES, in cycles.
    BusyCycles,
    /// The always-on counter ticks, at 19.2 MHz: PERF_RBBM_ALWAYS_ON.
    Ticks,
    /// A packet begins: PERF_CP_PM4_HEADERS.
    PacketHeaders,
    /// A dword of a packet is consumed that is not its header: PERF_CP_PM4_DATA.
    PacketData,
    /// A predicate turns a draw off: PERF_CP_PREDICATED_DRAWS_KILLED.
    PredicatedDraws,
    /// 32 bytes of memory are read: PERF_CP_VBIF_READ_BEATS, and the total of GBIF.
    ReadBeats,
    /// 32 bytes of memory are written: PERF_CP_VBIF_WRITE_BEATS, and the total of GBIF.
    WriteBeats,
    /// Something that this GPU never does.
    Never,
}

/// What there is to count, at one moment. All of it grows, and wraps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// What command processors have counted.
    pub counters: Counters,
    /// Cycles that have gone by.
    pub cycles: u64,
    /// Cycles in which a command processor was running.
    pub busy_cycles: u64,
    /// Ticks of the always-on counter.
    pub ticks: u64,
}

impl Countable {
    /// How far it has been counted, in units of its own: bytes for beats.
    pub fn raw(self, reading: &Reading) -> u64 {
        let counters = &reading.counters;
        match self {
            Self::Cycles => reading.cycles,
            Self::BusyCycles => reading.busy_cycles,
            Self::Ticks => reading.ticks,
            Self::PacketHeaders => counters.packets,
            Self::PacketData => counters.dwords.wrapping_sub(counters.packets),
            Self::PredicatedDraws => counters.predicated,
            Self::ReadBeats => counters.bytes_read,
            Self::WriteBeats => counters.bytes_written,
            Self::Never => 0,
        }
    }

    /// What a counter shows that has counted so many units.
    pub fn scale(self, raw: u64) -> u64 {
        match self {
            Self::ReadBeats | Self::WriteBeats => raw / BEAT,
            _ => raw,
        }
    }
}
