// SPDX-License-Identifier: GPL-2.0

//! Host root: the parts of the module that need no kernel, for tests, benchmarks and fuzzing.

#![no_std]

#[cfg(test)]
#[macro_use]
extern crate std;

pub mod abi;
pub mod gpu;
