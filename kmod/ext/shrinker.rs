// SPDX-License-Identifier: GPL-2.0

//! Giving memory back when the machine needs it.
//!
//! C header: `include/linux/shrinker.h`

use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    ffi::c_ulong,
    prelude::*,
    str::CStr,
    sync::{
        Arc,
        ArcBorrow, //
    },
    types::ForeignOwnable, //
};

/// What has memory that it can do without.
///
/// Both functions may be called by whoever allocates memory, wherever that is: they allocate none,
/// and take only locks under which nobody does.
pub(crate) trait Reclaim: Send + Sync + 'static {
    /// How many pages it has.
    fn count(&self) -> usize;

    /// Frees about so many pages, and returns how many.
    fn reclaim(&self, pages: usize) -> usize;
}

/// Has the kernel ask for memory, for as long as this lives.
///
/// # Invariants
///
/// Holds a registered shrinker whose private data is an `Arc<T>`.
pub(crate) struct Shrinker<T: Reclaim>(NonNull<bindings::shrinker>, PhantomData<Arc<T>>);

// SAFETY: A shrinker belongs to no thread, and neither does what it asks.
unsafe impl<T: Reclaim> Send for Shrinker<T> {}
// SAFETY: A shared shrinker offers no operation.
unsafe impl<T: Reclaim> Sync for Shrinker<T> {}

impl<T: Reclaim> Shrinker<T> {
    /// Has the kernel ask `whom`. The name must be one without conversions, and is copied.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn new(name: &'static CStr, whom: Arc<T>) -> Result<Self> {
        // SAFETY: The name ends with a zero, and no further argument follows from it.
        let shrinker = unsafe { bindings::shrinker_alloc(0, name.as_char_ptr()) };
        let shrinker = NonNull::new(shrinker).ok_or(ENOMEM)?;
        let raw = shrinker.as_ptr();
        // SAFETY: The shrinker is new and not registered, so that only we have it. The functions
        // get what they expect, an `Arc<T>`, which lives until `drop` has freed the shrinker.
        unsafe {
            (*raw).count_objects = Some(count::<T>);
            (*raw).scan_objects = Some(scan::<T>);
            (*raw).private_data = whom.into_foreign();
            bindings::shrinker_register(raw);
        }
        // INVARIANT: It has just been registered.
        Ok(Self(shrinker, PhantomData))
    }
}

impl<T: Reclaim> Drop for Shrinker<T> {
    fn drop(&mut self) {
        let raw = self.0.as_ptr();
        // SAFETY: By the invariant an `Arc<T>` is there. Freeing the shrinker waits for its
        // functions, and comes before the reference is given up.
        unsafe {
            let whom = (*raw).private_data;
            bindings::shrinker_free(raw);
            drop(Arc::<T>::from_foreign(whom));
        }
    }
}

/// Who is asked.
///
/// # Safety
///
/// `shrinker` must be one of [`Shrinker::new`], and registered for as long as the borrow lives.
unsafe fn asked<'a, T: Reclaim>(shrinker: *mut bindings::shrinker) -> ArcBorrow<'a, T> {
    // SAFETY: By the contract an `Arc<T>` is there.
    unsafe { Arc::<T>::borrow((*shrinker).private_data) }
}

/// # Safety
///
/// Called by the memory manager with a shrinker of [`Shrinker::new`].
unsafe extern "C" fn count<T: Reclaim>(
    shrinker: *mut bindings::shrinker,
    _control: *mut bindings::shrink_control,
) -> c_ulong {
    // SAFETY: By the contract, and because the memory manager keeps the shrinker meanwhile.
    unsafe { asked::<T>(shrinker) }.count()
}

/// # Safety
///
/// Called by the memory manager with a shrinker of [`Shrinker::new`] and what it wants.
unsafe extern "C" fn scan<T: Reclaim>(
    shrinker: *mut bindings::shrinker,
    control: *mut bindings::shrink_control,
) -> c_ulong {
    // SAFETY: The memory manager passes a valid structure.
    let wanted = unsafe { (*control).nr_to_scan };
    // SAFETY: By the contract, and because the memory manager keeps the shrinker meanwhile.
    match unsafe { asked::<T>(shrinker) }.reclaim(wanted) {
        // `SHRINK_STOP`: there is nothing.
        0 => c_ulong::MAX,
        freed => freed,
    }
}
