// SPDX-License-Identifier: GPL-2.0

//! The functions of `shim.c`, `pages.c`, `mapping.c`, `fence.c` and `user.c`, and kernel functions that the `kernel`
//! crate's bindings leave out.

use kernel::{
    bindings,
    ffi::{
        c_char,
        c_int,
        c_long,
        c_uint,
        c_ulong,
        c_void, //
    },
};

/// `struct kgsl_shim_timeline`, of which only C knows more.
#[repr(C)]
pub(super) struct Timeline {
    _private: [u8; 0],
}

#[expect(
    improper_ctypes,
    reason = "bindgen's `struct page` holds an empty structure, and is only pointed at"
)]
extern "C" {
    pub(super) fn kgsl_shim_parameter_chip() -> *const c_char;
    pub(super) fn kgsl_shim_parameter_bind_dt() -> bool;
    pub(super) fn kgsl_shim_parameter_wait_zero_forever() -> bool;
    pub(super) fn kgsl_shim_parameter_strict() -> bool;
    pub(super) fn kgsl_shim_ida_init(ida: *mut bindings::ida);
    pub(super) fn kgsl_shim_page_address(page: *mut bindings::page) -> *mut c_void;
    pub(super) fn kgsl_shim_block_address(
        page: *mut bindings::page,
        room: *mut c_ulong,
    ) -> *mut c_void;
    pub(super) fn kgsl_shim_alloc_workqueue(
        name: *const c_char,
        reclaim: bool,
    ) -> *mut bindings::workqueue_struct;
    pub(super) fn kgsl_shim_holds_up_fences() -> bool;
    pub(super) fn kgsl_shim_fatal_signal_pending() -> bool;
    pub(super) fn kgsl_shim_is_current_process(process: *const bindings::pid) -> bool;
    pub(super) fn kgsl_shim_in_compat_call() -> bool;
    pub(super) fn kgsl_shim_may_log() -> bool;
    pub(super) fn kgsl_shim_alloc_pages(count: c_ulong, pages: *mut *mut bindings::page)
        -> c_ulong;
    pub(super) fn kgsl_shim_free_pages(count: c_ulong, pages: *const *mut bindings::page);
    pub(super) fn kgsl_shim_note_no_accesses(file: *mut bindings::file);
    pub(super) fn kgsl_shim_pages_are_ours(
        count: c_ulong,
        pages: *const *mut bindings::page,
    ) -> bool;
    pub(super) fn kgsl_shim_zero_pages(count: c_ulong, pages: *const *mut bindings::page);
    pub(super) fn kgsl_shim_group_has_room(page: *mut bindings::page, count: c_ulong) -> bool;
    pub(super) fn kgsl_shim_ram_pages() -> c_ulong;
    pub(super) fn kgsl_shim_map_pages(
        vma: *mut bindings::vm_area_struct,
        pages: *const *mut bindings::page,
        count: c_ulong,
        on_demand: bool,
    ) -> c_int;
    pub(super) fn kgsl_shim_fault(
        fault: *mut bindings::vm_fault,
        page: *mut bindings::page,
        blocks: bool,
    ) -> bindings::vm_fault_t;
    pub(super) fn kgsl_shim_fault_area(
        fault: *const bindings::vm_fault,
    ) -> *mut bindings::vm_area_struct;
    pub(super) fn kgsl_shim_fault_offset(fault: *const bindings::vm_fault) -> c_ulong;
    pub(super) fn kgsl_shim_pin_pages(
        start: c_ulong,
        count: c_ulong,
        writable: bool,
        pages: *mut *mut bindings::page,
    ) -> c_long;
    pub(super) fn kgsl_shim_note_pinned(count: c_ulong) -> *mut bindings::mm_struct;
    pub(super) fn kgsl_shim_forget_pinned(mm: *mut bindings::mm_struct, count: c_ulong);
    pub(super) fn kgsl_shim_unpin_pages(
        pages: *mut *mut bindings::page,
        count: c_ulong,
        written: bool,
    );
    pub(super) fn kgsl_shim_dma_buf_is_mappable(buffer: *mut bindings::dma_buf) -> bool;
    pub(super) fn kgsl_shim_dma_buf_map(
        buffer: *mut bindings::dma_buf,
        address: *mut *mut c_void,
    ) -> c_int;
    pub(super) fn kgsl_shim_dma_buf_unmap(buffer: *mut bindings::dma_buf, address: *mut c_void);
    pub(super) fn kgsl_shim_default_address(
        file: *mut bindings::file,
        hint: c_ulong,
        length: c_ulong,
        page_offset: c_ulong,
        flags: c_ulong,
    ) -> c_ulong;
    pub(super) fn kgsl_shim_next_free_address(start: c_ulong, length: c_ulong) -> c_ulong;
    pub(super) fn kgsl_shim_place_lock();
    pub(super) fn kgsl_shim_place_unlock();
    pub(super) fn kgsl_shim_find_node(compatible: *const c_char) -> *mut bindings::device_node;
    pub(super) fn kgsl_shim_node_of(device: *mut bindings::device) -> *mut bindings::device_node;
    pub(super) fn kgsl_shim_put_node(node: *mut bindings::device_node);
    pub(super) fn kgsl_shim_node_compatible(
        node: *mut bindings::device_node,
        index: c_int,
    ) -> *const c_char;

    pub(super) fn kgsl_shim_fence_create(
        driver: *const c_char,
        name: *const c_char,
        seqno: u64,
    ) -> *mut bindings::dma_fence;
    pub(super) fn kgsl_shim_fence_create_on(
        driver: *const c_char,
        timeline: *mut Timeline,
        seqno: u64,
    ) -> *mut bindings::dma_fence;
    pub(super) fn kgsl_shim_fence_signal(fence: *mut bindings::dma_fence, error: c_int);
    pub(super) fn kgsl_shim_fence_is_signaled(fence: *mut bindings::dma_fence) -> bool;
    pub(super) fn kgsl_shim_fence_get(fence: *mut bindings::dma_fence) -> *mut bindings::dma_fence;
    pub(super) fn kgsl_shim_fence_put(fence: *mut bindings::dma_fence);
    pub(super) fn kgsl_shim_begin_signalling(flags: *mut c_uint) -> bool;
    pub(super) fn kgsl_shim_end_signalling(cookie: bool, flags: c_uint);
    pub(super) fn kgsl_shim_fence_file(fence: *mut bindings::dma_fence) -> *mut bindings::file;
    pub(super) fn kgsl_shim_timeline_of_context(context: u32) -> *mut Timeline;
    pub(super) fn kgsl_shim_timeline_put(timeline: *mut Timeline);

    pub(super) fn kgsl_shim_read_user(to: *mut c_void, from: *const c_void, size: c_ulong) -> bool;
    pub(super) fn kgsl_shim_write_user(to: *mut c_void, from: *const c_void, size: c_ulong)
        -> bool;

    /// From `include/linux/sync_file.h`, which the kernel's bindings leave out.
    pub(super) fn sync_file_get_fence(descriptor: c_int) -> *mut bindings::dma_fence;
}
