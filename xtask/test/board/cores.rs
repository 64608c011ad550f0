// SPDX-License-Identifier: GPL-2.0

//! The cores of the suites of boards, on one board: it comes up with the module, which is then removed and deployed.

use std::time::{Duration, Instant};

use anyhow::Result;
use xshell::Shell;

use super::System;
use crate::test::case::Outcome;
use crate::test::cases::Cases;
use crate::test::{autoload, deploy};
use crate::vm::Workshop;

/// The name of the system.
const NAME: &str = "boards";

/// Runs the cores of `autoload` and `deploy`; what came of each, and how long it took. The kernel's own verdict on the board
/// counts for both.
pub(in crate::test) fn run(sh: &Shell, workshop: &Workshop) -> Result<Vec<(Outcome, Duration)>> {
    let started = Instant::now();
    let [mut autoloads, mut deploys] =
        [autoload::SUITE, deploy::SUITE].map(|suite| Cases::new(suite, &workshop.target));
    let system = System::new(sh, workshop, NAME)?;
    autoload::install(sh, workshop, &system)?;
    system.write_disk(sh)?;
    let board = system.boot(sh, None)?;
    autoload::run_core(&board, &mut autoloads)?;
    let came_up = started.elapsed();
    deploy::run_core(sh, workshop, &board, &mut deploys)?;
    let report = board.shut_down()?;
    autoloads.add_report("first-boot-kernel", &report);
    deploys.add_report("kernel", &report);
    Ok(vec![
        (autoloads.finish(Ok(())), came_up),
        (
            deploys.finish(Ok(())),
            started.elapsed().saturating_sub(came_up),
        ),
    ])
}
