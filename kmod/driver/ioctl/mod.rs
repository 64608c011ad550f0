// SPDX-License-Identifier: GPL-2.0

//! The ioctls, by the groups of the ABI.

mod command;
mod compat;
mod context;
mod device;
mod memory;
mod perfcounter;
mod property;
mod request;
mod sync;
mod timeline;

use super::File;
use crate::abi;
use kernel::{
    prelude::*,
    uaccess::UserPtr, //
};
use request::Request;

pub(super) use compat::dispatch as dispatch_compat;

/// Finds the handler of an ioctl by its number, as the C driver does, and calls it.
///
/// Fails with `ENOTTY` for a number that has none, and as [`check_caller`] does.
#[inline(always)] // Into its one caller.
pub(super) fn dispatch(file: &File, command: u32, argument: UserPtr) -> Result {
    check_caller(file)?;
    let request = Request::new(command, argument);
    macro_rules! handlers {
        ($($ioctl:path => $handler:path,)*) => {$(
            if request.is(&$ioctl) {
                return request.serve(&$ioctl, |argument| $handler(file, argument));
            }
        )*};
    }
    handlers! {
        abi::device::DEVICE_GETPROPERTY => property::get,
        abi::device::SETPROPERTY => device::set_property,
        abi::device::PREEMPTIONCOUNTER_QUERY => device::preemption_counters,
        abi::device::READ_CALIBRATED_TIMESTAMPS => device::calibrated_timestamps,
        abi::context::DEVICE_WAITTIMESTAMP_CTXTID => context::wait_timestamp,
        abi::context::DRAWCTXT_CREATE => context::create,
        abi::context::DRAWCTXT_DESTROY => context::destroy,
        abi::context::CMDSTREAM_READTIMESTAMP_CTXTID => context::read_timestamp,
        abi::sync::TIMESTAMP_EVENT => sync::timestamp_event,
        abi::sync::SYNCSOURCE_CREATE => sync::create,
        abi::sync::SYNCSOURCE_DESTROY => sync::destroy,
        abi::sync::SYNCSOURCE_CREATE_FENCE => sync::create_fence,
        abi::sync::SYNCSOURCE_SIGNAL_FENCE => sync::signal_fence,
        abi::memory::MAP_USER_MEM => memory::map_user_mem,
        abi::memory::CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID => memory::free_on_timestamp,
        abi::memory::SHAREDMEM_FROM_PMEM => memory::sharedmem_from_pmem,
        abi::memory::SHAREDMEM_FREE => memory::sharedmem_free,
        abi::memory::SHAREDMEM_FLUSH_CACHE => memory::sharedmem_flush_cache,
        abi::memory::GPUMEM_ALLOC => memory::gpumem_alloc,
        abi::memory::GPUMEM_GET_INFO => memory::gpumem_get_info,
        abi::memory::GPUMEM_SYNC_CACHE => memory::gpumem_sync_cache,
        abi::memory::GPUMEM_SYNC_CACHE_BULK => memory::gpumem_sync_cache_bulk,
        abi::memory::GPUOBJ_IMPORT => memory::gpuobj_import,
        abi::memory::GPUOBJ_SYNC => memory::gpuobj_sync,
        abi::memory::GPUMEM_BIND_RANGES => memory::gpumem_bind_ranges,
        abi::memory::GPUOBJ_SET_INFO => memory::gpuobj_set_info,
        abi::memory::GPUMEM_ALLOC_ID => memory::gpumem_alloc_id,
        abi::memory::GPUMEM_FREE_ID => memory::gpumem_free_id,
        abi::memory::GPUOBJ_ALLOC => memory::gpuobj_alloc,
        abi::memory::GPUOBJ_FREE => memory::gpuobj_free,
        abi::memory::GPUOBJ_INFO => memory::gpuobj_info,
        abi::perfcounter::PERFCOUNTER_GET => perfcounter::get,
        abi::perfcounter::PERFCOUNTER_PUT => perfcounter::put,
        abi::perfcounter::PERFCOUNTER_QUERY => perfcounter::query,
        abi::perfcounter::PERFCOUNTER_READ => perfcounter::read,
        abi::timeline::TIMELINE_CREATE => timeline::create,
        abi::timeline::TIMELINE_WAIT => timeline::wait,
        abi::timeline::TIMELINE_QUERY => timeline::query,
        abi::timeline::TIMELINE_SIGNAL => timeline::signal,
        abi::timeline::TIMELINE_FENCE_GET => timeline::fence,
        abi::timeline::TIMELINE_DESTROY => timeline::destroy,
        abi::command::GPU_COMMAND => command::gpu_command,
        abi::command::GPU_AUX_COMMAND => command::gpu_aux_command,
        abi::command::SUBMIT_COMMANDS => command::submit_commands::<abi::command::IbDesc, abi::command::CmdSyncpoint>,
        abi::command::RINGBUFFER_ISSUEIBCMDS => command::ringbuffer_issue_ib_cmds::<abi::command::IbDesc>,
        abi::command::GET_FAULT_REPORT => command::get_fault_report,
    }
    Err(ENOTTY)
}

/// Fails with `ENODEV` when the device is unplugged, and with `EINVAL` in another process than the
/// one that has opened the file: a child has the files of its parent, but nothing of what is behind
/// them.
fn check_caller(file: &File) -> Result {
    file.device.check_plugged()?;
    match file.process.is_current() {
        true => Ok(()),
        false => Err(EINVAL),
    }
}
