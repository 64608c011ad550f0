// SPDX-License-Identifier: GPL-2.0

//! The functions of `shim.c`.

use kernel::{
    bindings,
    ffi::{
        c_char,
        c_ulong,
        c_void, //
    },
};

#[expect(
    improper_ctypes,
    reason = "bindgen's `struct page` holds an empty structure, and is only pointed at"
)]
extern "C" {
    pub(super) fn kgsl_shim_parameter_chip() -> *const c_char;
    pub(super) fn kgsl_shim_ida_init(ida: *mut bindings::ida);
    pub(super) fn kgsl_shim_page_address(page: *mut bindings::page) -> *mut c_void;
    pub(super) fn kgsl_shim_alloc_workqueue(name: *const c_char)
        -> *mut bindings::workqueue_struct;
    pub(super) fn kgsl_shim_fatal_signal_pending() -> bool;
    pub(super) fn kgsl_shim_may_log() -> bool;
    pub(super) fn kgsl_shim_alloc_pages(count: c_ulong, pages: *mut *mut bindings::page)
        -> c_ulong;
    pub(super) fn kgsl_shim_place_lock();
    pub(super) fn kgsl_shim_place_unlock();
}
