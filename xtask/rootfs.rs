// SPDX-License-Identifier: GPL-2.0

//! An operating system for virtual machines: Debian with systemd, udev, kmod, dbus and an ssh server, as a board has
//! it. It is put together once, by its own maintainer scripts in a machine of its own architecture, and kept in the
//! cache.

mod configure;
mod ensure;
mod image;
mod key;
mod unpack;

pub use ensure::{ensure, Rootfs};
pub use image::write;
