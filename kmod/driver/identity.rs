// SPDX-License-Identifier: GPL-2.0

//! Which Adreno the device presents.

use crate::{
    ext::of::Node,
    gpu::{
        chip::{
            self,
            Chip, //
        },
        compatible, //
    },
};
use kernel::{
    c_str,
    fmt,
    prelude::*,
    str::CStr, //
};

/// What every node of the device tree that describes an Adreno is compatible with.
pub(super) const COMPATIBLE: &CStr = c_str!("qcom,adreno");

/// What `chip=` says when it leaves the choice to the driver.
const AUTO: &str = "auto";

/// The node of the device tree that describes this machine's Adreno, if it has one.
pub(super) fn described() -> Option<Node> {
    Node::find(COMPATIBLE)
}

/// The Adreno that the module parameter `chip` names; `auto` means the one of the device tree's node.
///
/// Fails with `EINVAL`, and says in the log which names there are, when there is no such one.
pub(super) fn choose(name: &CStr, described: Option<Node>) -> Result<&'static Chip> {
    let chosen = match name.to_str() {
        Ok(AUTO) => Some(described.map_or(chip::DEFAULT, |node| of_node(&node))),
        Ok(name) => chip::by_name(name),
        Err(_) => None,
    };
    chosen.ok_or_else(|| {
        pr_err!("chip={name:?} is no Adreno that this module knows; it knows auto{Known}\n");
        EINVAL
    })
}

/// The Adreno that a node describes. One that is unknown is presented as the default, with a
/// warning: a device of another make serves better than none.
fn of_node(node: &Node) -> &'static Chip {
    let mut strings = node
        .compatible()
        .filter_map(|string| string.to_str().ok())
        .filter(|string| compatible::chip_id(string).is_some());
    let Some(string) = strings.next() else {
        pr_warn!("the device tree's node does not say which Adreno it is; presenting {} (chip= names another)\n", chip::DEFAULT.name);
        return chip::DEFAULT;
    };
    compatible::chip(string).unwrap_or_else(|| {
        pr_warn!("{string} in the device tree is no Adreno that this module knows; presenting {} (chip= names another)\n", chip::DEFAULT.name);
        chip::DEFAULT
    })
}

/// Prints the names of all identities, a comma before each.
struct Known;

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chip::CHIPS
            .iter()
            .try_for_each(|chip| write!(f, ", {}", chip.name))
    }
}
