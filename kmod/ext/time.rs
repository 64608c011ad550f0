// SPDX-License-Identifier: GPL-2.0

//! Clocks.

use kernel::bindings;

/// Nanoseconds of the monotonic clock, since boot.
pub(crate) fn monotonic_ns() -> u64 {
    // SAFETY: `ktime_get` may be called from any context.
    let now = unsafe { bindings::ktime_get() };
    // The monotonic clock starts at 0.
    u64::try_from(now).unwrap_or(0)
}

/// Nanoseconds of the monotonic clock as the hardware counts them, which nobody adjusts.
pub(crate) fn monotonic_raw_ns() -> u64 {
    // SAFETY: `ktime_get_raw` may be called from any context.
    u64::try_from(unsafe { bindings::ktime_get_raw() }).unwrap_or(0)
}

/// Nanoseconds since boot, the time asleep included.
pub(crate) fn boottime_ns() -> u64 {
    // SAFETY: `ktime_get_with_offset` may be called from any context.
    let now = unsafe { bindings::ktime_get_with_offset(bindings::tk_offsets_TK_OFFS_BOOT) };
    u64::try_from(now).unwrap_or(0)
}

/// Nanoseconds since 1970, as the system's clock is set.
pub(crate) fn realtime_ns() -> u64 {
    // SAFETY: `ktime_get_with_offset` may be called from any context.
    let now = unsafe { bindings::ktime_get_with_offset(bindings::tk_offsets_TK_OFFS_REAL) };
    u64::try_from(now).unwrap_or(0)
}

/// Ticks of the GPU's always-on counter, which runs at 19.2 MHz from boot.
pub(crate) fn always_on_ticks() -> u64 {
    // 19.2 MHz is 12 ticks in 625 ns. The product fits 64 bits for 48 years of uptime.
    monotonic_ns().wrapping_mul(12) / 625
}
