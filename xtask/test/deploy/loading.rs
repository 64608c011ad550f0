// SPDX-License-Identifier: GPL-2.0

//! Modules that are loaded, are loaded already, replace another, or do not load: whatever fails leaves the board as it
//! was.

use std::path::Path;

use anyhow::{ensure, Result};

use super::tool::{Tool, ROOT};
use crate::manifest::Manifest;
use crate::test::board::Board;
use crate::test::cases::Cases;

/// A user with sudo.
const DEVELOPER: &str = "developer@127.0.0.1";

/// Whatever a deployment could leave behind: the module, its parameters, and files.
const STATE: &str = "grep ^$name /proc/modules | cut -d ' ' -f 1-3
grep -r . /sys/module/$name/parameters 2> /dev/null
find /run/xtask-deploy /usr/lib/modules /usr/lib/modprobe.d /usr/lib/modules-load.d /usr/lib/udev/rules.d \
    /etc/modprobe.d /etc/modules-load.d /etc/udev ! -name '*.ko' -printf '%p %y %m\\n' 2> /dev/null | sort
find /run/xtask-deploy /usr/lib/modules /usr/lib/modprobe.d /usr/lib/modules-load.d /usr/lib/udev/rules.d \
    /etc/modprobe.d /etc/modules-load.d -type f -exec sha256sum {} + 2> /dev/null | sort";

/// Runs the cases.
pub(super) fn run(tool: &Tool, board: &Board, stranger: &Path, cases: &mut Cases) -> Result<()> {
    run_core(tool, board, stranger, cases);
    cases.add("again", again(tool, board));
    cases.add("replaces", replaces(tool, board));
    cases.add("restores", failing(tool, board));
    cases.add("in-use", in_use(tool, board));
    Ok(())
}

/// Runs the cases that a board without the module begins with.
pub(super) fn run_core(tool: &Tool, board: &Board, stranger: &Path, cases: &mut Cases) {
    cases.add("refused", refused(tool, board, stranger));
    cases.add("failing", failing(tool, board));
    cases.add("loads", loads(tool, board));
}

/// Fails unless the action leaves the board as it was.
pub(super) fn unchanged(board: &Board, action: impl FnOnce() -> Result<()>) -> Result<()> {
    let script = format!("name={}\n{STATE}", Manifest::load()?.module.name);
    let before = board.read(&script)?;
    action()?;
    let after = board.read(&script)?;
    let changes: Vec<&str> = similar::TextDiff::from_lines(&before, &after)
        .iter_all_changes()
        .filter(|change| change.tag() != similar::ChangeTag::Equal)
        .map(|change| change.value())
        .collect();
    ensure!(
        changes.is_empty(),
        "the board is not as it was: {}",
        changes.concat()
    );
    Ok(())
}

/// A module for another kernel is refused beforehand.
fn refused(tool: &Tool, board: &Board, stranger: &Path) -> Result<()> {
    unchanged(board, || {
        let run = tool.deploy_file(ROOT, stranger.as_os_str())?;
        run.expect_failure(&["would refuse the module", "version magic", "next: "])
    })
}

/// A module whose initialisation fails is taken away again, and the kernel's reason is told.
fn failing(tool: &Tool, board: &Board) -> Result<()> {
    unchanged(board, || {
        let run = tool.deploy(DEVELOPER, &["--parameter", "chip=nonsense"])?;
        run.expect_failure(&[
            "loading: ",
            "Invalid",
            "is no Adreno that this module knows",
            "127.0.0.1 is as it was",
        ])
    })
}

/// The module is loaded by a user with sudo.
fn loads(tool: &Tool, board: &Board) -> Result<()> {
    let Manifest { module, .. } = Manifest::load()?;
    let run = tool.deploy(DEVELOPER, &[])?;
    run.expect(&[
        ": loaded\n",
        "/dev/",
        "kernel log:",
        &format!("{}: ", module.name),
    ])?;
    board.expect(
        &format!("cat /sys/module/{}/initstate", module.name),
        "live",
    )
}

/// The same build is not loaded a second time.
fn again(tool: &Tool, board: &Board) -> Result<()> {
    unchanged(board, || {
        tool.deploy(DEVELOPER, &[])?.expect(&["loaded already"])
    })
}

/// With other parameters it is.
fn replaces(tool: &Tool, board: &Board) -> Result<()> {
    let name = Manifest::load()?.module.name;
    tool.deploy(ROOT, &["--parameter", "chip=a750"])?
        .expect(&["unloaded the earlier one, loaded"])?;
    board.expect(&format!("cat /sys/module/{name}/parameters/chip"), "a750")
}

/// A module that somebody uses stays.
fn in_use(tool: &Tool, board: &Board) -> Result<()> {
    let Manifest { module, .. } = Manifest::load()?;
    let Some(rule) = module.udev.first() else {
        return Ok(());
    };
    board.read(&format!(
        "systemd-run --quiet --unit=holder --property=StandardInput=file:/dev/{} sleep infinity",
        rule.kernel
    ))?;
    let outcome = unchanged(board, || {
        let run = tool.deploy(ROOT, &["--parameter", "chip=a660"])?;
        run.expect_failure(&["unloading the loaded module", "in use", "is as it was"])
    });
    board.read("systemctl stop holder.service")?;
    outcome
}
