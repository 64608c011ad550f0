// SPDX-License-Identifier: GPL-2.0

//! What comes up with a board that the module was installed on: boots with a real systemd, udev and kmod, on a disk that
//! `install` has written to.

mod boots;
mod device_tree;
mod stand_in;
mod twin;

use anyhow::Result;
use xshell::Shell;

use super::board::{Board, System};
use super::case::Outcome;
use super::cases::Cases;
use crate::arch::Arch;
use crate::install::Options;
use crate::vm::Workshop;

/// The name of the suite.
pub(super) const SUITE: &str = "autoload";

/// Runs the suite on one kernel.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    let mut cases = Cases::new(SUITE, &workshop.target);
    let result = all(sh, workshop, &mut cases);
    Ok(cases.finish(result))
}

fn all(sh: &Shell, workshop: &Workshop, cases: &mut Cases) -> Result<()> {
    let system = System::new(sh, workshop, SUITE)?;
    install(sh, workshop, &system)?;
    boots::run(sh, &system, cases)?;
    twin::run(sh, workshop, &system, cases)?;
    match workshop.target.arch {
        Arch::Arm64 => device_tree::run(sh, workshop, &system, cases),
        // The machines of this architecture have no device tree.
        Arch::X86_64 => Ok(()),
    }
}

/// Installs the module into the system, beside the one that it keeps out.
pub(super) fn install(sh: &Shell, workshop: &Workshop, system: &System<'_>) -> Result<()> {
    system.add_program("demo")?;
    stand_in::install(sh, workshop, system)?;
    boots::install(sh, workshop, system, Options::default())
}

/// The core: what a boot of that system must have come to.
pub(super) fn run_core(board: &Board, cases: &mut Cases) -> Result<()> {
    boots::look(board, "first", cases)
}
