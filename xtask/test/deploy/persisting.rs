// SPDX-License-Identifier: GPL-2.0

//! `--persist`: the module is installed too, all of it or nothing, and comes up at the next boot.

use anyhow::{ensure, Context, Result};
use xshell::cmd;

use super::loading::unchanged;
use super::tool::{Tool, ROOT};
use crate::manifest::Manifest;
use crate::project;
use crate::test::board::Board;
use crate::test::cases::Cases;
use crate::uninstall;

/// Runs the cases up to the installation.
pub(super) fn run(tool: &Tool, board: &Board, cases: &mut Cases) -> Result<()> {
    cases.add("persist-blacklisted", blacklisted(tool, board));
    cases.add("persist-half-way", half_way(tool, board));
    cases.add("persist-foreign", foreign(tool, board));
    let before = board.read(FILES)?;
    cases.add(
        "persist",
        tool.deploy(ROOT, &["--persist"])?
            .expect(&["installed in /"]),
    );
    cases.add("persist-again", again(tool, board));
    cases.add("persist-stale", stale(tool, board));
    cases.add("persist-receipt", receipt(board, &before));
    Ok(())
}

/// The files that an installation could leave, but for the index, which each depmod writes in its own way.
const FILES: &str = "cd / && find usr/lib/modules usr/lib/modprobe.d usr/lib/modules-load.d \
    usr/lib/udev/rules.d etc/modprobe.d etc/modules-load.d -type f ! -name 'modules.*' \
    -exec sha256sum {} + 2> /dev/null | sort";

/// A file of the same name that somebody else put there stays, and nothing else is written.
fn foreign(tool: &Tool, board: &Board) -> Result<()> {
    let place = format!("/usr/lib/modprobe.d/{}.conf", Manifest::load()?.module.name);
    board.read(&format!("echo '# mine' > {place}"))?;
    let outcome = unchanged(board, || {
        let run = tool.deploy(ROOT, &["--persist"])?;
        run.expect_failure(&[&place, "is there already", "next: remove it"])
    });
    board.read(&format!("rm {place}"))?;
    outcome
}

/// What an earlier installation had and a later one has not is removed.
fn stale(tool: &Tool, board: &Board) -> Result<()> {
    let options = format!(
        "/etc/modprobe.d/{}-options.conf",
        Manifest::load()?.module.name
    );
    let words = ["--persist", "--parameter", "chip=a750"];
    tool.deploy(ROOT, &words)?.expect(&["installed in /"])?;
    board.expect(&format!("grep -c '^options.* chip=a750$' {options}"), "1")?;
    tool.deploy(ROOT, &["--persist"])?
        .expect(&["installed in /"])?;
    board.expect(&format!("ls {options} 2> /dev/null || echo none"), "none")
}

/// The receipt that is left there is one by which `uninstall` makes of the board's files what they were before.
fn receipt(board: &Board, before: &str) -> Result<()> {
    let sh = project::shell()?;
    let root = sh.create_temp_dir()?;
    let root = root.path();
    let archive = board.run(
        "tar --create --directory=/ lib usr/lib/modules usr/lib/modprobe.d \
        usr/lib/modules-load.d usr/lib/udev/rules.d etc/modprobe.d etc/modules-load.d",
    )?;
    cmd!(sh, "tar --extract --directory={root}")
        .stdin(archive.stdout)
        .quiet()
        .run()
        .context("unpacking the board's files")?;
    uninstall::uninstall(&sh, root, None)?;
    let _root = sh.push_dir(root);
    let script = FILES.replace("cd / && ", "");
    let after = cmd!(sh, "sh -c {script}").quiet().read()?;
    ensure!(
        after.trim() == before,
        "before the installation:\n{before}\nafter uninstalling it:\n{after}"
    );
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
