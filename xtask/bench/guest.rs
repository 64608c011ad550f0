// SPDX-License-Identifier: GPL-2.0

//! The virtual machine that measures.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{bail, Context};
use xshell::Shell;

use super::comparison::Samples;
use super::{peer, records};
use crate::progress::Step;
use crate::vm::{Job, Report, Run, Workshop};

/// The program, and the port that it writes to.
const PROGRAM: &str = "bench";

/// The kernel's modules that the program inserts, by their place in the build directory.
const MODULES: [&str; 2] = [
    "drivers/gpu/drm/drm_shmem_helper.ko",
    "drivers/gpu/drm/vgem/vgem.ko",
];

/// When the machine is ended.
const DEADLINE: Duration = Duration::from_secs(1200);

/// Memory, in MiB: room for every peer's largest buffers.
const MEMORY: u32 = 1024;

/// How many comparisons there are, about: for the bar.
const COMPARISONS: u64 = 40;

/// How often the machine is looked at.
const POLL: Duration = Duration::from_millis(100);

/// Measures every job with `only` in its name; `quick` is one sample of each, which shows that it runs.
pub(super) fn measure(
    sh: &Shell,
    workshop: &Workshop,
    quick: bool,
    only: &str,
) -> anyhow::Result<Vec<Samples>> {
    let directory = crate::project::target().join("bench");
    sh.create_dir(&directory)?;
    let records = directory.join(format!("{}-{}", workshop.target.arch, std::process::id()));
    let machine = machine(sh, workshop, quick, only, &records)?;
    let report = run(&machine, &records)?;
    let text = fs::read_to_string(&records).unwrap_or_default();
    // It may never have come to be.
    let _ = fs::remove_file(&records);
    let samples = records::parse(&text);
    match report.passed() {
        true => expect_some(samples.context("reading what was measured")?, only),
        false => Err(samples.err().unwrap_or_else(|| failure(&report)))
            .with_context(|| format!("measuring; the log is {}", report.console().display())),
    }
}

/// Fails where there is nothing to show, since `only` is in no name.
pub(super) fn expect_some(samples: Vec<Samples>, only: &str) -> anyhow::Result<Vec<Samples>> {
    if samples.is_empty() {
        bail!("no job has `{only}` in its name; the table of a run without --only has all names");
    }
    Ok(samples)
}

fn machine(
    sh: &Shell,
    workshop: &Workshop,
    quick: bool,
    only: &str,
    records: &Path,
) -> anyhow::Result<Run> {
    let mut machine = workshop.machine("bench", "init");
    machine.job = Job::Command;
    workshop.keep_time(&mut machine);
    machine.deadline = Some(DEADLINE * workshop.slowdown());
    machine.memory = machine.memory.max(MEMORY);
    machine.huge_pages = true;
    machine.files = vec![
        workshop.module_entry(sh)?,
        workshop.program_entry(PROGRAM),
        peer::entry(sh, workshop)?,
    ];
    let modules = MODULES.map(|module| workshop.kernel_module_entry(module));
    machine.files.extend(modules);
    machine.add_port(PROGRAM, records);
    let effort = if quick { "quick" } else { "full" };
    machine.arguments = vec![
        workshop.module_argument(&[])?,
        "--".to_owned(),
        format!("/bin/{PROGRAM}"),
        effort.to_owned(),
        only.to_owned(),
    ];
    Ok(machine)
}

/// Boots the machine and follows it to its end.
fn run(machine: &Run, records: &Path) -> anyhow::Result<Report> {
    let step = Step::counted(format!("measuring on {}", machine.arch), COMPARISONS);
    let mut booted = machine.boot()?;
    while !booted.is_over() {
        let text = fs::read_to_string(records).unwrap_or_default();
        let console = || format!("measuring; the log is {}", booted.console().display());
        records::expect_fine_clock(&text).with_context(console)?;
        // Its last one is being measured.
        let done = u64::try_from(records::count(&text)).unwrap_or(COMPARISONS);
        step.set_position(done.min(COMPARISONS - 1));
        std::thread::sleep(POLL);
    }
    let report = booted.finish()?;
    step.done();
    Ok(report)
}

/// What is wrong with a run whose records are in order.
fn failure(report: &Report) -> anyhow::Error {
    let problems: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    match problems.is_empty() {
        true => anyhow::anyhow!("the program failed:\n{}", report.console_tail()),
        false => anyhow::anyhow!("{}\n{}", problems.join("\n"), report.console_tail()),
    }
}
