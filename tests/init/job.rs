// SPDX-License-Identifier: GPL-2.0

//! The life of PID 1, from the kernel's hand-over to the restart.

use std::error::Error;
use std::process::ExitCode;

use rustix::system::{reboot, RebootCommand};

use super::command;
use super::kmemleak;
use super::ktap::{Ktap, Outcome};
use super::mounts;
use super::options::Options;
use super::steps;
use crate::kernel_log::Writer;
use crate::status::{tainted, Status};
use crate::suites;

/// Runs as PID 1 what the host asks for; in any other process the one test that the argument names.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    match std::process::id() {
        1 => first_process(),
        _ => one_test(arguments),
    }
}

/// A failure leaves the status word unwritten, and that fails the run.
fn first_process() -> ExitCode {
    if let Err(error) = job() {
        eprintln!("PID 1: {error}");
        if let Ok(mut console) = Writer::open() {
            let _ = console.line(&format!("# PID 1: {error}"));
        }
    }
    // The machine is started with -no-reboot, so that this ends it.
    let _ = reboot(RebootCommand::Restart);
    ExitCode::FAILURE
}

fn job() -> Result<(), Box<dyn Error>> {
    mounts::mount_all()?;
    let options = Options::read()?;
    let (exit, tests) = match options.command.is_empty() {
        true => tests(&options)?,
        false => (program(&options)?, 0),
    };
    let status = Status {
        exit,
        tests,
        tainted: tainted()?,
    };
    Ok(status.send()?)
}

/// Runs the plan; the exit status and how many tests were run.
fn tests(options: &Options) -> Result<(i32, usize), Box<dyn Error>> {
    let steps = steps::plan(options)?;
    let mut ktap = Ktap::start(Writer::open()?, steps.len())?;
    for step in &steps {
        let name = step.name();
        ktap.diagnostic(&format!("{name}: starts"))?;
        let outcome = step.run(options.timeout, &mut ktap)?;
        ktap.result(&name, &outcome)?;
    }
    Ok((i32::from(ktap.failed() > 0), ktap.done()))
}

/// Runs the program with the modules in, and the shell where there is a terminal; the program's exit status.
fn program(options: &Options) -> Result<i32, Box<dyn Error>> {
    command::install_shell()?;
    for module in &options.modules {
        module
            .insert()
            .map_err(|errno| format!("{} was not inserted: {errno}", module.name()))?;
    }
    let exit = command::run(&options.command)?;
    if options.shell {
        // What is left of the modules is the user's affair now.
        command::shell()?;
        return Ok(exit);
    }
    for module in options.modules.iter().rev() {
        module
            .remove()
            .map_err(|errno| format!("{} was not removed: {errno}", module.name()))?;
    }
    match options.kmemleak && !leaks_nothing()? {
        true => Ok(1),
        false => Ok(exit),
    }
}

/// Has the kernel look for leaks, and writes what it has found to its log; returns whether that is nothing.
fn leaks_nothing() -> Result<bool, Box<dyn Error>> {
    let Outcome::Failed(found) = kmemleak::scan() else {
        return Ok(true);
    };
    let mut log = Writer::open()?;
    found.lines().try_for_each(|line| log.line(line))?;
    Ok(false)
}

fn one_test(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let pattern = arguments.next().unwrap_or_default();
    match suites::select(&pattern) {
        Ok(tests) => {
            tests.iter().for_each(|(_, test)| (test.run)());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
