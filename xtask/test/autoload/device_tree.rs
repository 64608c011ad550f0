// SPDX-License-Identifier: GPL-2.0

//! Boots with a device tree that describes an Adreno, and without an entry of modules-load.d: udev loads the module by
//! the node's alias. Then the same with the module as the node's driver, which comes and goes with it.

use anyhow::{ensure, Result};
use xshell::Shell;

use super::boots;
use crate::install::Options;
use crate::manifest::Manifest;
use crate::project;
use crate::test::board::{Board, System};
use crate::test::cases::Cases;
use crate::vm::Workshop;

/// The node, from the repository's root.
const NODE: &str = "tests/device_trees/board.dtso";

/// Its device under /sys/bus/platform, and the model that follows from it.
const DEVICE: &str = "3d00000.gpu";
const MODEL: &str = "Adreno635";

/// Runs the boots.
pub(super) fn run(
    sh: &Shell,
    workshop: &Workshop,
    system: &System<'_>,
    cases: &mut Cases,
) -> Result<()> {
    let node = project::root().join(NODE);
    let mut options = Options {
        no_autoload: true,
        ..Options::default()
    };
    boots::install(sh, workshop, system, options.clone())?;
    system.write_disk(sh)?;
    let board = system.boot(sh, Some(&node))?;
    cases.add("alias-units", boots::units(&board));
    cases.add("alias-loaded", loaded(&board));
    cases.add("alias-identity", identity(&board));
    cases.add("alias-node", boots::node(&board));
    cases.add("alias-blacklist", boots::stays_out(&board));
    cases.add_report("alias-kernel", &board.shut_down()?);

    options.parameters = vec!["bind_dt=1".to_owned()];
    boots::install(sh, workshop, system, options)?;
    system.write_disk(sh)?;
    let board = system.boot(sh, Some(&node))?;
    cases.add("driver-bound", bound(&board));
    cases.add("driver-identity", identity(&board));
    cases.add("driver-unbound", unbound(&board));
    cases.add("driver-bound-again", bound_again(&board));
    cases.add_report("driver-kernel", &board.shut_down()?);
    Ok(())
}

/// udev has loaded the module; nothing else would have.
fn loaded(board: &Board) -> Result<()> {
    let name = Manifest::load()?.module.name;
    let entries = board.read(&format!(
        "grep --recursive --files-with-matches {name} /usr/lib/modules-load.d /etc/modules-load.d /etc/modules || true"
    ))?;
    ensure!(
        entries.is_empty(),
        "{name} has entries of modules-load.d: {entries}"
    );
    let alias =
        format!("modprobe --resolve-alias \"$(cat /sys/bus/platform/devices/{DEVICE}/modalias)\"");
    let found = board.read(&alias)?;
    ensure!(
        found.lines().any(|module| module == name),
        "the node's alias finds: {found}"
    );
    board.expect(&format!("cat /sys/module/{name}/initstate"), "live")
}

/// The device presents what the node describes.
fn identity(board: &Board) -> Result<()> {
    let printed = board.read("runuser --user=member demo")?;
    ensure!(
        printed.starts_with(MODEL),
        "the demo of a board with {NODE} printed: {printed}"
    );
    Ok(())
}

/// The module is the driver of the node's device.
fn bound(board: &Board) -> Result<()> {
    let name = Manifest::load()?.module.name;
    let script = format!("basename $(readlink /sys/bus/platform/devices/{DEVICE}/driver)");
    board.expect(&script, &name)?;
    boots::node(board)
}

/// Without the device there is no node, also while somebody has it open.
fn unbound(board: &Board) -> Result<()> {
    let Manifest { module, .. } = Manifest::load()?;
    for rule in &module.udev {
        board.read(&format!(
            "systemd-run --quiet --unit=holder --property=StandardInput=file:/dev/{0} sleep infinity
             echo {DEVICE} > /sys/bus/platform/drivers/{1}/unbind
             udevadm settle && test ! -e /dev/{0}",
            rule.kernel, module.name
        ))?;
    }
    let output = board.run("runuser --user=member demo")?;
    ensure!(
        !output.status.success(),
        "a device without a driver ran the demo"
    );
    Ok(())
}

/// Bound again it is as it was, and so it is once the earlier device's last user has gone.
fn bound_again(board: &Board) -> Result<()> {
    let name = Manifest::load()?.module.name;
    board.read(&format!(
        "echo {DEVICE} > /sys/bus/platform/drivers/{name}/bind && udevadm settle"
    ))?;
    bound(board)?;
    identity(board)?;
    board.read("systemctl stop holder.service")?;
    identity(board)
}
