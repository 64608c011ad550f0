// SPDX-License-Identifier: GPL-2.0

//! A client of the KGSL device, as thin as can be.

mod context;
mod device;
mod mapping;
mod object;
mod system;

pub use self::context::Context;
pub use self::device::{Device, NODE};
pub use self::mapping::Mapping;
pub use self::object::Object;
pub use self::system::{address, Access, Argument};
