// SPDX-License-Identifier: GPL-2.0

//! What Rust code of a module can do wrong: by `unsafe` what the compiler would not let it, and what it lets it.

use core::hint::black_box;
use core::ptr;
use kernel::alloc::{flags::GFP_KERNEL, KBox, KVec, VVec};
use kernel::{new_mutex, new_spinlock, prelude::*};

/// Reads a box after its end.
#[no_mangle]
pub extern "C" fn wrong_rust_use_after_free() {
    let Ok(value) = KBox::new([1u64; 8], GFP_KERNEL) else {
        return;
    };
    let place: *const u64 = black_box(value.as_ptr());
    drop(value);
    // SAFETY: There is no proof, for it is wrong: the memory is freed. KASAN is to say so.
    black_box(unsafe { ptr::read_volatile(place) });
}

/// Reads behind a vector of kmalloc().
#[no_mangle]
pub extern "C" fn wrong_rust_out_of_bounds() {
    let mut values: KVec<u8> = KVec::new();
    if values.extend_with(40, 1, GFP_KERNEL).is_err() {
        return;
    }
    let place = black_box(values.as_ptr()).wrapping_add(black_box(40));
    // SAFETY: There is no proof, for it is wrong: the vector ends before. KASAN is to say so.
    black_box(unsafe { ptr::read_volatile(place) });
}

/// Reads behind a vector of vmalloc().
#[no_mangle]
pub extern "C" fn wrong_rust_vmalloc_out_of_bounds() {
    let mut values: VVec<u8> = VVec::new();
    if values.extend_with(4096 + 8, 1, GFP_KERNEL).is_err() {
        return;
    }
    let place = black_box(values.as_ptr()).wrapping_add(black_box(4096 + 40));
    // SAFETY: There is no proof, for it is wrong: the vector ends before. KASAN is to say so.
    black_box(unsafe { ptr::read_volatile(place) });
}

/// Forgets boxes, which is no error to the compiler.
#[no_mangle]
pub extern "C" fn wrong_rust_leak() {
    for _ in 0..1024 {
        if let Ok(value) = KBox::new([1u64; 40], GFP_KERNEL) {
            core::mem::forget(black_box(value));
        }
    }
}

/// Allocates, which may sleep, while it holds a spinlock.
#[no_mangle]
pub extern "C" fn wrong_rust_sleep() {
    let Ok(lock) = KBox::pin_init(new_spinlock!(1u32), GFP_KERNEL) else {
        return;
    };
    let held = lock.lock();
    drop(black_box(KBox::new(*held, GFP_KERNEL)));
}

/// Takes two locks in either order.
#[no_mangle]
pub extern "C" fn wrong_rust_lock_order() {
    let first = KBox::pin_init(new_mutex!(1u32, "wrong_first"), GFP_KERNEL);
    let second = KBox::pin_init(new_mutex!(2u32, "wrong_second"), GFP_KERNEL);
    let (Ok(first), Ok(second)) = (first, second) else {
        return;
    };
    {
        let _first = first.lock();
        let _second = second.lock();
    }
    let _second = second.lock();
    let _first = first.lock();
}

/// Adds what does not fit.
#[no_mangle]
pub extern "C" fn wrong_rust_overflow() {
    black_box(black_box(u32::MAX) + black_box(1));
}
