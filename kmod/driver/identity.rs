// SPDX-License-Identifier: GPL-2.0

//! Which Adreno the device presents.

use crate::gpu::chip::{
    self,
    Chip, //
};
use kernel::{
    fmt,
    prelude::*,
    str::CStr, //
};

/// What `chip=` says when it leaves the choice to the driver.
const AUTO: &str = "auto";

/// The Adreno that the module parameter `chip` names.
///
/// Fails with `EINVAL`, and says in the log which names there are, when there is no such one.
pub(super) fn choose(name: &CStr) -> Result<&'static Chip> {
    let chosen = match name.to_str() {
        Ok(AUTO) => Some(chip::DEFAULT),
        Ok(name) => chip::by_name(name),
        Err(_) => None,
    };
    chosen.ok_or_else(|| {
        pr_err!("chip={name:?} is no Adreno that this module knows; it knows auto{Known}\n");
        EINVAL
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
