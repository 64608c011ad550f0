// SPDX-License-Identifier: GPL-2.0

//! `--persist`: the module is installed too, all of it or nothing, and comes up at the next boot.

use anyhow::Result;

use super::loading::unchanged;
use super::tool::{Tool, ROOT};
use crate::manifest::Manifest;
use crate::test::board::Board;
use crate::test::cases::Cases;

/// Runs the cases up to the installation.
pub(super) fn run(tool: &Tool, board: &Board, cases: &mut Cases) -> Result<()> {
    cases.add("persist-blacklisted", blacklisted(tool, board));
    cases.add("persist-half-way", half_way(tool, board));
    cases.add(
        "persist",
        tool.deploy(ROOT, &["--persist"])?
            .expect(&["installed in /"]),
    );
    cases.add("persist-again", again(tool, board));
    Ok(())
}

/// What the board's configuration would keep from being loaded is not installed.
fn blacklisted(tool: &Tool, board: &Board) -> Result<()> {
    let name = Manifest::load()?.module.name;
    board.read(&format!(
        "echo blacklist {name} > /etc/modprobe.d/local.conf"
    ))?;
    let outcome = unchanged(board, || {
        let run = tool.deploy(ROOT, &["--persist"])?;
        run.expect_failure(&["it would not be loaded at boot", "local.conf blacklists"])
    });
    board.read("rm /etc/modprobe.d/local.conf")?;
    outcome
}

/// A directory that cannot be written to, after others have been.
fn half_way(tool: &Tool, board: &Board) -> Result<()> {
    let place = "/usr/lib/udev/rules.d";
    board.read(&format!(
        "mount --bind {place} {place} && mount -o remount,bind,ro {place}"
    ))?;
    let outcome = unchanged(board, || {
        let run = tool.deploy(ROOT, &["--persist"])?;
        run.expect_failure(&["writing /", "Read-only file system", "is as it was"])
    });
    board.read(&format!("umount {place}"))?;
    outcome
}

fn again(tool: &Tool, board: &Board) -> Result<()> {
    unchanged(board, || {
        let run = tool.deploy(ROOT, &["--persist"])?;
        run.expect(&["installed in /", "loaded already"])
    })
}

/// systemd has loaded the module, and udev has given the node to its group.
pub(super) fn came_up(board: &Board) -> Result<()> {
    let Manifest { module, .. } = Manifest::load()?;
    board.expect(
        &format!("cat /sys/module/{}/initstate", module.name),
        "live",
    )?;
    for rule in module.udev {
        let wanted = format!("{} {}", rule.group, rule.mode.trim_start_matches('0'));
        board.expect(
            &format!("stat --format='%G %a' /dev/{}", rule.kernel),
            &wanted,
        )?;
    }
    Ok(())
}
