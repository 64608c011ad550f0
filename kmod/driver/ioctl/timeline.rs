// SPDX-License-Identifier: GPL-2.0

//! Timelines.

use super::super::{
    timeline::{
        Demand,
        Timeline, //
    },
    File, //
};
use crate::{
    abi::timeline as abi,
    ext::user, //
};
use kernel::{
    alloc::flags,
    prelude::*,
    sync::Arc,
    time::{
        msecs_to_jiffies,
        Jiffies, //
    },
};

/// Nanoseconds in a millisecond, and milliseconds in a second.
const NS_PER_MS: u64 = 1_000_000;
const MS_PER_S: u64 = 1_000;

/// Points that one call may name, so that its list is bounded.
const POINTS_MAX: u32 = 1024;

/// A list of points in user memory.
pub(super) struct List {
    /// User address of the first.
    pub(super) address: u64,
    /// Size of each, in bytes.
    pub(super) size: u32,
    /// How many there are.
    pub(super) count: u32,
}

impl List {
    /// Brings the points in, each with its timeline.
    ///
    /// Fails with `EINVAL` for an empty or overlong list and for padding that is not 0, and with
    /// `unknown` for a timeline that does not exist.
    pub(super) fn read(&self, file: &File, unknown: Error) -> Result<KVVec<(Arc<Timeline>, u64)>> {
        if self.count == 0 || self.count > POINTS_MAX {
            return Err(EINVAL);
        }
        let count = usize::try_from(self.count)?;
        let size = usize::try_from(self.size)?;
        let mut from = user::address(self.address)?;
        let mut points = KVVec::with_capacity(count, flags::GFP_KERNEL_ACCOUNT)?;
        for _ in 0..count {
            let point: abi::TimelineValue = user::read_extensible(from, size)?;
            if point.pad != 0 {
                return Err(EINVAL);
            }
            let timeline = file.device.timelines.get(point.timeline).ok_or(unknown)?;
            points.push((timeline, point.seqno), flags::GFP_KERNEL_ACCOUNT)?;
            from = from.wrapping_byte_add(size);
        }
        Ok(points)
    }
}

/// TIMELINE_CREATE.
pub(super) fn create(file: &File, argument: &mut abi::TimelineCreate) -> Result {
    if argument.pad != 0 {
        return Err(EINVAL);
    }
    argument.id = file.create_timeline(argument.seqno)?;
    Ok(())
}

/// TIMELINE_DESTROY.
pub(super) fn destroy(file: &File, argument: &mut abi::TimelineDestroy) -> Result {
    file.destroy_timeline(argument.id)?;
    Ok(())
}

/// TIMELINE_QUERY.
pub(super) fn query(file: &File, argument: &mut abi::TimelineValue) -> Result {
    let timeline = file.device.timelines.get(argument.timeline).ok_or(ENODEV)?;
    argument.seqno = timeline.value();
    Ok(())
}

/// TIMELINE_SIGNAL.
///
/// Fails with `EAGAIN` when the size of a point is 0, as the C driver does.
pub(super) fn signal(file: &File, argument: &mut abi::TimelineSignal) -> Result {
    if argument.timelines_size == 0 {
        return Err(EAGAIN);
    }
    let list = List {
        address: argument.timelines,
        size: argument.timelines_size,
        count: argument.count,
    };
    for (timeline, seqno) in list.read(file, ENODEV)? {
        file.device.timelines.signal(&timeline, seqno);
    }
    Ok(())
}

/// TIMELINE_WAIT.
pub(super) fn wait(file: &File, argument: &mut abi::TimelineWait) -> Result {
    let demand = match argument.flags {
        abi::TIMELINE_WAIT_ALL => Demand::All,
        abi::TIMELINE_WAIT_ANY => Demand::Any,
        _ => return Err(EINVAL),
    };
    if argument.pad != 0 {
        return Err(EINVAL);
    }
    let list = List {
        address: argument.timelines,
        size: argument.timelines_size,
        count: argument.count,
    };
    let points = list.read(file, ENOENT)?;
    file.device
        .timelines
        .wait(&points, demand, timeout(argument)?)?;
    Ok(())
}

/// The timeout of a wait: rounded to milliseconds, then to jiffies, as in the C driver.
fn timeout(argument: &abi::TimelineWait) -> Result<Jiffies> {
    let seconds = u64::try_from(argument.tv_sec).map_err(|_| EINVAL)?;
    let nanoseconds = u64::try_from(argument.tv_nsec).map_err(|_| EINVAL)?;
    let milliseconds = seconds
        .saturating_mul(MS_PER_S)
        .saturating_add(nanoseconds / NS_PER_MS);
    Ok(msecs_to_jiffies(
        u32::try_from(milliseconds).unwrap_or(u32::MAX),
    ))
}

/// TIMELINE_FENCE_GET: a sync_file for a point.
pub(super) fn fence(file: &File, argument: &mut abi::TimelineFenceGet) -> Result {
    let timeline = file.device.timelines.get(argument.timeline).ok_or(ENODEV)?;
    let descriptor = timeline.fence(argument.seqno)?.to_descriptor()?;
    argument.handle = descriptor.number();
    // The structure is written back after this; where that fails, the program has a descriptor that
    // it does not know of, which goes with the process.
    descriptor.install();
    Ok(())
}
