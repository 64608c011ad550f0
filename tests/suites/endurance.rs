// SPDX-License-Identifier: GPL-2.0

//! What takes long, and shows what small things add up to.

use super::stress::load_and_unload;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "endurance",
    groups: &[crate::tests![
        the_module_is_loaded_and_unloaded_a_thousand_times
    ]],
};

fn the_module_is_loaded_and_unloaded_a_thousand_times() {
    load_and_unload(1_000);
}
