// SPDX-License-Identifier: GPL-2.0

//! The machine of `run`: everything that it is made of is built first, as far as it is not there.

use std::io::{stdin, stdout, IsTerminal};
use std::time::Duration;

use xshell::Shell;

use crate::mesa;
use crate::target::Target;
use crate::vm::{self, shell, Entry, Report, Workshop};

/// The program that runs where no command is given.
const DEMO: &str = "demo";

/// When a machine without a terminal is ended.
const DEADLINE: Duration = Duration::from_secs(600);

/// Memory for Vulkan programs, in MiB.
const MESA_MEMORY: u32 = 1024;

/// What the user wants of the machine.
#[derive(Debug)]
pub(super) struct Job {
    /// Which kernel.
    pub(super) target: Target,
    /// Parameters of the module.
    pub(super) parameters: Vec<String>,
    /// Whether Mesa comes along.
    pub(super) mesa: bool,
    /// The command; empty for the demo client.
    pub(super) command: Vec<String>,
}

/// Boots the machine with the module inserted, and runs the command or the demo client.
pub(super) fn run(sh: &Shell, job: &Job) -> anyhow::Result<Report> {
    let Job {
        target,
        parameters,
        mesa,
        command,
    } = job;
    let terminal = stdin().is_terminal() && stdout().is_terminal();
    let workshop = Workshop::open(sh, target)?;
    let mut machine = workshop.machine("run", "init");
    machine.job = if terminal {
        vm::Job::Terminal
    } else {
        vm::Job::Command
    };
    machine.deadline = (!terminal).then_some(DEADLINE);
    machine.files = vec![workshop.module_entry(sh)?, workshop.program_entry(DEMO)];
    if terminal || !command.is_empty() {
        machine
            .files
            .push(Entry::file("/bin/busybox", shell::ensure(sh, target.arch)?));
    }
    if *mesa {
        machine.files.extend(mesa::entries(sh, target.arch)?);
        machine.memory = machine.memory.max(MESA_MEMORY);
    }
    machine.arguments = arguments(&workshop.module_argument(parameters)?, terminal, command);
    machine.execute()
}

/// The arguments of PID 1.
fn arguments(module: &str, terminal: bool, command: &[String]) -> Vec<String> {
    let mut words = vec![module.to_owned()];
    words.extend(terminal.then(|| "--shell".to_owned()));
    words.push("--".to_owned());
    match command.is_empty() {
        true => words.push(format!("/bin/{DEMO}")),
        false => words.extend(command.iter().cloned()),
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_runs_where_no_command_is_given() {
        assert_eq!(
            arguments("--module=a.ko", true, &[]),
            ["--module=a.ko", "--shell", "--", "/bin/demo"]
        );
        let command = ["ls".to_owned(), "/".to_owned()];
        assert_eq!(
            arguments("--module=a.ko", false, &command),
            ["--module=a.ko", "--", "ls", "/"]
        );
    }
}
