// SPDX-License-Identifier: GPL-2.0

//! Vulkan as far as the checks need it, behind safe functions: what a call may be given is what these types can hold.
//! Objects borrow the device and go before it, so that teardown is part of every check.

mod buffer;
mod commands;
mod device;
mod event;
mod external;
mod image;
mod memory;
mod query;
mod sync;

pub(crate) use self::buffer::Buffer;
pub(crate) use self::commands::{Commands, Recorder};
pub(crate) use self::device::{Gpu, PATIENCE};
pub(crate) use self::event::Event;
pub(crate) use self::image::{Image, Region};
pub(crate) use self::query::Timestamps;
pub(crate) use self::sync::{Fence, Semaphore};
