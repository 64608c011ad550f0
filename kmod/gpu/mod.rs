// SPDX-License-Identifier: GPL-2.0

//! The software Adreno.
//!
//! Nothing here names the `kernel` crate, allocates or panics: the caller hands in the memory, the
//! clock and the budget. The same bytes run in the kernel and in the host's tests, benchmarks and
//! fuzzer.

mod blit;
mod bytes;
pub mod chip;
pub mod compatible;
pub mod counters;
pub mod fault;
pub mod memory;
pub mod opcode;
pub mod packet;
pub mod performance;
mod processor;
pub mod registers;

pub use processor::{Configuration, Outcome, Processor};
pub use registers::Registers;

#[cfg(test)]
#[allow(
    clippy::as_conversions,
    missing_docs,
    reason = "tests say what they test by their names"
)]
mod tests;
