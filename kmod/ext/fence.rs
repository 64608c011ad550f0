// SPDX-License-Identifier: GPL-2.0

//! Fences: those that we signal, those of other drivers, and waiting for either.
//!
//! C headers: `include/linux/dma-fence.h`, `include/linux/sync_file.h`

use super::{
    errno,
    shim,
    time, //
};
use core::{
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    mem::ManuallyDrop,
    ptr::{
        self,
        NonNull, //
    },
};
use kernel::{
    alloc::flags,
    bindings,
    error::Error,
    ffi::c_uint,
    fs::file::{
        File,
        FileDescriptorReservation, //
    },
    prelude::*,
    str::CStr,
    sync::{
        aref::ARef,
        Arc,
        ArcBorrow, //
    },
    types::Opaque, //
};

/// A reference to a fence, whoever signals it.
///
/// # Invariants
///
/// Owns a reference to a valid fence.
pub(crate) struct Fence(NonNull<bindings::dma_fence>);

// SAFETY: Fences may be used and released by any thread.
unsafe impl Send for Fence {}
// SAFETY: Fences have locks of their own.
unsafe impl Sync for Fence {}

impl Fence {
    /// The fence behind a sync_file.
    ///
    /// Fails with `EINVAL` when the descriptor is not one.
    pub(crate) fn from_descriptor(descriptor: i32) -> Result<Self> {
        // SAFETY: The function takes any number, and returns a reference or null.
        let fence = unsafe { shim::sync_file_get_fence(descriptor) };
        // INVARIANT: The reference is ours.
        Ok(Self(NonNull::new(fence).ok_or(EINVAL)?))
    }

    /// A fence that has just signaled.
    ///
    /// Fails as [`Fence::signaled_at`] does.
    pub(crate) fn signaled() -> Result<Self> {
        Self::signaled_at(time::monotonic_ns())
    }

    /// A fence that has signaled, at `when` of the monotonic clock, in nanoseconds. Nobody learns the names of
    /// such a fence from the kernel, so it is one of the kernel's own, on no timeline, and keeps nothing of
    /// ours.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn signaled_at(when: u64) -> Result<Self> {
        // The clock began at 0.
        let when = bindings::ktime_t::try_from(when).unwrap_or(bindings::ktime_t::MAX);
        // SAFETY: The function may be called by any thread that may wait for memory, and returns a reference
        // or null.
        let fence = unsafe { bindings::dma_fence_allocate_private_stub(when) };
        // INVARIANT: The reference is ours.
        Ok(Self(NonNull::new(fence).ok_or(ENOMEM)?))
    }

    /// Whether it is signaled, with or without an error.
    pub(crate) fn is_signaled(&self) -> bool {
        // SAFETY: By the invariant the fence is valid.
        unsafe { shim::kgsl_shim_fence_is_signaled(self.0.as_ptr()) }
    }

    /// Whether both are the same fence.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// A sync_file for the fence. The program sees it once [`Descriptor::install`] is called.
    ///
    /// Fails with `ENOMEM`, and with `EMFILE` when the program has no descriptor left.
    pub(crate) fn to_descriptor(&self) -> Result<Descriptor> {
        let reservation = FileDescriptorReservation::get_unused_fd_flags(bindings::O_CLOEXEC)?;
        // SAFETY: By the invariant the fence is valid; the file takes a reference of its own.
        let file = NonNull::new(unsafe { shim::kgsl_shim_fence_file(self.0.as_ptr()) });
        let file = file.ok_or(ENOMEM)?.cast::<File>();
        Ok(Descriptor {
            reservation,
            // SAFETY: The file is new, nobody has called `fdget_pos` on it, and its reference is
            // ours.
            file: unsafe { ARef::from_raw(file) },
        })
    }
}

impl Clone for Fence {
    fn clone(&self) -> Self {
        // SAFETY: By the invariant the fence is valid.
        unsafe { shim::kgsl_shim_fence_get(self.0.as_ptr()) };
        // INVARIANT: The reference just taken belongs to the clone.
        Self(self.0)
    }
}

