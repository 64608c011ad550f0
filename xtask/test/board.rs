// SPDX-License-Identifier: GPL-2.0

//! A board for tests: a virtual machine that runs a whole operating system from a disk and is reached over ssh, as
//! anybody's board is.

pub(super) mod cores;
mod keys;
mod running;
mod system;

pub(super) use running::Board;
pub(super) use system::System;
