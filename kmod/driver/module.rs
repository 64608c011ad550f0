// SPDX-License-Identifier: GPL-2.0

//! Loading and unloading.

use super::{
    identity,
    memory::Pooling,
    observe::Tree,
    Node,
    Queue, //
};
use crate::ext::{
    later::Later,
    parameter,
    platform, //
};
use kernel::{
    prelude::*,
    ModuleMetadata, //
};

/// The loaded module: the driver of the device tree's node, or a device of its own.
///
/// Fields are dropped in declaration order: what uses a queue goes before it.
pub(crate) struct KgslShim {
    _driver: Option<platform::Registration<Node>>,
    _node: Option<Node>,
    _queue: Queue,
    _later: Later,
    _pooling: Pooling,
    _tree: Tree,
}

impl kernel::Module for KgslShim {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let tree = Tree::new();
        let pooling = Pooling::new()?;
        let later = Later::new()?;
        let queue = Queue::new()?;
        let (driver, node) = match parameter::bind_dt() {
            true => (Some(bind(module)?), None),
            false => (None, Some(stand_alone()?)),
        };
        Ok(Self {
            _driver: driver,
            _node: node,
            _queue: queue,
            _later: later,
            _pooling: pooling,
            _tree: tree,
        })
    }
}

/// The device of a machine whose Adreno, if it has one, is left alone.
fn stand_alone() -> Result<Node> {
    let chip = identity::choose(parameter::chip(), identity::described())?;
    Node::new(chip, None)
}

/// Becomes the driver of the device tree's node. A wrong `chip=` is refused at once, not when there
/// is one.
fn bind(module: &'static ThisModule) -> Result<platform::Registration<Node>> {
    identity::choose(parameter::chip(), None)?;
    let driver = platform::Registration::new(KgslShim::NAME, module)?;
    if !Node::exists() {
        pr_info!("bind_dt=1: no device yet, for want of one that qcom,adreno describes\n");
    }
    Ok(driver)
}
