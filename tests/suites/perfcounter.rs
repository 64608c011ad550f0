// SPDX-License-Identifier: GPL-2.0

//! PERFCOUNTER_*: who has which counter, and that counters count what streams do.

mod reservation;
mod values;

use kgsl_shim::abi::perfcounter::{
    PerfcounterGet, PerfcounterPut, PerfcounterQuery, PerfcounterRead, PerfcounterReadGroup,
    PERFCOUNTER_GET, PERFCOUNTER_PUT, PERFCOUNTER_QUERY, PERFCOUNTER_READ,
};
use rustix::io::Errno;

use crate::client::{address, Device};
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "perfcounter",
    groups: &[reservation::TESTS, values::TESTS],
};

/// The groups of the command processor, of the way to memory, and of the always-on counter.
const CP: u32 = 0x00;
const VBIF: u32 = 0x0d;
const ALWAYSON: u32 = 0x1b;

/// The first number that is no group.
const GROUP_MAX: u32 = 0x37;

/// What a counter counts that nobody has reserved.
const NOT_USED: u32 = u32::MAX;

/// Addresses at which there is nothing that a program could lend.
const NOWHERE: [u64; 2] = [8, 0xffff_8000_0000_0000];

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// Reserves a counter; the registers of its low and its high half.
fn get(device: &Device, groupid: u32, countable: u32) -> Result<(u32, u32), Errno> {
    let mut argument = PerfcounterGet {
        groupid,
        countable,
        ..PerfcounterGet::default()
    };
    device.ioctl(PERFCOUNTER_GET, &mut argument)?;
    Ok((argument.offset, argument.offset_hi))
}

fn put(device: &Device, groupid: u32, countable: u32) -> Result<(), Errno> {
    let mut argument = PerfcounterPut {
        groupid,
        countable,
        ..PerfcounterPut::default()
    };
    device.ioctl(PERFCOUNTER_PUT, &mut argument)
}

/// How many counters the group has.
fn size(device: &Device, groupid: u32) -> Result<u32, Errno> {
    let mut argument = PerfcounterQuery {
        groupid,
        ..PerfcounterQuery::default()
    };
    device.ioctl(PERFCOUNTER_QUERY, &mut argument)?;
    Ok(argument.max_counters)
}

/// What the counters of the group count.
fn countables(device: &Device, groupid: u32) -> Vec<u32> {
    let count = size(device, groupid).expect("there is such a group");
    let mut list = vec![0; usize::try_from(count).expect("there are few")];
    let mut argument = PerfcounterQuery {
        groupid,
        countables: address(&mut list[..]),
        count,
        ..PerfcounterQuery::default()
    };
    device
        .ioctl(PERFCOUNTER_QUERY, &mut argument)
        .expect("there is room");
    list
}

fn read_list(device: &Device, list: &mut [PerfcounterReadGroup]) -> Result<(), Errno> {
    let mut argument = PerfcounterRead {
        reads: address(list),
        count: u32::try_from(list.len()).expect("there are few"),
        ..PerfcounterRead::default()
    };
    device.ioctl(PERFCOUNTER_READ, &mut argument)
}

fn read(device: &Device, groupid: u32, countable: u32) -> Result<u64, Errno> {
    let mut list = [PerfcounterReadGroup {
        groupid,
        countable,
        value: u64::MAX,
    }];
    read_list(device, &mut list)?;
    Ok(list[0].value)
}
