// SPDX-License-Identifier: GPL-2.0

//! Files that the manifest decides are up to date.

use xshell::{cmd, Shell};

use super::tool;
use crate::process::this_program;
use crate::test::case::Outcome;

/// What `generate --check` says.
pub(in crate::test) fn check(sh: &Shell) -> anyhow::Result<Outcome> {
    let xtask = this_program();
    Ok(tool::run(cmd!(sh, "{xtask} generate --check").quiet())?.outcome("generate"))
}