impl Drop for Fence {
    fn drop(&mut self) {
        // SAFETY: By the invariant we own a reference, and it goes with us.
        unsafe { shim::kgsl_shim_fence_put(self.0.as_ptr()) }
    }
}

/// A sync_file that the program does not see yet.
pub(crate) struct Descriptor {
    reservation: FileDescriptorReservation,
    file: ARef<File>,
}

impl Descriptor {
    /// Its number.
    pub(crate) fn number(&self) -> i32 {
        // CAST: Descriptors are non-negative `int`s.
        self.reservation.reserved_fd() as i32
    }

    /// Gives it to the program. Nothing can fail any more.
    pub(crate) fn install(self) {
        self.reservation.fd_install(self.file);
    }
}

/// A fence that we have made and signal ourselves; dropping it signals it with `ECANCELED`, so that
/// nobody waits for it for ever.
pub(crate) struct OwnFence(Fence);

impl OwnFence {
    /// A fence that is not signaled, on a timeline without others.
    pub(crate) fn new(driver: &'static CStr, name: &'static CStr, seqno: u64) -> Result<Self> {
        // SAFETY: Both are NUL-terminated strings that live as long as the module, which the fence
        // keeps.
        let fence = unsafe {
            shim::kgsl_shim_fence_create(driver.as_char_ptr(), name.as_char_ptr(), seqno)
        };
        Self::from_raw(fence)
    }

    /// A fence that is not signaled, at `seqno` of a timeline.
    pub(crate) fn on_timeline(
        driver: &'static CStr,
        timeline: &Timeline,
        seqno: u64,
    ) -> Result<Self> {
        // SAFETY: As above; the timeline is valid, and the fence takes a reference of its own.
        let fence = unsafe {
            shim::kgsl_shim_fence_create_on(driver.as_char_ptr(), timeline.0.as_ptr(), seqno)
        };
        Self::from_raw(fence)
    }

    /// A fence that was just made for us, or null for want of memory.
    fn from_raw(fence: *mut bindings::dma_fence) -> Result<Self> {
        // INVARIANT: The fence is new and its reference ours.
        Ok(Self(Fence(NonNull::new(fence).ok_or(ENOMEM)?)))
    }

    /// The fence, to hand out and to wait for.
    pub(crate) fn fence(&self) -> &Fence {
        &self.0
    }

    /// Signals the fence, with an error for those who ask for one.
    pub(crate) fn signal(self, result: Result) {
        self.signal_once(result);
        let this = ManuallyDrop::new(self);
        // SAFETY: The fence is moved out of what is neither used nor dropped after this.
        drop(unsafe { ptr::read(&this.0) });
    }

    fn signal_once(&self, result: Result) {
        let error = result.map_or_else(Error::to_errno, |()| 0);
        // SAFETY: The fence is valid and ours; signaling it again changes nothing.
        unsafe { shim::kgsl_shim_fence_signal((self.0).0.as_ptr(), error) };
    }
}

impl Drop for OwnFence {
    fn drop(&mut self) {
        self.signal_once(Err(errno::ecanceled()));
    }
}

/// A timeline with a name of its own, and a number that orders its fences. They share it, and may
/// outlive this.
///
/// # Invariants
///
/// Owns a reference to a valid timeline.
pub(crate) struct Timeline(NonNull<shim::Timeline>);

// SAFETY: Timelines may be used and released by any thread.
unsafe impl Send for Timeline {}
// SAFETY: A timeline does not change, and counts its references atomically.
unsafe impl Sync for Timeline {}

impl Timeline {
    /// The timeline of the timestamps of a context that the calling thread creates, named after its
    /// id, the process and the thread.
    ///
    /// Fails with `ENOMEM`.
    pub(crate) fn of_context(id: u32) -> Result<Self> {
        // SAFETY: The function may be called by any thread, and returns a reference or null.
        let timeline = unsafe { shim::kgsl_shim_timeline_of_context(id) };
        // INVARIANT: The reference is ours.
        Ok(Self(NonNull::new(timeline).ok_or(ENOMEM)?))
    }
}

