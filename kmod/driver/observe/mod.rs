// SPDX-License-Identifier: GPL-2.0

//! What the device tells of itself to those who watch it.

mod busy;

pub(super) use busy::Busy;
