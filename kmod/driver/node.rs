// SPDX-License-Identifier: GPL-2.0

//! The device and its node in `/dev`, which come and go together: with the module, or with the
//! device tree's node that the module is the driver of.

use super::{
    device,
    identity,
    Device,
    File,
    Queue, //
};
use crate::{
    ext::{
        chardev::Registration,
        of as device_tree,
        parameter,
        platform, //
    },
    gpu::chip::Chip, //
};
use kernel::{
    c_str,
    device::Device as Parent,
    of,
    prelude::*,
    sync::Arc, //
};

platform::of_table!(COMPATIBLE_NODES, identity::COMPATIBLE);

/// The device and its node.
///
/// Fields are dropped in declaration order: the node goes first, so that nobody opens the device
/// while it ends.
pub(super) struct Node {
    _registration: Registration<File>,
    _device: Published,
}

impl Node {
    /// A device that presents itself as `chip`, below `parent` in sysfs when there is one.
    ///
    /// Fails with `EBUSY` when there is one already, with `EEXIST` when another driver has KGSL's
    /// class, and with `ENOMEM`.
    pub(super) fn new(chip: &'static Chip, parent: Option<&Parent>) -> Result<Self> {
        let device = Published::new(Device::new(chip, Queue::get()?)?)
            .inspect_err(|_| pr_err!("there is a device already, and no second one\n"))?;
        let registration = Registration::new(c_str!("kgsl"), c_str!("kgsl-3d0"), parent)
            .inspect_err(|error| pr_err!("cannot create the device kgsl-3d0: {error:?}\n"))?;
        pr_info!("{} at /dev/kgsl-3d0\n", chip.model);
        Ok(Self {
            _registration: registration,
            _device: device,
        })
    }

    /// Whether there is a device.
    pub(super) fn exists() -> bool {
        device::PLACE.get().is_ok()
    }
}

impl platform::Bound for Node {
    const TABLE: of::IdTable<()> = COMPATIBLE_NODES;

    fn probe(parent: &Parent) -> Result<Self> {
        let described = device_tree::Node::of(parent);
        let chip = identity::choose(parameter::chip(), described)?;
        Self::new(chip, Some(parent))
    }
}

/// The device, where `open` finds it.
struct Published(Arc<Device>);

impl Published {
    fn new(device: Arc<Device>) -> Result<Self> {
        device::PLACE.fill(device.clone())?;
        device.appear();
        Ok(Self(device))
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        drop(device::PLACE.take());
        self.0.unplug();
        self.0.disappear();
    }
}
