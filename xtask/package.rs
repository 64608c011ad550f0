// SPDX-License-Identifier: GPL-2.0

//! Packages of the module.

pub mod yocto;
