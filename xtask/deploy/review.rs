// SPDX-License-Identifier: GPL-2.0

//! Whether the machine will take the module, before anything of it is sent.

use anyhow::{anyhow, Result};
use xshell::Shell;

use super::package::Package;
use crate::advice::Advise;
use crate::check::finding::Finding;
use crate::check::target::{remote, Target};
use crate::check::{self, Report};
use crate::ssh::Host;

/// Findings by which a module that loads now is not loaded at boot.
const IN_THE_WAY_OF_AUTOLOAD: &[&str] = &[
    "blacklisted",
    "autoload-blacklisted",
    "builtin",
    "install-command",
];

/// Fails with the loader's verdict when the machine's kernel refuses the module; with `persist` also when the machine's
/// configuration would keep it from being loaded at boot.
pub(super) fn review(sh: &Shell, host: &Host, package: &Package, persist: bool) -> Result<()> {
    let mut target = remote::read(sh, host)?;
    target.origin = host.name().to_owned();
    // What is loaded now makes room first.
    let name = crate::manifest::Manifest::load()?.module.name;
    leave_out(&mut target, &name);
    let report = check::verdict(&package.module, &target)?;
    if !report.loads() {
        return Err(anyhow!(
            "the machine's kernel would refuse the module:\n{report}"
        ))
        .advise("build it for that kernel: --kernel-src, or --arch and --series");
    }
    match in_the_way(&report).filter(|_| persist) {
        None => Ok(()),
        Some(finding) => {
            Err(anyhow!("it would not be loaded at boot: {}", finding.cause)).advise(&finding.mend)
        }
    }
}

fn leave_out(target: &mut Target, name: &str) {
    if let Some(running) = &mut target.running {
        running.loaded.remove(name);
        running.directories.remove(name);
    }
}

fn in_the_way(report: &Report) -> Option<&Finding> {
    report
        .findings
        .iter()
        .find(|finding| IN_THE_WAY_OF_AUTOLOAD.contains(&finding.rule))
}
