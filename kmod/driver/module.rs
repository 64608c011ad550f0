// SPDX-License-Identifier: GPL-2.0

//! Loading and unloading.

use super::{
    device,
    identity,
    Device,
    File, //
};
use crate::ext::{
    chardev::Registration,
    parameter, //
};
use kernel::{
    c_str,
    prelude::*,
    sync::Arc, //
};

/// The loaded module.
///
/// Fields are dropped in declaration order: the node goes first, so that nobody opens the device
/// while it ends.
pub(crate) struct KgslShim {
    _node: Registration<File>,
    _device: Published,
}

impl kernel::Module for KgslShim {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let chip = identity::choose(parameter::chip())?;
        let device = Published::new(Device::new(chip)?);
        let node = Registration::new(c_str!("kgsl"), c_str!("kgsl-3d0"))
            .inspect_err(|error| pr_err!("cannot create the device kgsl-3d0: {error:?}\n"))?;
        pr_info!("{} at /dev/kgsl-3d0\n", chip.model);
        Ok(Self {
            _node: node,
            _device: device,
        })
    }
}

/// The device, where `open` finds it.
struct Published(Arc<Device>);

impl Published {
    fn new(device: Arc<Device>) -> Self {
        // The module is loaded once, so that the place was empty.
        drop(device::PLACE.replace(Some(device.clone())));
        Self(device)
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        drop(device::PLACE.replace(None));
        // No work may hold the last reference: it would destroy the queue that it runs in.
        self.0.queue.drain();
    }
}
