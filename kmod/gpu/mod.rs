// SPDX-License-Identifier: GPL-2.0

//! The software Adreno.
//!
//! Nothing here names the `kernel` crate, allocates or panics: the caller hands in the memory, the clock and the
//! budget. The same bytes run in the kernel and in the host's tests, benchmarks and fuzzer.

pub mod chip;
pub mod fault;
pub mod memory;
