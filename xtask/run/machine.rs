// SPDX-License-Identifier: GPL-2.0

//! The machine of `run`: everything that it is made of is built first, as far as it is not there.

use std::io::{stdin, stdout, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use xshell::Shell;

use super::picture::Picture;
use crate::mesa;
use crate::target::Target;
use crate::vm::{self, shell, Entry, Report, Workshop};

/// The program that runs where no command is given.
const DEMO: &str = "demo";

/// When a machine without a terminal is ended.
const DEADLINE: Duration = Duration::from_secs(600);

/// What the user wants of the machine.
#[derive(Debug)]
pub(super) struct Job {
    /// Which kernel.
    pub(super) target: Target,
    /// Parameters of the module.
    pub(super) parameters: Vec<String>,
    /// Whether Mesa comes along.
    pub(super) mesa: bool,
    /// Where the picture goes that Mesa is to draw.
    pub(super) picture: Option<PathBuf>,
    /// The command; empty for the demo client.
    pub(super) command: Vec<String>,
}

/// Boots the machine with the module inserted, and runs the command, the demo client or what draws the picture.
pub(super) fn run(sh: &Shell, job: &Job) -> anyhow::Result<Report> {
    let picture = job.picture.as_deref().map(Picture::to).transpose()?;
    let terminal = stdin().is_terminal() && stdout().is_terminal() && picture.is_none();
    let workshop = Workshop::open(sh, &job.target)?;
    let mut machine = workshop.machine("run", "init");
    machine.job = if terminal {
        vm::Job::Terminal
    } else {
        vm::Job::Command
    };
    machine.deadline = (!terminal).then_some(DEADLINE);
    machine.files = files(sh, &workshop, job, terminal)?;
    if job.mesa {
        machine.memory = machine.memory.max(mesa::MEMORY);
    }
    let command = match &picture {
        Some(_) => &Picture::command(),
        None => &job.command,
    };
    let module = workshop.module_argument(&job.parameters)?;
    machine.arguments = arguments(&module, terminal, command);
    let Some(picture) = picture else {
        return machine.execute();
    };
    picture.connect(&mut machine);
    let report = machine.execute()?;
    picture.take(&report)?;
    Ok(report)
}

/// What is in the machine.
fn files(sh: &Shell, workshop: &Workshop, job: &Job, terminal: bool) -> anyhow::Result<Vec<Entry>> {
    let arch = job.target.arch;
    let mut files = vec![workshop.module_entry(sh)?, workshop.program_entry(DEMO)];
    if terminal || !job.command.is_empty() {
        files.push(Entry::file("/bin/busybox", shell::ensure(sh, arch)?));
    }
    if job.mesa {
        files.extend(mesa::entries(sh, arch)?);
    }
    Ok(files)
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
