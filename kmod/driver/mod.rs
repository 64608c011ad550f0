// SPDX-License-Identifier: GPL-2.0

//! What needs a kernel: the device, its files and processes, memory, contexts and the scheduling of
//! their work.
//!
//! # Lock order
//!
//! A lock of this list is taken only while none, or one of an earlier line, is held:
//!
//! 1. [`Device`]'s processes, and its files.
//! 2. [`File`]'s contexts, and its timelines.
//! 3. [`Context`]'s engine: the processor and what it runs.
//! 4. [`Context`]'s state: timestamps, queue, status.
//! 5. The layout of an [`AddressSpace`].
//! 6. What is bound to an [`Object`](memory::Object).
//! 7. What the performance counters count, and for whom.
//! 8. The trees of an [`AddressSpace`], the table of contexts, and the sums of what was counted and
//!    how long, which are spinlocks.
//! 9. The list of the pools of pages, and then what a pool keeps, which are spinlocks. Whoever looks for
//!    memory takes them: under them nobody takes or frees any.
//!
//! What an [`AddressSpace`] has not mapped stands under a lock that is taken while none is held, and
//! under which none is taken.
//!
//! Under the first of them a process appears in debugfs and disappears. Whoever makes something
//! disappear from there or from sysfs waits for those who read it, and holds nothing else than that
//! while he does: what is read takes locks of the lines from 4 on.
//!
//! What a context's work does, in a worker or in the call that submits it, leads to the signal of
//! fences, for which whoever looks for memory may wait. So it takes no memory, and only locks under
//! which nobody does: those of the lines 3, 4 and 6 to 9, and those of the timelines.
//!
//! [`AddressSpace`]: memory::AddressSpace

mod context;
mod device;
mod file;
mod identity;
mod ioctl;
mod list;
mod memory;
mod module;
mod node;
mod observe;
mod perfcounter;
mod process;
mod queue;
mod reaper;
mod syncsource;
mod timeline;

use context::Context;
use device::Device;
use file::File;
pub(crate) use module::KgslShim;
use node::Node;
use process::Process;
use queue::Queue;
