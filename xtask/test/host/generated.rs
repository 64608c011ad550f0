// SPDX-License-Identifier: GPL-2.0

//! Files that the manifest decides are up to date.

use anyhow::Context;
use xshell::{cmd, Shell};

use super::tool;
use crate::test::case::Outcome;

/// What `generate --check` says.
pub(in crate::test) fn check(sh: &Shell) -> anyhow::Result<Outcome> {
    let xtask = std::env::current_exe().context("finding this program")?;
    Ok(tool::run(cmd!(sh, "{xtask} generate --check").quiet())?.outcome("generate"))
}
