// SPDX-License-Identifier: GPL-2.0

//! A client of the KGSL device, as thin as can be.

mod bench;
mod binding;
mod context;
mod device;
mod dma_buf;
pub mod errand;
mod fail_nth;
mod fault;
mod fence;
mod fork;
mod kcov;
mod mapping;
mod object;
mod over;
mod pinned;
mod signal;
mod submission;
mod system;
mod vgem;

pub use self::bench::Bench;
pub use self::binding::{aux_bind, bind, bind_argument, bind_later, bound, unbound};
pub use self::context::Context;
pub use self::device::{Device, NODE};
pub use self::dma_buf::{system_heap, SystemHeap, Udmabuf};
pub use self::fail_nth::{FailNth, Faults};
pub use self::fault::{fault_report, page_fault};
pub use self::fence::{Fence, SwSync};
pub use self::fork::{fork, Child, End, Forked};
pub use self::kcov::Kcov;
pub use self::mapping::Mapping;
pub use self::object::Object;
pub use self::over::Over;
pub use self::pinned::{page_pins, pinned};
pub use self::signal::{fork_briefly, handle, Restart, Thread};
pub use self::submission::{aux_signal, Submission, Syncpoint};
pub use self::system::{address, bytes_of, call, close_from, take_descriptor, Access, Argument};
pub use self::vgem::{vgem, Vgem};
