// SPDX-License-Identifier: GPL-2.0

//! The tool itself, run as a program, with what a user would say of the board.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{ensure, Context, Result};

use crate::process::this_program;
use crate::ssh::Options;
use crate::vm::Workshop;

/// The board's administrator.
pub(super) const ROOT: &str = "root@127.0.0.1";

/// What a run of the tool left.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// Its exit status.
    pub(super) status: Option<i32>,
    /// Its results.
    pub(super) stdout: String,
    /// Its progress and its complaints.
    pub(super) stderr: String,
}

impl Run {
    /// Fails unless it succeeded and printed all of this.
    pub(super) fn expect(&self, words: &[&str]) -> Result<()> {
        self.judge(0, &self.stdout, words)
    }

    /// Fails unless it failed and said all of this.
    pub(super) fn expect_failure(&self, words: &[&str]) -> Result<()> {
        self.judge(1, &self.stderr, words)
    }

    fn judge(&self, status: i32, text: &str, words: &[&str]) -> Result<()> {
        let missing = words.iter().find(|words| !text.contains(**words));
        ensure!(
            self.status == Some(status) && missing.is_none(),
            "exit status {:?} and not {status}, or no {missing:?} in\n{}{}",
            self.status,
            self.stdout,
            self.stderr
        );
        Ok(())
    }
}

/// The tool, for one board.
pub(super) struct Tool {
    target: Vec<String>,
    ssh: Options,
}

impl Tool {
    /// The tool for the kernel of the workshop and a board that ssh reaches in this way.
    pub(super) fn new(workshop: &Workshop, ssh: &Options) -> Tool {
        let options = workshop.target.options();
        Tool {
            target: options.split(' ').map(str::to_owned).collect(),
            ssh: ssh.clone(),
        }
    }

    /// The same tool with another way to reach the board.
    pub(super) fn with(&self, change: impl FnOnce(&mut Options)) -> Tool {
        let mut ssh = self.ssh.clone();
        change(&mut ssh);
        Tool {
            target: self.target.clone(),
            ssh,
        }
    }

    /// Runs `deploy` with the module that is built for the board's kernel.
    pub(super) fn deploy(&self, host: &str, arguments: &[&str]) -> Result<Run> {
        let target = self.target.iter().map(String::as_str);
        let words = ["deploy", host]
            .into_iter()
            .chain(arguments.iter().copied());
        self.run(words.chain(target))
    }

    /// Runs `deploy` with a module of the user's.
    pub(super) fn deploy_file(&self, host: &str, module: &OsStr) -> Result<Run> {
        self.run([
            "deploy".as_ref(),
            host.as_ref(),
            "--module".as_ref(),
            module,
        ])
    }

    /// Runs `check` on a module against the board.
    pub(super) fn check(&self, module: &OsStr) -> Result<Run> {
        let target = format!("ssh://{ROOT}");
        let words: [&OsStr; 6] = [
            "check".as_ref(),
            module,
            "--against".as_ref(),
            target.as_ref(),
            "--format".as_ref(),
            "json".as_ref(),
        ];
        self.run(words)
    }

    fn run(&self, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Run> {
        let mut command = Command::new(this_program());
        command.args(words);
        let Options {
            port,
            identity,
            options,
        } = &self.ssh;
        command.args(port.iter().map(|port| format!("--port={port}")));
        command.args(
            identity
                .iter()
                .map(|file| format!("--identity={}", file.display())),
        );
        command.args(
            options
                .iter()
                .map(|option| format!("--ssh-option={option}")),
        );
        let output = command.output().context("running the tool")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Run {
            status: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        })
    }
}
