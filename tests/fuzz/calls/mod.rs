// SPDX-License-Identifier: GPL-2.0

//! Everything that a step can do: each ioctl of the ABI, and what a program does beside ioctls. What a call leaves open
//! is up to the dice; handles are mostly good ones, and numbers mostly in bounds, so that calls get far before they fail.

mod allocate;
mod binding;
mod cache;
mod command;
mod compat;
mod context;
mod device;
mod files;
mod free;
mod import;
mod mapping;
mod perfcounter;
mod process;
mod stream;
mod submit;
mod sync;
mod timeline;

use super::run::Run;

/// Calls there may be, at the most.
pub(super) const LIMIT: usize = 96;

/// Something that a step can do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// Its name in a sequence: that of the ioctl, or of what else it is.
    pub name: &'static str,
    /// How often it comes in a sequence that nobody has led anywhere, beside the others.
    pub weight: u32,
    /// Does it.
    pub run: fn(&mut Run<'_>),
}

macro_rules! calls {
    ($($name:ident $weight:literal $run:path,)*) => {
        &[$(Call { name: stringify!($name), weight: $weight, run: $run },)*]
    };
}

/// Every call.
pub(super) const TABLE: &[Call] = calls! {
    DRAWCTXT_CREATE 4 context::create,
    DRAWCTXT_DESTROY 3 context::destroy,
    DEVICE_WAITTIMESTAMP_CTXTID 12 context::wait,
    CMDSTREAM_READTIMESTAMP_CTXTID 12 context::read,
    GPUMEM_ALLOC 8 allocate::gpumem,
    GPUMEM_ALLOC_ID 16 allocate::gpumem_id,
    GPUOBJ_ALLOC 12 allocate::gpuobj,
    GPUMEM_FREE_ID 14 free::by_id,
    SHAREDMEM_FREE 8 free::by_address,
    GPUOBJ_FREE 10 free::object,
    CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID 6 free::on_timestamp,
    GPUMEM_GET_INFO 10 cache::gpumem_info,
    GPUOBJ_INFO 12 cache::object_info,
    GPUOBJ_SET_INFO 8 cache::set_info,
    GPUMEM_SYNC_CACHE 8 cache::sync,
    GPUMEM_SYNC_CACHE_BULK 6 cache::sync_bulk,
    GPUOBJ_SYNC 8 cache::sync_objects,
    SHAREDMEM_FLUSH_CACHE 4 cache::flush,
    MAP_USER_MEM 6 import::map_user_memory,
    SHAREDMEM_FROM_PMEM 3 import::from_pmem,
    GPUOBJ_IMPORT 10 import::object,
    GPUMEM_BIND_RANGES 16 binding::bind,
    MMAP 14 mapping::map,
    MUNMAP 8 mapping::unmap,
    MPROTECT 3 mapping::protect,
    GPU_COMMAND 40 submit::gpu_command,
    SUBMIT_COMMANDS 8 submit::submit_commands,
    RINGBUFFER_ISSUEIBCMDS 8 submit::issue_ib,
    GPU_AUX_COMMAND 16 command::auxiliary,
    GET_FAULT_REPORT 5 command::fault_report,
    TIMESTAMP_EVENT 14 sync::timestamp_event,
    SYNCSOURCE_CREATE 5 sync::create,
    SYNCSOURCE_DESTROY 4 sync::destroy,
    SYNCSOURCE_CREATE_FENCE 8 sync::create_fence,
    SYNCSOURCE_SIGNAL_FENCE 6 sync::signal_fence,
    FENCE 6 sync::use_fence,
    TIMELINE_CREATE 6 timeline::create,
    TIMELINE_WAIT 10 timeline::wait,
    TIMELINE_QUERY 6 timeline::query,
    TIMELINE_SIGNAL 12 timeline::signal,
    TIMELINE_FENCE_GET 10 timeline::fence,
    TIMELINE_DESTROY 4 timeline::destroy,
    DEVICE_GETPROPERTY 12 device::get_property,
    SETPROPERTY 2 device::set_property,
    PREEMPTIONCOUNTER_QUERY 1 device::preemption_counters,
    READ_CALIBRATED_TIMESTAMPS 4 device::calibrated_timestamps,
    UNKNOWN 2 device::unknown,
    PERFCOUNTER_GET 6 perfcounter::get,
    PERFCOUNTER_PUT 4 perfcounter::put,
    PERFCOUNTER_QUERY 4 perfcounter::query,
    PERFCOUNTER_READ 6 perfcounter::read,
    OPEN 2 files::open,
    CLOSE 1 files::close,
    DUP 1 files::duplicate,
    REOPEN 1 files::reopen,
    READ 1 files::read,
    OBSERVE 1 files::observe,
    DMA_BUF 2 import::buffer,
    FORK 1 process::fork,
    COMPAT 1 compat::program,
    YIELD 3 process::give_way,
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_few_enough() {
        let names: BTreeSet<_> = TABLE.iter().map(|call| call.name).collect();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.len() <= LIMIT);
    }
}
