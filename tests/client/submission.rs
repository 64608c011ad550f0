// SPDX-License-Identifier: GPL-2.0

//! GPU_COMMAND with everything that it can carry, and GPU_AUX_COMMAND.

use kgsl_shim::abi::command::{
    AuxCommandGeneric, AuxCommandTimeline, CommandObject, CommandSyncpoint, GpuAuxCommand,
    GpuCommand, SyncpointFence, SyncpointTimeline, SyncpointTimestamp, AUX_COMMAND_SYNC,
    AUX_COMMAND_TIMELINE, GPU_AUX_COMMAND, GPU_COMMAND, SYNCPOINT_FENCE, SYNCPOINT_TIMELINE,
    SYNCPOINT_TIMESTAMP,
};
use kgsl_shim::abi::timeline::TimelineValue;
use rustix::io::Errno;

use super::system::address;
use super::{Context, Device, Fence};

/// Something that a submission waits for.
#[derive(Clone, Copy, Debug)]
pub enum Syncpoint<'a> {
    /// A timestamp of a context: the id, and the timestamp.
    Timestamp(u32, u32),
    /// A sync_file.
    Fence(&'a Fence),
    /// Points of timelines, as `(timeline, seqno)`.
    Timelines(&'a [(u32, u64)]),
    /// A point of a kind that does not exist.
    Unknown,
}

/// What a syncpoint's structure points at.
#[derive(Clone, Debug)]
enum Payload {
    Timestamp(SyncpointTimestamp),
    Fence(SyncpointFence),
    Timelines(SyncpointTimeline, #[allow(dead_code)] Vec<TimelineValue>),
    Nothing,
}

/// A GPU_COMMAND.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// Its command buffers.
    pub buffers: Vec<CommandObject>,
    /// Its memory objects.
    pub objects: Vec<CommandObject>,
    /// Its flags.
    pub flags: u32,
    /// Its timestamp, where the program numbers its submissions.
    pub timestamp: u32,
}

impl Submission {
    /// Submits, after the points have come to pass; the timestamp.
    pub fn submit(
        &self,
        device: &Device,
        context: &Context<'_>,
        points: &[Syncpoint<'_>],
    ) -> Result<u32, Errno> {
        let (mut buffers, mut objects) = (self.buffers.clone(), self.objects.clone());
        let mut payloads: Vec<_> = points.iter().map(payload).collect();
        let mut list: Vec<_> = payloads.iter_mut().map(structure).collect();
        let mut command = GpuCommand {
            flags: u64::from(self.flags),
            cmdlist: address(&mut buffers[..]),
            cmdsize: size::<CommandObject>(),
            numcmds: count(&self.buffers),
            objlist: address(&mut objects[..]),
            objsize: size::<CommandObject>(),
            numobjs: count(&self.objects),
            synclist: address(&mut list[..]),
            syncsize: size::<CommandSyncpoint>(),
            numsyncs: count(points),
            context_id: context.id,
            timestamp: self.timestamp,
        };
        device.ioctl(GPU_COMMAND, &mut command)?;
        Ok(command.timestamp)
    }
}

/// Moves timelines on in the context's turn, after the points have come to pass; the timestamp.
pub fn aux_signal(
    device: &Device,
    context: &Context<'_>,
    signals: &[(u32, u64)],
    points: &[Syncpoint<'_>],
) -> Result<u32, Errno> {
    let mut values = values(signals);
    let mut timeline = AuxCommandTimeline {
        timelines: address(&mut values[..]),
        count: count(signals),
        timelines_size: size::<TimelineValue>(),
    };
    aux(device, context, AUX_COMMAND_TIMELINE, &mut timeline, points)
}

/// A GPU_AUX_COMMAND of that kind, after the points have come to pass; the timestamp.
pub(super) fn aux<T: Copy>(
    device: &Device,
    context: &Context<'_>,
    kind: u32,
    list: &mut T,
    points: &[Syncpoint<'_>],
) -> Result<u32, Errno> {
    let mut generic = AuxCommandGeneric {
        private: address(list),
        size: u64::from(size::<T>()),
        kind,
        pad: 0,
    };
    let mut payloads: Vec<_> = points.iter().map(payload).collect();
    let mut list: Vec<_> = payloads.iter_mut().map(structure).collect();
    let mut command = GpuAuxCommand {
        flags: u64::from(kind | AUX_COMMAND_SYNC),
        cmdlist: address(&mut generic),
        cmdsize: size::<AuxCommandGeneric>(),
        numcmds: 1,
        synclist: address(&mut list[..]),
        syncsize: size::<CommandSyncpoint>(),
        numsyncs: count(points),
        context_id: context.id,
        timestamp: 0,
    };
    device.ioctl(GPU_AUX_COMMAND, &mut command)?;
    Ok(command.timestamp)
}

fn payload(point: &Syncpoint<'_>) -> Payload {
    match point {
        Syncpoint::Timestamp(context_id, timestamp) => Payload::Timestamp(SyncpointTimestamp {
            context_id: *context_id,
            timestamp: *timestamp,
        }),
        Syncpoint::Fence(fence) => Payload::Fence(SyncpointFence {
            fd: fence.descriptor(),
        }),
        Syncpoint::Timelines(points) => {
            let mut values = values(points);
            let list = SyncpointTimeline {
                timelines: address(&mut values[..]),
                count: count(points),
                timelines_size: size::<TimelineValue>(),
            };
            Payload::Timelines(list, values)
        }
        Syncpoint::Unknown => Payload::Nothing,
    }
}

fn structure(payload: &mut Payload) -> CommandSyncpoint {
    let (private, size, kind) = match payload {
        Payload::Timestamp(point) => (
            address(point),
            size::<SyncpointTimestamp>(),
            SYNCPOINT_TIMESTAMP,
        ),
        Payload::Fence(point) => (address(point), size::<SyncpointFence>(), SYNCPOINT_FENCE),
        Payload::Timelines(list, _) => (
            address(list),
            size::<SyncpointTimeline>(),
            SYNCPOINT_TIMELINE,
        ),
        Payload::Nothing => (0, 0, 77),
    };
    CommandSyncpoint {
        private,
        size: u64::from(size),
        kind,
        pad: 0,
    }
}

/// Points of timelines as the ABI has them.
fn values(points: &[(u32, u64)]) -> Vec<TimelineValue> {
    let value = |&(timeline, seqno): &(u32, u64)| TimelineValue {
        seqno,
        timeline,
        pad: 0,
    };
    points.iter().map(value).collect()
}

fn size<T>() -> u32 {
    u32::try_from(size_of::<T>()).expect("structures are small")
}

fn count<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).expect("lists are short")
}
