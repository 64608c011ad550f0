// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/debug/kgsl/`: the processes with their memory, the contexts, and what was counted.
//!
//! The directories of the C driver (ABI facts, section 4.9). As always in debugfs, what cannot be
//! created is left out. Whoever removes a file waits for its readers: nobody removes one under a
//! lock that a reader takes.

use crate::{
    driver::{
        memory::AddressSpace,
        Context,
        Device, //
    },
    ext::debugfs::{
        Directory,
        File, //
    },
    ext::place::Place, //
};
use kernel::{
    alloc::flags,
    c_str,
    prelude::*,
    str::CString,
    sync::Arc, //
};

/// The top of the tree, while the module is loaded. Processes outlive a device that is unplugged.
static TOP: Place<Top> = Place::new();

/// The directories that are always there.
struct Top {
    kgsl: Arc<Directory>,
    processes: Arc<Directory>,
}

/// The tree, for as long as this lives.
pub(in crate::driver) struct Tree;

impl Tree {
    /// Plants it.
    pub(in crate::driver) fn new() -> Self {
        // The module is loaded once, so that the place is empty.
        let _ = Top::new().and_then(|top| TOP.fill(top));
        Self
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        drop(TOP.take());
    }
}

impl Top {
    fn new() -> Result<Arc<Self>> {
        let kgsl = Directory::new(c_str!("kgsl"), None)?;
        let processes = Directory::new(c_str!("proc"), Some(&kgsl))?;
        Ok(Arc::new(Self { kgsl, processes }, flags::GFP_KERNEL)?)
    }
}

/// `proc/PID/`, while the process has the device open.
pub(in crate::driver) struct ProcessEntries {
    _memory: File<AddressSpace>,
    _virtual: File<AddressSpace>,
    _pool: File<AddressSpace>,
}

impl ProcessEntries {
    /// Creates the entries of a process with that number.
    pub(in crate::driver) fn new(process: u32, space: &Arc<AddressSpace>) -> Result<Self> {
        let top = TOP.get()?;
        let name = CString::try_from_fmt(fmt!("{process}"))?;
        let directory = Directory::new(&name, Some(&top.processes))?;
        let file = |name, show| File::new(name, &directory, space.clone(), show);
        Ok(Self {
            _memory: file(c_str!("mem"), super::memory::show_objects)?,
            _virtual: file(c_str!("vbos"), super::memory::show_bindings)?,
            _pool: file(c_str!("pool"), super::memory::show_pool)?,
        })
    }
}

/// `kgsl-3d0/`, while the device is there.
pub(in crate::driver) struct DeviceEntries {
    contexts: Arc<Directory>,
    _counters: File<Device>,
}

impl DeviceEntries {
    /// Creates the entries of the device.
    pub(in crate::driver) fn new(device: &Arc<Device>) -> Result<Self> {
        let top = TOP.get()?;
        let directory = Directory::new(c_str!("kgsl-3d0"), Some(&top.kgsl))?;
        let contexts = Directory::new(c_str!("ctx"), Some(&directory))?;
        let counters = File::new(
            c_str!("counters"),
            &directory,
            device.clone(),
            super::counters::show,
        )?;
        Ok(Self {
            contexts,
            _counters: counters,
        })
    }

    /// Creates the entry of a context.
    pub(in crate::driver) fn context(&self, context: &Arc<Context>) -> Result<File<Context>> {
        let name = CString::try_from_fmt(fmt!("{}", context.id))?;
        File::new(&name, &self.contexts, context.clone(), Context::show)
    }
}
