// SPDX-License-Identifier: GPL-2.0

//! The tool itself, on the host: what it adds to make, how long its load test takes, and how long things take to build.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{ensure, Context};
use xshell::Shell;

use super::comparison::Samples;
use super::statistics::median;
use super::virtme;
use crate::progress::Step;
use crate::project;
use crate::vm::Workshop;

/// How often something warm is measured.
const WARM: usize = 7;

/// What `build` may take on top of make: this part of its time, and so many nanoseconds.
const BUILD_PART: f64 = 0.05;
const BUILD_CONSTANT: f64 = 100e6;

/// The limit of the warm load test, in seconds.
const LOAD_LIMIT: f64 = 1.5;

/// The limits of builds from nothing, in seconds.
const CLEAN_LIMIT: f64 = 60.0;

/// Measures everything.
pub(super) fn measure(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Vec<Samples>> {
    let mut all = vec![build(sh, workshop)?];
    all.extend(load(sh, workshop)?);
    all.push(clean_module(sh, workshop)?);
    all.push(clean_tool(sh)?);
    Ok(all)
}

/// A warm `build` beside the make that it runs, in turns.
fn build(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Samples> {
    let module = workshop.module(sh)?;
    let mut make = make(
        sh,
        workshop,
        module.parent().context("a path without a directory")?,
    );
    let mut build = tool(workshop, &["build"])?;
    let samples = pairs("warm build of the module", "make", &mut build, &mut make)?;
    let target = 1.0 + BUILD_PART + BUILD_CONSTANT / median(&samples.theirs);
    let target = Some(target);
    Ok(Samples { target, ..samples })
}

/// A warm load test beside its limit, and beside virtme-ng where the host has that.
fn load(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Vec<Samples>> {
    let mut test = tool(workshop, &["test", "load"])?;
    let peer = virtme::command(sh, workshop)?;
    let mut all = Vec::new();
    // The first run of either fills caches.
    time(&mut test)?;
    match peer {
        Some(mut peer) => {
            let samples = pairs("warm load test", "virtme-ng", &mut test, &mut peer)?;
            all.push(limited(
                "warm load test, by its limit",
                &samples.ours,
                LOAD_LIMIT,
            ));
            all.push(samples);
        }
        None => {
            let times: Vec<f64> = (0..WARM)
                .map(|_| time(&mut test))
                .collect::<Result<_, _>>()?;
            all.push(limited("warm load test, by its limit", &times, LOAD_LIMIT));
        }
    }
    Ok(all)
}

/// The module, built in an empty directory.
fn clean_module(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Samples> {
    let directory = project::target().join("bench/module");
    empty(sh, &directory)?;
    let elapsed = time(&mut make(sh, workshop, &directory))?;
    empty(sh, &directory)?;
    Ok(limited(
        "clean build of the module",
        &[elapsed],
        CLEAN_LIMIT,
    ))
}

/// The tool, compiled in an empty directory.
fn clean_tool(sh: &Shell) -> anyhow::Result<Samples> {
    let directory = project::target().join("bench/tool");
    empty(sh, &directory)?;
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--quiet", "--package", "xtask", "--target-dir"])
        .arg(&directory)
        .current_dir(project::root());
    let elapsed = time(&mut build)?;
    empty(sh, &directory)?;
    Ok(limited(
        "clean compile of the tool",
        &[elapsed],
        CLEAN_LIMIT,
    ))
}

/// This program with the target's options.
fn tool(workshop: &Workshop, words: &[&str]) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("finding this program")?);
    command
        .args(words)
        .args(workshop.target.options().split(' '))
        .current_dir(project::root());
    Ok(command)
}

/// The kernel's make, which builds the module in the directory.
fn make(sh: &Shell, workshop: &Workshop, directory: &Path) -> Command {
    let make = workshop.tree().make(sh);
    make.arg(format!("M={}", project::root().display()))
        .arg(format!("MO={}", directory.display()))
        .arg("modules")
        .into()
}

/// Times of two commands, in turns, after one run of each that does not count.
fn pairs(
    job: &str,
    peer: &str,
    ours: &mut Command,
    theirs: &mut Command,
) -> anyhow::Result<Samples> {
    let step = Step::start(format!("measuring: {job}"));
    time(ours)?;
    time(theirs)?;
    let mut samples = Samples {
        job: job.to_owned(),
        peer: peer.to_owned(),
        target: Some(1.0),
        ..Samples::default()
    };
    for _ in 0..WARM {
        samples.ours.push(time(ours)?);
        samples.theirs.push(time(theirs)?);
    }
    step.done();
    Ok(samples)
}

/// Times beside a limit in seconds.
fn limited(job: &str, times: &[f64], limit: f64) -> Samples {
    Samples {
        job: job.to_owned(),
        peer: "the limit".to_owned(),
        target: Some(1.0),
        ours: times.to_vec(),
        theirs: vec![limit * 1e9; times.len()],
        ..Samples::default()
    }
}

/// Runs a command that succeeds; how long it took, in nanoseconds.
fn time(command: &mut Command) -> anyhow::Result<f64> {
    let started = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {command:?}"))?;
    let elapsed = started.elapsed();
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(elapsed.as_secs_f64() * 1e9)
}

fn empty(sh: &Shell, directory: &Path) -> anyhow::Result<()> {
    sh.remove_path(directory)?;
    sh.create_dir(directory)?;
    Ok(())
}
