// SPDX-License-Identifier: GPL-2.0

//! The negative twin: somebody has blacklisted the module itself. `check` says of the root directory what will happen,
//! and it happens.

use anyhow::{ensure, Result};
use xshell::Shell;

use super::boots;
use crate::check::target::open::Options;
use crate::check::{self, Target};
use crate::manifest::Manifest;
use crate::test::board::{Board, System};
use crate::test::cases::Cases;
use crate::vm::Workshop;

/// The rule of `check` that says it.
const RULE: &str = "autoload-blacklisted";

/// Where an administrator blacklists modules.
const BLACKLIST: &str = "etc/modprobe.d/local.conf";

/// Blacklists the module in the system, and boots it.
pub(super) fn run(
    sh: &Shell,
    workshop: &Workshop,
    system: &System<'_>,
    cases: &mut Cases,
) -> Result<()> {
    let name = Manifest::load()?.module.name;
    cases.add("twin-before", says(sh, workshop, system, false));
    system.write(BLACKLIST, &format!("blacklist {name}\n"))?;
    cases.add("twin-check", says(sh, workshop, system, true));
    system.write_disk(sh)?;
    let board = system.boot(sh, None)?;
    cases.add("twin-units", boots::units(&board));
    cases.add("twin-stays-out", stays_out(&board, &name));
    cases.add_report("twin-kernel", &board.shut_down()?);
    system.remove(BLACKLIST)
}

/// Whether `check` says of the root directory that the entry of modules-load.d is cancelled.
fn says(sh: &Shell, workshop: &Workshop, system: &System<'_>, wanted: bool) -> Result<()> {
    let root = system.root().display().to_string();
    let target = Target::open(sh, &root, &Options::default())?;
    let report = check::verdict(workshop.module(sh)?, &target)?;
    let says = report.findings.iter().any(|finding| finding.rule == RULE);
    ensure!(
        says == wanted,
        "{RULE} was expected to be {wanted}: {report}"
    );
    Ok(())
}

fn stays_out(board: &Board, name: &str) -> Result<()> {
    let loaded = board.run(&format!("test -e /sys/module/{name}"))?;
    ensure!(
        !loaded.status.success(),
        "{name} was loaded in spite of its blacklist"
    );
    let said = boots::said(board, &["systemd-modules-load"], "debug")?;
    let denied = format!("Module '{name}' is deny-listed");
    ensure!(said.contains(&denied), "no {denied:?} in: {said}");
    Ok(())
}
