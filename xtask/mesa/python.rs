// SPDX-License-Identifier: GPL-2.0

//! The Python programs that build Mesa, in an environment of their own: Debian 12's meson is too old, and one way for
//! every host is one way that is tested.

use std::path::PathBuf;

use anyhow::Context;
use xshell::Shell;

use super::lock::Lock;
use crate::python::Environment;

/// The directory of the environment's programs; made when the cache does not have it.
pub(super) fn ensure(sh: &Shell, lock: &Lock) -> anyhow::Result<PathBuf> {
    let environment = Environment {
        name: "python",
        about: "meson and its companions",
        requirements: &lock.requirements(),
    };
    environment
        .ensure(sh)
        .context("preparing the Python programs that build Mesa")
}
