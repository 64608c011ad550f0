// SPDX-License-Identifier: GPL-2.0

//! Performance counters.

use super::Ioctl;

/// Reserves a counter.
pub const PERFCOUNTER_GET: Ioctl<PerfcounterGet> = Ioctl::read_write(0x38);
/// Gives a counter back.
pub const PERFCOUNTER_PUT: Ioctl<PerfcounterPut> = Ioctl::write(0x39);
/// Lists the counters of a group that are in use.
pub const PERFCOUNTER_QUERY: Ioctl<PerfcounterQuery> = Ioctl::read_write(0x3a);
/// Reads counters.
pub const PERFCOUNTER_READ: Ioctl<PerfcounterRead> = Ioctl::read_write(0x3b);

/// `struct kgsl_perfcounter_get`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PerfcounterGet {
    /// Which group.
    pub groupid: u32,
    /// What to count.
    pub countable: u32,
    /// Out: the register that holds the low half.
    pub offset: u32,
    /// Out: the register that holds the high half.
    pub offset_hi: u32,
    /// Reserved.
    pub reserved: u32,
}

/// `struct kgsl_perfcounter_put`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PerfcounterPut {
    /// Which group.
    pub groupid: u32,
    /// What was counted.
    pub countable: u32,
    /// Reserved.
    pub reserved: [u32; 2],
}

/// `struct kgsl_perfcounter_query`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PerfcounterQuery {
    /// Which group.
    pub groupid: u32,
    /// Padding.
    pub pad: u32,
    /// User address of an array of `u32`: what is counted.
    pub countables: u64,
    /// How many entries the array has.
    pub count: u32,
    /// Out: how many counters the group has.
    pub max_counters: u32,
    /// Reserved.
    pub reserved: [u32; 2],
}

/// `struct kgsl_perfcounter_read`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PerfcounterRead {
    /// User address of an array of [`PerfcounterReadGroup`].
    pub reads: u64,
    /// How many there are.
    pub count: u32,
    /// Reserved.
    pub reserved: [u32; 2],
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_perfcounter_read_group`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PerfcounterReadGroup {
    /// Which group.
    pub groupid: u32,
    /// What is counted.
    pub countable: u32,
    /// Out: the value.
    pub value: u64,
}
