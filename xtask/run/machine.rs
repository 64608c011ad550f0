// SPDX-License-Identifier: GPL-2.0

//! The machine of `run`: everything that it is made of is built first, as far as it is not there.

use std::io::{stdin, stdout, IsTerminal};
use std::time::Duration;

use xshell::Shell;

use crate::target::Target;
use crate::vm::{shell, Entry, Job, Report, Workshop};

/// The program that runs where no command is given.
const DEMO: &str = "demo";

/// When a machine without a terminal is ended.
const DEADLINE: Duration = Duration::from_secs(600);

/// Boots the machine with the module inserted, and runs the command or the demo client.
pub(super) fn run(
    sh: &Shell,
    target: &Target,
    parameters: &[String],
    command: &[String],
) -> anyhow::Result<Report> {
    let terminal = stdin().is_terminal() && stdout().is_terminal();
    let workshop = Workshop::open(sh, target)?;
    let mut machine = workshop.machine("run", "init");
    machine.job = if terminal {
        Job::Terminal
    } else {
        Job::Command
    };
    machine.deadline = (!terminal).then_some(DEADLINE);
    machine.files = vec![workshop.module_entry(sh)?, workshop.program_entry(DEMO)];
    if terminal || !command.is_empty() {
        machine
            .files
            .push(Entry::file("/bin/busybox", shell::ensure(sh, target.arch)?));
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
