// SPDX-License-Identifier: GPL-2.0

//! The KGSL userspace ABI: ioctl numbers, structures and flags, by the groups of Qualcomm's header.
