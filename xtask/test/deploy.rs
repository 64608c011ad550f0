// SPDX-License-Identifier: GPL-2.0

//! `deploy`, and `check` against a running machine, as a user runs them: against a board with a real ssh server.

mod connections;
mod loading;
mod persisting;
mod states;
mod tool;

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use xshell::Shell;

use self::tool::Tool;
use super::board::{Board, System};
use super::case::Outcome;
use super::cases::Cases;
use super::surgery::Patient;
use crate::manifest::Manifest;
use crate::project;
use crate::vm::Workshop;

/// The name of the suite.
pub(super) const SUITE: &str = "deploy";

/// Runs the suite on one kernel.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    let mut cases = Cases::new(SUITE, &workshop.target);
    let result = boots(sh, workshop, &mut cases);
    Ok(cases.finish(result))
}

/// A boot up to the installation, and one with it.
fn boots(sh: &Shell, workshop: &Workshop, cases: &mut Cases) -> Result<()> {
    let system = System::new(sh, workshop, SUITE)?;
    system.write_disk(sh)?;
    let stranger = stranger(sh, workshop)?;
    let board = system.boot(sh, None)?;
    let tool = Tool::new(workshop, board.options());
    connections::run(sh, &tool, &system, cases)?;
    loading::run(&tool, &board, &stranger, cases)?;
    persisting::run(&tool, &board, cases)?;
    cases.add_report("kernel", &board.shut_down()?);
    let board = system.boot(sh, None)?;
    let tool = Tool::new(workshop, board.options());
    cases.add("persisted", persisting::came_up(&board));
    states::run(&tool, &board, workshop.module(sh)?, cases)?;
    cases.add_report("states-kernel", &board.shut_down()?);
    Ok(())
}

/// The core, on a board that has the module loaded: connections that fail, and a module that is refused, one that fails and
/// one that loads.
pub(super) fn run_core(
    sh: &Shell,
    workshop: &Workshop,
    board: &Board,
    cases: &mut Cases,
) -> Result<()> {
    let stranger = stranger(sh, workshop)?;
    board.read(&format!("rmmod {}", Manifest::load()?.module.name))?;
    let tool = Tool::new(workshop, board.options());
    connections::run_core(&tool, cases);
    loading::run_core(&tool, board, &stranger, cases);
    Ok(())
}

/// The module as it would be had it been built for another kernel.
fn stranger(sh: &Shell, workshop: &Workshop) -> Result<PathBuf> {
    let mut patient = Patient {
        bytes: fs::read(workshop.module(sh)?)?,
    };
    let magic = patient.modinfo("vermagic")?.replace(" preempt ", " ");
    patient.set_modinfo("vermagic", Some(&magic))?;
    let directory = project::target().join("deploy");
    sh.create_dir(&directory)?;
    let file = directory.join(format!("stranger-{}.ko", workshop.target.arch));
    fs::write(&file, patient.bytes)?;
    Ok(file)
}
