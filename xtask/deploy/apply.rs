// SPDX-License-Identifier: GPL-2.0

//! Changes the other machine. One script does it there, and undoes it when anything fails, so that a lost connection
//! leaves nothing half-done.

use anyhow::{anyhow, bail, Result};

use super::installation::Installation;
use super::package::Package;
use super::probe::{Earlier, Machine, STORE};
use crate::advice::Advise;
use crate::manifest::Manifest;
use crate::project;
use crate::ssh::{quote, Host, Output};

/// The script that runs there.
const SCRIPT: &str = include_str!("apply.sh");

/// What is to be done.
pub(super) struct Job<'a> {
    /// The module's facts.
    pub(super) manifest: &'a Manifest,
    /// The machine.
    pub(super) machine: &'a Machine,
    /// What is sent there.
    pub(super) package: &'a Package,
    /// What is loaded there.
    pub(super) earlier: Earlier,
    /// The module's parameters.
    pub(super) parameters: &'a [String],
    /// How it is installed, if it is.
    pub(super) installation: Option<&'a Installation>,
    /// How many seconds to wait for the device nodes.
    pub(super) wait: u32,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    /// The steps that were taken.
    pub(super) done: Vec<String>,
    /// The device nodes, as `ls -l` shows them.
    pub(super) nodes: Vec<String>,
    /// The kernel's new log lines.
    pub(super) log: Vec<String>,
}

impl Job<'_> {
    /// The script with what it must know before it.
    fn script(&self) -> String {
        let nodes = self.manifest.module.udev.iter();
        let nodes: Vec<&str> = nodes.map(|rule| rule.kernel.as_str()).collect();
        // The same build need not be loaded again, unless it is to have other parameters.
        let is_same = matches!(self.earlier, Earlier::Same { .. });
        let load = !is_same || !self.parameters.is_empty();
        let (earlier, earlier_parameters) = match &self.earlier {
            Earlier::Nothing => ("", String::new()),
            Earlier::Same { parameters } => ("sent", parameters.join(" ")),
            Earlier::Other { file, parameters } => (file.as_str(), parameters.join(" ")),
        };
        let flag = |is_set: bool| String::from(if is_set { "yes" } else { "" });
        let variables = [
            ("store", String::from(STORE)),
            ("name", self.manifest.module.name.clone()),
            ("release", self.machine.release.clone()),
            ("persist", flag(self.installation.is_some())),
            ("module_place", format!("/{}", self.package.module_place())),
            ("nodes", nodes.join(" ")),
            ("wait", self.wait.to_string()),
            ("depends", self.package.depends.join(" ")),
            ("parameters", self.parameters.join(" ")),
            ("load", flag(load)),
            ("earlier", String::from(earlier)),
            ("earlier_parameters", earlier_parameters),
        ];
        let set = variables.map(|(name, value)| format!("{name}={}\n", quote(&value)));
        format!("{}{SCRIPT}", set.concat())
    }
}

/// Does it. A failure says what failed there, what the kernel said, and that the machine is as it was.
pub(super) fn apply(host: &Host, job: &Job<'_>) -> Result<Applied> {
    let archive = job.package.archive(&project::shell()?, job.installation)?;
    let command = format!("{}sh -c {}", job.machine.prefix, quote(&job.script()));
    let output = host.run(&command, &archive)?;
    read(host.name(), &output)
}

fn read(host: &str, output: &Output) -> Result<Applied> {
    let mut applied = Applied::default();
    let (mut error, mut trouble, mut restored) = (None, None, false);
    let printed = output.text();
    for line in printed.lines().filter_map(|line| line.strip_prefix('@')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim_end().to_owned();
        match word {
            "done" => applied.done.push(rest),
            "node" => applied.nodes.push(rest),
            "log" => applied.log.push(rest),
            "error" => error = Some(rest),
            "trouble" => trouble = Some(rest),
            "restored" => restored = true,
            _ => {}
        }
    }
    if output.status.success() && error.is_none() {
        return Ok(applied);
    }
    let Some(error) = error else {
        bail!(
            "the script on {host} ended with {}: {}",
            output.status,
            output.stderr.trim_end()
        );
    };
    let log: String = applied.log.iter().flat_map(|line| ["\n  ", line]).collect();
    let said = match log.is_empty() {
        true => String::new(),
        false => format!("; the kernel said:{log}"),
    };
    match (trouble, restored) {
        (Some(trouble), _) => Err(anyhow!("{error}{said}\n{host} is NOT as it was: {trouble}"))
            .advise(format!("restart {host}")),
        (None, true) => Err(anyhow!("{error}{said}\n{host} is as it was")),
        (None, false) => Err(anyhow!("{error}{said}\n{host} was not changed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn output(code: i32, printed: &str) -> Output {
        Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: printed.into(),
            stderr: String::new(),
        }
    }

    #[test]
    fn what_was_done_is_read() {
        let printed = "noise\n@done loaded\n@node crw /dev/x\n@log [ 1.0] x: up\n";
        let applied = read("board", &output(0, printed)).unwrap();
        assert_eq!(applied.done, ["loaded"]);
        assert_eq!(applied.log, ["[ 1.0] x: up"]);
    }

    #[test]
    fn a_failure_says_how_the_machine_is_left() {
        let said = |printed| read("board", &output(1, printed)).unwrap_err().to_string();
        let restored = said("@error loading: no\n@log [ 1.0] x: bad\n@restored\n");
        assert!(
            restored.contains("x: bad") && restored.ends_with("board is as it was"),
            "{restored}"
        );
        let trouble = said("@error loading: no\n@trouble x is still loaded\n");
        assert!(
            trouble.contains("NOT as it was: x is still loaded"),
            "{trouble}"
        );
    }
}
