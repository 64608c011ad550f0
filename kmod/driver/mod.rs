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
//! 3. [`Context`]'s state: timestamps, queue, status.
//! 4. The layout of an [`AddressSpace`].
//! 5. What is bound to an [`Object`](memory::Object).
//! 6. What the performance counters count, and for whom.
//! 7. The trees of an [`AddressSpace`], the table of contexts, the fence that a [`File`] keeps of what has
//!    retired, and the sums of what was counted and how long, which are spinlocks.
//! 8. The list of the pools of pages, and then what a pool keeps, which are spinlocks. Whoever looks for
//!    memory takes them: under them nobody takes or frees any.
//!
//! A context's engine, the processor and what it runs, has no lock: it stands in the state, and is the
//! thread's who has taken it out from there, until he puts it back.
//!
//! What an [`AddressSpace`] has not mapped stands under a lock that is taken while none is held, and
//! under which none is taken.
//!
//! Under the first of them a process appears in debugfs and disappears. Whoever makes something
//! disappear from there or from sysfs waits for those who read it, and holds nothing else than that
//! while he does: what is read takes locks of the lines from 3 on.
//!
//! What a context's work does, in a worker or in the call that submits it, leads to the signal of
//! fences, for which whoever looks for memory may wait. So it takes no memory, and only locks under
//! which nobody does: those of the lines 3 and 5 to 8, and those of the timelines.
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
