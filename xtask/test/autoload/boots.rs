// SPDX-License-Identifier: GPL-2.0

//! Boots of the same disk: the module is in, its node belongs to whom it should, and the C driver stays out.

use std::time::Duration;

use anyhow::{ensure, Context, Result};
use xshell::Shell;

use super::stand_in;
use crate::install::{self, Options, Request};
use crate::manifest::Manifest;
use crate::test::board::{Board, System};
use crate::test::cases::Cases;
use crate::vm::Workshop;

/// Installs the module into the system as `cargo xtask install` does.
pub(super) fn install(
    sh: &Shell,
    workshop: &Workshop,
    system: &System<'_>,
    options: Options,
) -> Result<()> {
    let request = Request {
        tree: workshop.tree(),
        module: workshop.module(sh)?,
        root: &system.root(),
        options,
    };
    install::install(sh, &request).context("installing the module")?;
    Ok(())
}

/// Boots twice.
pub(super) fn run(sh: &Shell, system: &System<'_>, cases: &mut Cases) -> Result<()> {
    system.write_disk(sh)?;
    for boot in ["first", "second"] {
        let board = system.boot(sh, None)?;
        look(&board, boot, cases)?;
        cases.add_report(&format!("{boot}-boot-kernel"), &board.shut_down()?);
    }
    Ok(())
}

/// Looks at everything that a boot should have come to.
pub(super) fn look(board: &Board, boot: &str, cases: &mut Cases) -> Result<()> {
    let mut case = |name: &str, result| cases.add(&format!("{boot}-boot-{name}"), result);
    case("units", units(board));
    case("loaded", loaded(board));
    case("node", node(board));
    case("blacklist", stays_out(board));
    case("member", member(board));
    case("stranger", stranger(board));
    eprintln!("{}: {boot} boot: {}", board.arch(), boot_time(board)?);
    Ok(())
}

/// No unit failed, and nothing complained of the module's configuration.
pub(super) fn units(board: &Board) -> Result<()> {
    let failed = board.read("systemctl list-units --state=failed --plain --no-legend")?;
    ensure!(failed.is_empty(), "units failed: {failed}");
    board.expect("systemctl is-system-running", "running")?;
    let complaints = said(
        board,
        &["systemd-modules-load", "systemd-udevd", "(udev-worker)"],
        "warning",
    )?;
    let name = Manifest::load()?.module.name;
    let complaints: Vec<&str> = complaints
        .lines()
        .filter(|line| line.contains(&name))
        .collect();
    ensure!(
        complaints.is_empty(),
        "systemd complains: {}",
        complaints.join("\n")
    );
    Ok(())
}

/// What these programs have logged since the boot, down to a level. By name, because the journal cannot tell the unit of
/// a process that has ended already.
pub(super) fn said(board: &Board, programs: &[&str], level: &str) -> Result<String> {
    let programs: Vec<String> = programs
        .iter()
        .map(|program| format!("--identifier='{program}'"))
        .collect();
    let programs = programs.join(" ");
    board.read(&format!(
        "journalctl --boot --no-pager --quiet --output=cat --priority={level} {programs}"
    ))
}

/// systemd-modules-load has inserted the module.
fn loaded(board: &Board) -> Result<()> {
    let name = Manifest::load()?.module.name;
    board.expect(&format!("cat /sys/module/{name}/initstate"), "live")?;
    let said = said(board, &["systemd-modules-load"], "debug")?;
    let inserted = format!("Inserted module '{name}'");
    ensure!(said.contains(&inserted), "no {inserted:?} in: {said}");
    Ok(())
}

/// The node of the manifest has the group and the mode of the manifest.
pub(super) fn node(board: &Board) -> Result<()> {
    for rule in Manifest::load()?.module.udev {
        let mode = rule.mode.trim_start_matches('0');
        let wanted = format!("character special file root {} {mode}", rule.group);
        let script = format!("stat --format='%F %U %G %a' /dev/{}", rule.kernel);
        board.expect(&script, &wanted)?;
        let tags = board.read(&format!(
            "udevadm info --query=property /dev/{}",
            rule.kernel
        ))?;
        for tag in rule.tags {
            ensure!(
                tags.contains(&format!(":{tag}:")),
                "no tag {tag} in: {tags}"
            );
        }
    }
    Ok(())
}

/// The C driver is installed and has not been loaded; it could be.
pub(super) fn stays_out(board: &Board) -> Result<()> {
    let name = stand_in::NAME;
    board.read(&format!("modinfo --field=filename {name}"))?;
    ensure!(
        !board.read("cat /proc/modules")?.contains(name),
        "{name} was loaded in spite of the blacklist"
    );
    // Whoever names it gets it, so that it is the blacklist that keeps it out at boot.
    board.read(&format!("modprobe {name} && rmmod {name}"))?;
    Ok(())
}

/// An ordinary member of the group runs the demo client.
fn member(board: &Board) -> Result<()> {
    let printed = board.read("runuser --user=member demo")?;
    ensure!(
        printed.contains("The GPU wrote what it had to."),
        "the demo printed: {printed}"
    );
    Ok(())
}

/// Nobody else may open the node.
fn stranger(board: &Board) -> Result<()> {
    let output = board.run("runuser --user=stranger demo")?;
    let said = format!("{}{}", output.text(), output.stderr);
    ensure!(
        !output.status.success() && said.contains("Permission denied"),
        "the demo of a stranger ended with {} and said: {said}",
        output.status
    );
    Ok(())
}

/// How long the boot took, in systemd's words.
fn boot_time(board: &Board) -> Result<String> {
    let said = board.read("systemd-analyze time")?;
    let reached: Duration = board.elapsed();
    let line = said.lines().next().unwrap_or_default();
    Ok(format!(
        "{line} ({:.1} s since QEMU started)",
        reached.as_secs_f64()
    ))
}
