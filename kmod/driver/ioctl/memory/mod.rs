// SPDX-License-Identifier: GPL-2.0

//! Memory objects.

mod allocate;
mod bind;
mod cache;
mod free;
mod import;
mod info;

pub(super) use allocate::{
    gpumem_alloc,
    gpumem_alloc_id,
    gpuobj_alloc, //
};
pub(super) use bind::{
    changes as bind_changes,
    gpumem_bind_ranges, //
};
pub(super) use cache::{
    gpumem_sync_cache,
    gpumem_sync_cache_bulk,
    gpuobj_sync,
    sharedmem_flush_cache, //
};
pub(super) use free::{
    free_on_timestamp,
    gpumem_free_id,
    gpuobj_free,
    sharedmem_free, //
};
pub(super) use import::{
    gpuobj_import,
    map_user_mem,
    sharedmem_from_pmem, //
};
pub(super) use info::{
    gpumem_get_info,
    gpuobj_info,
    gpuobj_set_info, //
};
