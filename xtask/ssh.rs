// SPDX-License-Identifier: GPL-2.0

//! Another machine over the ordinary `ssh` client, which reads the user's own configuration. One connection serves
//! every command, so that the user authenticates once.

mod diagnosis;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{bail, Context, Result};
use clap::Args;
use xshell::{Shell, TempDir};

use crate::advice::Advise;

/// The exit status by which ssh says that it failed itself, and not the command.
const SSH_FAILED: i32 = 255;

/// How ssh is to connect, beyond the user's own configuration of it.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Port of the other machine's ssh server.
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Private key to authenticate with.
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Option of ssh, as its -o takes it; may be given several times.
    #[arg(long = "ssh-option", value_name = "NAME=VALUE")]
    pub options: Vec<String>,
}

impl Options {
    /// The arguments of ssh.
    fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        let options = self.options.iter();
        words.extend(options.flat_map(|option| ["-o".into(), option.into()]));
        words.extend(
            self.port
                .iter()
                .flat_map(|port| ["-p".into(), port.to_string().into()]),
        );
        words.extend(
            self.identity
                .iter()
                .flat_map(|file| ["-i".into(), file.into()]),
        );
        words
    }
}

/// What a command on the other machine left.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained of.
    pub stderr: String,
}

impl Output {
    /// What it printed, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// A connection to another machine.
pub struct Host {
    destination: String,
    words: Vec<OsString>,
    /// Holds the socket of the connection that the commands share.
    _control: TempDir,
}

impl Host {
    /// Connects. The destination is what `ssh` takes: a name of the user's configuration, `user@host`, or
    /// `ssh://user@host:port`. Nothing is asked: what needs an answer fails.
    pub fn connect(sh: &Shell, destination: &str, options: &Options) -> Result<Host> {
        let host = destination.strip_prefix("ssh://").unwrap_or(destination);
        if host.is_empty() || host.starts_with('-') || host.contains(char::is_whitespace) {
            bail!("`{destination}` names no host");
        }
        let control = sh
            .create_temp_dir()
            .context("creating a directory for the connection")?;
        let socket = format!("ControlPath={}/%C", control.path().display());
        let fixed = [
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=10",
            "-o",
            "ControlMaster=auto",
            "-o",
            "ControlPersist=60",
            "-o",
            &socket,
        ];
        // The first value of an option counts, so the user's come first.
        let mut words = options.words();
        words.extend(fixed.map(OsString::from));
        let host = Host {
            destination: destination.to_owned(),
            words,
            _control: control,
        };
        host.run("true", &[])?;
        Ok(host)
    }

    /// The machine, as it was named.
    pub fn name(&self) -> &str {
        &self.destination
    }

    /// Runs a script of `sh` there, with these bytes on its stdin. A script that fails is no error here; a connection
    /// that fails is.
    pub fn run(&self, script: &str, input: &[u8]) -> Result<Output> {
        let mut child = self.start(script, Stdio::piped())?;
        let stdin = child.stdin.take().context("writing to ssh")?;
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut stdin = stdin;
                // A script that does not read to the end is its own affair.
                let _ = stdin.write_all(input);
            });
            child.wait_with_output()
        });
        self.conclude(output)
    }

    /// Runs a script there that must not fail, with its stdout as the stdin of a command here.
    pub fn pipe(&self, script: &str, mut into: Command) -> Result<()> {
        let mut child = self.start(script, Stdio::null())?;
        let stream = child.stdout.take().context("reading from ssh")?;
        let shown = into.get_program().to_string_lossy().into_owned();
        let status = into.stdin(stream).status();
        let status = status.with_context(|| format!("starting {shown}"))?;
        let output = self.conclude(child.wait_with_output())?;
        if !output.status.success() || !status.success() {
            bail!(
                "{} could not be read (there: {}, here: {status}): {}",
                self.destination,
                output.status,
                output.stderr.trim_end()
            );
        }
        Ok(())
    }

    fn start(&self, script: &str, input: Stdio) -> Result<Child> {
        Command::new("ssh")
            .args(&self.words)
            .args(["--", &self.destination, "sh", "-c", &quote(script)])
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting ssh")
            .advise("install an ssh client, such as the package openssh-client")
    }

    fn conclude(&self, output: std::io::Result<std::process::Output>) -> Result<Output> {
        let output = output.context("waiting for ssh")?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(SSH_FAILED) {
            return Err(diagnosis::explain(&self.destination, &stderr));
        }
        Ok(Output {
            status: output.status,
            stdout: output.stdout,
            stderr,
        })
    }

    /// As [`Host::run`], for a script that must not fail; what it printed.
    pub fn read(&self, script: &str) -> Result<String> {
        let output = self.run(script, &[])?;
        if !output.status.success() {
            let first = script.lines().next().unwrap_or_default();
            bail!(
                "`{first}` failed on {} ({}): {}",
                self.destination,
                output.status,
                output.stderr.trim_end()
            );
        }
        Ok(output.text())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Without this the connection lingers for a while; that is all.
        let _ = Command::new("ssh")
            .args(&self.words)
            .args(["-O", "exit", "--", &self.destination])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// A text as one word of a shell, whatever is in it.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let sh = Shell::new().unwrap();
        for name in ["", "ssh://", "-oProxyCommand=x", "a b"] {
            assert!(Host::connect(&sh, name, &Options::default()).is_err());
        }
    }

    #[test]
    fn the_user_s_options_become_ssh_s() {
        let options = Options {
            port: Some(2222),
            identity: Some("key".into()),
            options: vec!["StrictHostKeyChecking=yes".into()],
        };
        let words = ["-o", "StrictHostKeyChecking=yes", "-p", "2222", "-i", "key"];
        assert_eq!(options.words(), words.map(OsString::from));
    }
}
