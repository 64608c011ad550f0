// SPDX-License-Identifier: GPL-2.0

//! Mutexes and spinlocks that are part of the code that takes them.
//!
//! They are those of the `kernel` crate, under its `Lock`, but for one thing: before Linux 7.2 each of
//! the functions behind that is a function of the crate, called across the border between modules, and
//! so is the assertion that the lock is held, even where lockdep is left out and it does nothing. Of
//! eight calls for a lock that is taken and given back four are left.
//!
//! C headers: `include/linux/mutex.h`, `include/linux/spinlock.h`

use kernel::{
    bindings,
    ffi::c_char,
    sync::lock::{
        Backend,
        Guard,
        Lock, //
    },
};

/// A lock under which one may sleep.
pub(crate) type Mutex<T> = Lock<T, MutexBackend>;

/// The right to what is behind a [`Mutex`].
pub(crate) type MutexGuard<'a, T> = Guard<'a, T, MutexBackend>;

/// A lock under which nobody sleeps.
pub(crate) type SpinLock<T> = Lock<T, SpinLockBackend>;

/// Makes a [`Mutex`], with a class of its own for lockdep.
macro_rules! new_mutex {
    ($inner:expr) => {
        $crate::ext::lock::Mutex::new(
            $inner,
            kernel::optional_name!(),
            kernel::static_lock_class!(),
        )
    };
}
pub(crate) use new_mutex;

/// Makes a [`SpinLock`], with a class of its own for lockdep.
macro_rules! new_spinlock {
    ($inner:expr) => {
        $crate::ext::lock::SpinLock::new(
            $inner,
            kernel::optional_name!(),
            kernel::static_lock_class!(),
        )
    };
}
pub(crate) use new_spinlock;

/// `struct mutex`.
pub(crate) struct MutexBackend;

// SAFETY: A `struct mutex` has one owner at a time, and is always taken in the same way.
unsafe impl Backend for MutexBackend {
    type State = bindings::mutex;
    type GuardState = ();

    #[inline]
    unsafe fn init(
        lock: *mut Self::State,
        name: *const c_char,
        key: *mut bindings::lock_class_key,
    ) {
        // SAFETY: By the contract the lock can be written, and name and class stay for ever.
        unsafe { bindings::__mutex_init(lock, name, key) }
    }

    #[inline]
    unsafe fn lock(lock: *mut Self::State) {
        // SAFETY: By the contract the lock was initialised.
        unsafe { bindings::mutex_lock(lock) }
    }

    #[inline]
    unsafe fn unlock(lock: *mut Self::State, _state: &()) {
        // SAFETY: By the contract the caller owns the lock.
        unsafe { bindings::mutex_unlock(lock) }
    }

    #[inline]
    unsafe fn try_lock(lock: *mut Self::State) -> Option<()> {
        // SAFETY: By the contract the lock was initialised.
        (unsafe { bindings::mutex_trylock(lock) } != 0).then_some(())
    }

    #[inline]
    unsafe fn assert_is_held(_lock: *mut Self::State) {
        #[cfg(CONFIG_LOCKDEP)]
        // SAFETY: By the contract the lock was initialised.
        unsafe {
            bindings::mutex_assert_is_held(_lock)
        }
    }
}

/// `spinlock_t`.
pub(crate) struct SpinLockBackend;

// SAFETY: A `spinlock_t` has one owner at a time, and is always taken in the same way.
unsafe impl Backend for SpinLockBackend {
    type State = bindings::spinlock_t;
    type GuardState = ();

    #[inline]
    unsafe fn init(
        lock: *mut Self::State,
        name: *const c_char,
        key: *mut bindings::lock_class_key,
    ) {
        // SAFETY: By the contract the lock can be written, and name and class stay for ever.
        unsafe { bindings::__spin_lock_init(lock, name, key) }
    }

    #[inline]
    unsafe fn lock(lock: *mut Self::State) {
        // SAFETY: By the contract the lock was initialised.
        unsafe { bindings::spin_lock(lock) }
    }

    #[inline]
    unsafe fn unlock(lock: *mut Self::State, _state: &()) {
        // SAFETY: By the contract the caller owns the lock.
        unsafe { bindings::spin_unlock(lock) }
    }

    #[inline]
    unsafe fn try_lock(lock: *mut Self::State) -> Option<()> {
        // SAFETY: By the contract the lock was initialised.
        (unsafe { bindings::spin_trylock(lock) } != 0).then_some(())
    }

    #[inline]
    unsafe fn assert_is_held(_lock: *mut Self::State) {
        #[cfg(CONFIG_LOCKDEP)]
        // SAFETY: By the contract the lock was initialised.
        unsafe {
            bindings::spin_assert_is_held(_lock)
        }
    }
}
