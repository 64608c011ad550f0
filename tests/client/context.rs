// SPDX-License-Identifier: GPL-2.0

//! A context, and what is submitted to it.

use kgsl_shim::abi::command::{
    CommandObject, GpuCommand, CMDBATCH_SUBMIT_IB_LIST, CMDLIST_IB, GPU_COMMAND,
};
use kgsl_shim::abi::context::{
    ContextCreate, ContextDestroy, ReadTimestamp, WaitTimestamp, CMDSTREAM_READTIMESTAMP_CTXTID,
    CONTEXT_NO_GMEM_ALLOC, CONTEXT_PREAMBLE, CONTEXT_SAVE_GMEM, DEVICE_WAITTIMESTAMP_CTXTID,
    DRAWCTXT_CREATE, DRAWCTXT_DESTROY,
};
use kgsl_shim::abi::sync::{
    TimestampEvent, TimestampEventFence, TIMESTAMP_EVENT, TIMESTAMP_EVENT_FENCE,
};
use rustix::io::Errno;

use super::device::Device;
use super::fence::Fence;
use super::system::address;

/// A context of an open device.
#[derive(Debug)]
pub struct Context<'device> {
    /// Its id.
    pub id: u32,
    /// Its flags, as the driver echoed them.
    pub flags: u32,
    device: &'device Device,
}

impl<'device> Context<'device> {
    /// The flags of every context that turnip creates.
    pub const USUAL: u32 = CONTEXT_SAVE_GMEM | CONTEXT_NO_GMEM_ALLOC | CONTEXT_PREAMBLE;

    /// Creates a context with [`Context::USUAL`] flags.
    pub fn new(device: &'device Device) -> Result<Self, Errno> {
        Self::with_flags(device, Self::USUAL)
    }

    /// Creates a context.
    pub fn with_flags(device: &'device Device, flags: u32) -> Result<Self, Errno> {
        let mut argument = ContextCreate {
            flags,
            ..ContextCreate::default()
        };
        device.ioctl(DRAWCTXT_CREATE, &mut argument)?;
        Ok(Self {
            id: argument.drawctxt_id,
            flags: argument.flags,
            device,
        })
    }

    /// A context by its id, which need not be one of the device.
    pub fn of(device: &'device Device, id: u32) -> Self {
        Self {
            id,
            flags: 0,
            device,
        }
    }

    /// Destroys it.
    pub fn destroy(&self) -> Result<(), Errno> {
        self.device.ioctl(
            DRAWCTXT_DESTROY,
            &mut ContextDestroy {
                drawctxt_id: self.id,
            },
        )
    }

    /// Submits one command buffer: its GPU address, and its size in dwords. Returns the timestamp.
    pub fn submit(&self, gpu_address: u64, dwords: usize) -> Result<u32, Errno> {
        let size = u64::try_from(dwords * size_of::<u32>()).map_err(|_| Errno::INVAL)?;
        self.submit_list(&mut [Self::buffer(gpu_address, size)])
    }

    /// A command object for a buffer of `size` bytes.
    pub fn buffer(gpu_address: u64, size: u64) -> CommandObject {
        CommandObject {
            gpuaddr: gpu_address,
            size,
            flags: CMDLIST_IB,
            ..CommandObject::default()
        }
    }

    /// Submits command buffers under one timestamp, and returns it.
    pub fn submit_list(&self, list: &mut [CommandObject]) -> Result<u32, Errno> {
        let mut command = GpuCommand {
            flags: u64::from(CMDBATCH_SUBMIT_IB_LIST),
            cmdlist: address(list),
            cmdsize: u32::try_from(size_of::<CommandObject>()).map_err(|_| Errno::INVAL)?,
            numcmds: u32::try_from(list.len()).map_err(|_| Errno::INVAL)?,
            context_id: self.id,
            ..GpuCommand::default()
        };
        self.device.ioctl(GPU_COMMAND, &mut command)?;
        Ok(command.timestamp)
    }

    /// Waits until the timestamp has retired, at most so many milliseconds.
    pub fn wait(&self, timestamp: u32, timeout: u32) -> Result<(), Errno> {
        let mut argument = WaitTimestamp {
            context_id: self.id,
            timestamp,
            timeout,
        };
        self.device
            .ioctl(DEVICE_WAITTIMESTAMP_CTXTID, &mut argument)
    }

    /// A sync_file that signals when the timestamp has retired.
    pub fn fence(&self, timestamp: u32) -> Result<Fence, Errno> {
        let mut event = TimestampEventFence { fence_fd: -1 };
        let mut argument = TimestampEvent {
            kind: TIMESTAMP_EVENT_FENCE,
            timestamp,
            context_id: self.id,
            pad: 0,
            private: address(&mut event),
            len: 4,
        };
        self.device.ioctl(TIMESTAMP_EVENT, &mut argument)?;
        Ok(Fence::take(event.fence_fd))
    }

    /// One of its timestamps: `kind` is a `TIMESTAMP_*`.
    pub fn timestamp(&self, kind: u32) -> Result<u32, Errno> {
        let mut argument = ReadTimestamp {
            context_id: self.id,
            kind,
            ..ReadTimestamp::default()
        };
        self.device
            .ioctl(CMDSTREAM_READTIMESTAMP_CTXTID, &mut argument)?;
        Ok(argument.timestamp)
    }
}
