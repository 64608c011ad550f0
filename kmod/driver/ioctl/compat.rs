// SPDX-License-Identifier: GPL-2.0

//! The ioctls of 32-bit programs.
//!
//! Where a structure is another one than that of 64-bit programs, it is widened on the way in and
//! narrowed on the way out; everything else is shared.

use super::{
    command,
    device,
    memory,
    perfcounter,
    property,
    request::Request,
    sync, //
};
use crate::{
    abi::{
        self,
        compat, //
    },
    driver::File, //
};
use kernel::{
    prelude::*,
    uaccess::UserPtr, //
};

/// As [`dispatch`](super::dispatch), for a 32-bit program.
pub(in crate::driver) fn dispatch(file: &File, command: u32, argument: UserPtr) -> Result {
    super::check_caller(file)?;
    let request = Request::new(command, argument);
    macro_rules! handlers {
        ($($ioctl:path, $compat:path => $handler:path,)*) => {$(
            if request.is(&$ioctl) {
                return request.serve_as::<_, $compat>(&$ioctl, |argument| $handler(file, argument));
            }
        )*};
    }
    handlers! {
        abi::device::DEVICE_GETPROPERTY, compat::DeviceProperty => property::get_compat,
        abi::device::SETPROPERTY, compat::DeviceProperty => device::set_property,
        abi::device::PREEMPTIONCOUNTER_QUERY, compat::PreemptionCounterQuery
            => device::preemption_counters,
        abi::sync::TIMESTAMP_EVENT, compat::TimestampEvent => sync::timestamp_event,
        abi::memory::MAP_USER_MEM, compat::MapUserMem => memory::map_user_mem,
        abi::memory::CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID, compat::FreeMemOnTimestamp
            => memory::free_on_timestamp,
        abi::memory::SHAREDMEM_FREE, compat::SharedmemFree => memory::sharedmem_free,
        abi::memory::SHAREDMEM_FLUSH_CACHE, compat::SharedmemFree => memory::sharedmem_flush_cache,
        abi::memory::GPUMEM_ALLOC, compat::GpumemAlloc => memory::gpumem_alloc,
        abi::memory::GPUMEM_ALLOC_ID, compat::GpumemAllocId => memory::gpumem_alloc_id,
        abi::memory::GPUMEM_GET_INFO, compat::GpumemGetInfo => memory::gpumem_get_info,
        abi::memory::GPUMEM_SYNC_CACHE, compat::GpumemSyncCache => memory::gpumem_sync_cache,
        abi::memory::GPUMEM_SYNC_CACHE_BULK, compat::GpumemSyncCacheBulk
            => memory::gpumem_sync_cache_bulk,
        abi::perfcounter::PERFCOUNTER_QUERY, compat::PerfcounterQuery => perfcounter::query,
        abi::perfcounter::PERFCOUNTER_READ, compat::PerfcounterRead => perfcounter::read,
        abi::command::SUBMIT_COMMANDS, compat::SubmitCommands
            => command::submit_commands::<compat::IbDesc, compat::CmdSyncpoint>,
        abi::command::RINGBUFFER_ISSUEIBCMDS, compat::RingbufferIssueIbCmds
            => command::ringbuffer_issue_ib_cmds::<compat::IbDesc>,
    }
    super::dispatch(file, command, argument)
}
