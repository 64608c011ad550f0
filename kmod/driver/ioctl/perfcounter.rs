// SPDX-License-Identifier: GPL-2.0

//! Performance counters (ABI facts, section 4.5 for the errors).

use super::super::File;
use crate::{
    abi::perfcounter as abi,
    ext::user,
    gpu::counters::Counters, //
};
use kernel::{
    alloc::flags,
    prelude::*,
    transmute::AsBytes,
    uaccess::UserSlice, //
};

/// How many counters can be read at once, as in the C driver.
const READS_MAX: u32 = 100;

/// PERFCOUNTER_GET: reserves a counter, and says in which registers command streams find it.
///
/// Fails with `EINVAL` for an unknown group or what a fixed one does not count, and with `EBUSY`
/// when all counters of the group are taken.
pub(super) fn get(file: &File, argument: &mut abi::PerfcounterGet) -> Result {
    let device = &file.device;
    let reading = device.reading(&Counters::new());
    let (low, high) =
        device
            .perfcounters
            .reserve(file.id, argument.groupid, argument.countable, &reading)?;
    argument.offset = low;
    argument.offset_hi = high;
    Ok(())
}

/// PERFCOUNTER_PUT: takes one reservation back.
///
/// Fails with `ENODEV` when the file has none.
pub(super) fn put(file: &File, argument: &mut abi::PerfcounterPut) -> Result {
    let counters = &file.device.perfcounters;
    counters.give_back(file.id, argument.groupid, argument.countable)?;
    Ok(())
}

/// PERFCOUNTER_QUERY: how many counters a group has, and what they count. Without a list, or with
/// room for none, only how many.
///
/// Fails with `EINVAL` for an unknown group.
pub(super) fn query(file: &File, argument: &mut abi::PerfcounterQuery) -> Result {
    let countables = file.device.perfcounters.countables(argument.groupid)?;
    argument.max_counters = u32::try_from(countables.len())?;
    if argument.countables == 0 {
        return Ok(());
    }
    let room = usize::try_from(argument.count)?;
    let list = countables.get(..room).unwrap_or(&countables);
    let bytes = AsBytes::as_bytes(list);
    UserSlice::new(user::address(argument.countables)?, bytes.len())
        .writer()
        .write_slice(bytes)?;
    Ok(())
}

/// PERFCOUNTER_READ: what counters have counted since they were reserved, all at one moment; 0 for
/// what nobody has reserved.
///
/// Fails with `EINVAL` for no counters, too many, or an unknown group; nothing is written then.
pub(super) fn read(file: &File, argument: &mut abi::PerfcounterRead) -> Result {
    if argument.reads == 0 || argument.count == 0 || argument.count > READS_MAX {
        return Err(EINVAL);
    }
    let count = usize::try_from(argument.count)?;
    let at = user::address(argument.reads)?;
    let mut list = KVec::with_capacity(count, flags::GFP_KERNEL)?;
    for index in 0..count {
        let from = at.wrapping_byte_add(index * size_of::<abi::PerfcounterReadGroup>());
        list.push(user::read_exact(from)?, flags::GFP_KERNEL)?;
    }
    fill(file, &mut list)?;
    let bytes = AsBytes::as_bytes(list.as_slice());
    UserSlice::new(at, bytes.len())
        .writer()
        .write_slice(bytes)?;
    Ok(())
}

/// Reads the counters of a list.
fn fill(file: &File, list: &mut [abi::PerfcounterReadGroup]) -> Result {
    let device = &file.device;
    let reading = device.reading(&Counters::new());
    list.iter_mut().try_for_each(|read| {
        read.value = device
            .perfcounters
            .read(read.groupid, read.countable, &reading)?;
        Ok(())
    })
}
