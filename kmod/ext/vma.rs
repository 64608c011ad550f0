// SPDX-License-Identifier: GPL-2.0

//! Mappings that hold a reference to what they show.
//!
//! C header: `include/linux/mm.h`

use super::shim;
use core::{
    mem::MaybeUninit,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    bindings,
    ffi::c_int,
    mm::virt::VmaNew,
    sync::{
        Arc,
        ArcBorrow, //
    },
    types::ForeignOwnable, //
};

/// Something that can be mapped into a process.
pub(crate) trait Mappable: Sized + Send + Sync + 'static {
    /// One more area shows the object, or a part of it.
    fn mapped(this: ArcBorrow<'_, Self>);

    /// One area less shows it.
    fn unmapped(this: ArcBorrow<'_, Self>);

    /// Its page of that index, to be mapped: it lives as long as the object does.
    fn page(this: ArcBorrow<'_, Self>, index: usize) -> Option<NonNull<bindings::page>>;
}

/// Makes `vma` hold a reference to `object` until the last part of the area is unmapped. What has not
/// been mapped of it is, when it is touched.
///
/// This comes last in `mmap`: an error after it would unmap the area without dropping the
/// reference.
pub(crate) fn hold<T: Mappable>(vma: &VmaNew, object: Arc<T>) {
    T::mapped(object.as_arc_borrow());
    let vma = vma.as_ptr();
    // SAFETY: The area is being set up and belongs to us; its private data and operations are the
    // driver's. `close` below drops the reference that is stored here.
    unsafe {
        (*vma).vm_private_data = object.into_foreign();
        (*vma).vm_ops = ptr::from_ref(Operations::<T>::TABLE);
    }
}

struct Operations<T>(core::marker::PhantomData<T>);

impl<T: Mappable> Operations<T> {
    const TABLE: &'static bindings::vm_operations_struct = &bindings::vm_operations_struct {
        open: Some(open::<T>),
        close: Some(close::<T>),
        mremap: Some(moved::<T>),
        fault: Some(fault::<T, true>),
        // SAFETY: All other fields are nullable function pointers, for which zero is valid.
        ..unsafe { MaybeUninit::zeroed().assume_init() }
    };

    /// Those of an area that has moved.
    const MOVED: &'static bindings::vm_operations_struct = &bindings::vm_operations_struct {
        fault: Some(fault::<T, false>),
        ..*Self::TABLE
    };
}

/// # Safety
///
/// Called by the memory manager for a copy of an area that [`hold`] has set up.
unsafe extern "C" fn open<T: Mappable>(vma: *mut bindings::vm_area_struct) {
    // SAFETY: The original area holds an `Arc<T>`, and the copy has the same private data.
    let object = unsafe { Arc::<T>::borrow((*vma).vm_private_data) };
    T::mapped(object);
    // The copy holds a reference of its own, which `close` drops.
    let _ = Arc::<T>::from(object).into_foreign();
}

/// # Safety
///
/// Called by the memory manager once for each area that [`hold`] or [`open`] has set up.
unsafe extern "C" fn close<T: Mappable>(vma: *mut bindings::vm_area_struct) {
    // SAFETY: The area holds an `Arc<T>` and gives it up here.
    let object = unsafe { Arc::<T>::from_foreign((*vma).vm_private_data) };
    T::unmapped(object.as_arc_borrow());
}

/// # Safety
///
/// Called by the memory manager for a copy of an area that [`hold`] has set up, which takes the place
/// of that, with the mmap lock held for writing.
unsafe extern "C" fn moved<T: Mappable>(vma: *mut bindings::vm_area_struct) -> c_int {
    // SAFETY: The area is valid, its operations are the driver's, and by the lock no fault uses them.
    unsafe { (*vma).vm_ops = ptr::from_ref(Operations::<T>::MOVED) };
    0
}

/// Where `BLOCKS`, whole blocks may be mapped.
///
/// # Safety
///
/// Called by the memory manager for an area that [`hold`] or [`open`] has set up, with its lock held.
unsafe extern "C" fn fault<T: Mappable, const BLOCKS: bool>(
    fault: *mut bindings::vm_fault,
) -> bindings::vm_fault_t {
    // SAFETY: The memory manager passes a valid structure, and keeps the area during the call, which
    // holds an `Arc<T>`.
    let object = unsafe {
        let area = shim::kgsl_shim_fault_area(fault);
        Arc::<T>::borrow((*area).vm_private_data)
    };
    // SAFETY: As above.
    let index = unsafe { shim::kgsl_shim_fault_offset(fault) };
    match T::page(object, index) {
        // SAFETY: As above; the page is one of the object, which the area keeps.
        Some(page) => unsafe { shim::kgsl_shim_fault(fault, page.as_ptr(), BLOCKS) },
        None => bindings::vm_fault_reason_VM_FAULT_SIGBUS,
    }
}

/// The offset that the program passed to `mmap`, in pages.
pub(crate) fn page_offset(vma: &VmaNew) -> usize {
    // SAFETY: The area is valid and being set up, so that nobody changes it.
    unsafe { (*vma.as_ptr()).vm_pgoff }
}

/// The first address from `start` on after which the calling process has `length` bytes free. Only
/// from within [`FileOperations::choose_address`](super::chardev::FileOperations::choose_address).
pub(crate) fn next_free_address(start: usize, length: usize) -> usize {
    // SAFETY: The mmap lock of the calling process is held during `choose_address`, and `length`
    // was checked by the memory manager, so that the sum does not wrap.
    unsafe { shim::kgsl_shim_next_free_address(start, length) }
}