impl Drop for Timeline {
    fn drop(&mut self) {
        // SAFETY: By the invariant we own a reference, and it goes with us.
        unsafe { shim::kgsl_shim_timeline_put(self.0.as_ptr()) }
    }
}

/// While this lives, the calling thread does what fences of ours wait for. A kernel that proves its
/// locking reports whatever is done meanwhile that a waiter might hold up: taking memory, or a lock under
/// which somebody else does.
pub(crate) struct Signalling {
    /// What the kernel wants back at the end.
    cookie: bool,
    flags: c_uint,
    /// It ends in the thread in which it began.
    _here: PhantomData<*mut ()>,
}

impl Signalling {
    /// Begins.
    pub(crate) fn begin() -> Self {
        let mut flags = 0;
        // SAFETY: The function may be called from anywhere; `drop` ends what it begins.
        let cookie = unsafe { shim::kgsl_shim_begin_signalling(&mut flags) };
        Self {
            cookie,
            flags,
            _here: PhantomData,
        }
    }
}

impl Drop for Signalling {
    fn drop(&mut self) {
        // SAFETY: `begin` has begun it in this thread, and it ends once.
        unsafe { shim::kgsl_shim_end_signalling(self.cookie, self.flags) }
    }
}

/// Something that is told when a fence signals.
pub(crate) trait Notify: Send + Sync + 'static {
    /// The fence has signaled. This may run in an interrupt handler, with the fence's lock held: it
    /// must not sleep and not touch the fence.
    fn notify(this: ArcBorrow<'_, Self>);
}

/// Waits for a fence without a thread.
///
/// # Invariants
///
/// `callback` is registered with `fence` until the fence signals or this is dropped.
#[pin_data(PinnedDrop)]
pub(crate) struct Waiter<T: Notify> {
    fence: Fence,
    target: Arc<T>,
    #[pin]
    callback: Opaque<bindings::dma_fence_cb>,
    #[pin]
    _pinned: PhantomPinned,
}

// SAFETY: A fence, a shared target and a callback that the fence's lock guards may be sent.
unsafe impl<T: Notify> Send for Waiter<T> {}
// SAFETY: A shared waiter only offers what its fence offers.
unsafe impl<T: Notify> Sync for Waiter<T> {}

impl<T: Notify> Waiter<T> {
    /// Has `target` told when `fence` signals. It is not told when the fence has signaled already.
    pub(crate) fn new(fence: Fence, target: Arc<T>) -> Result<Pin<KBox<Self>>> {
        let waiter = KBox::pin_init(
            pin_init!(Self {
                fence,
                target,
                callback: Opaque::zeroed(),
                _pinned: PhantomPinned,
            }),
            flags::GFP_KERNEL_ACCOUNT,
        )?;
        // SAFETY: The callback is pinned and lives until `drop` has taken it off the fence. An
        // error means that the fence has signaled; the callback is initialised then, too.
        // INVARIANT: Registered, or signaled already.
        unsafe {
            bindings::dma_fence_add_callback(
                waiter.fence.0.as_ptr(),
                waiter.callback.get(),
                Some(signaled::<T>),
            )
        };
        Ok(waiter)
    }

    /// Whether the fence has signaled.
    pub(crate) fn is_done(&self) -> bool {
        self.fence.is_signaled()
    }
}

#[pinned_drop]
impl<T: Notify> PinnedDrop for Waiter<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: `new` has passed the callback to the fence, which initialised it. After this call
        // it is neither registered nor running.
        unsafe {
            bindings::dma_fence_remove_callback(self.fence.0.as_ptr(), self.callback.get());
        }
    }
}

/// # Safety
///
/// Called by a fence with the callback that a [`Waiter`] has registered, while that lives.
unsafe extern "C" fn signaled<T: Notify>(
    _fence: *mut bindings::dma_fence,
    callback: *mut bindings::dma_fence_cb,
) {
    // SAFETY: The callback is the field of a live waiter.
    let waiter =
        unsafe { &*kernel::container_of!(Opaque::cast_from(callback), Waiter<T>, callback) };
    T::notify(waiter.target.as_arc_borrow());
}
