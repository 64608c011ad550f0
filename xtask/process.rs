// SPDX-License-Identifier: GPL-2.0

//! Long commands: their output goes to a log file, and its end is shown when they fail.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

use anyhow::Context;
use xshell::Cmd;

use crate::progress::Step;
use crate::project;

/// How many lines of a failed command's output are shown.
const TAIL_LINES: usize = 25;

/// Runs the command under the step, with its output in `logs/NAME.log`; each line advances the step by one. Returns the
/// number of lines.
pub fn run_logged(step: &Step, cmd: Cmd<'_>, name: &str) -> anyhow::Result<u64> {
    run_observed(step, cmd, name, |step, line| step.advance(line))
}

/// As [`run_logged`], with a function of the caller's that sees each line and moves the step.
pub fn run_observed(
    step: &Step,
    cmd: Cmd<'_>,
    name: &str,
    observe: impl FnMut(&Step, &str),
) -> anyhow::Result<u64> {
    let shown = cmd.to_string();
    let log = log_path(name)?;
    let mut child = merged(cmd.into())
        .spawn()
        .with_context(|| format!("starting `{shown}`"))?;
    let stdout = child
        .stdout
        .take()
        .context("reading the command's output")?;
    let lines = follow(step, stdout, &log, observe)?;
    let status = child
        .wait()
        .with_context(|| format!("waiting for `{shown}`"))?;
    if status.success() {
        return Ok(lines);
    }
    Err(failure(&shown, status, &log))
}

/// The path of the log with the name; its directory exists.
pub fn log_path(name: &str) -> anyhow::Result<PathBuf> {
    let directory = project::logs()?;
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("creating {}", directory.display()))?;
    Ok(directory.join(format!("{name}.log")))
}

/// The same command with stderr in stdout, which is piped, and nothing on stdin.
fn merged(command: Command) -> Command {
    let mut merged = Command::new("sh");
    merged.args(["-c", "exec \"$@\" 2>&1", "sh"]);
    merged.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => merged.env(name, value),
            None => merged.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        merged.current_dir(directory);
    }
    merged.stdin(Stdio::null()).stdout(Stdio::piped());
    merged
}

/// Copies the output to the log until it ends, line by line; the number of lines.
fn follow(
    step: &Step,
    stdout: ChildStdout,
    log: &Path,
    mut observe: impl FnMut(&Step, &str),
) -> anyhow::Result<u64> {
    let creating = || format!("writing {}", log.display());
    let mut file = File::create(log).with_context(creating)?;
    let mut lines = 0;
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("reading the command's output")?;
        file.write_all(&line).with_context(creating)?;
        file.write_all(b"\n").with_context(creating)?;
        observe(step, &String::from_utf8_lossy(&line));
        lines += 1;
    }
    Ok(lines)
}

/// The error for a command that failed, with the end of its log.
fn failure(shown: &str, status: ExitStatus, log: &Path) -> anyhow::Error {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines
        .get(lines.len().saturating_sub(TAIL_LINES)..)
        .unwrap_or_default()
        .join("\n");
    anyhow::anyhow!(
        "`{shown}` failed ({status}); the end of {}:\n{tail}",
        log.display()
    )
}

/// This very program, for processes below this one to start once more. The file that it was started from may be gone:
/// cargo removes it when it builds a newer one.
pub fn this_program() -> PathBuf {
    PathBuf::from(format!("/proc/{}/exe", std::process::id()))
}

/// Whether a program of this name is found through `PATH`, and where.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|file| is_executable(file))
}

/// Whether the path is a file that may be executed.
pub fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::{cmd, Shell};

    #[test]
    fn output_of_both_streams_is_counted_and_logged() {
        let sh = Shell::new().unwrap();
        let script = "echo one; echo two >&2";
        let mut seen = Vec::new();
        let step = Step::start("test");
        let cmd = cmd!(sh, "sh -c {script}");
        let lines = run_observed(&step, cmd, "test-both-streams", |_, line| {
            seen.push(line.to_owned())
        });
        assert_eq!(
            (lines.unwrap(), seen),
            (2, vec!["one".to_owned(), "two".to_owned()])
        );
        let log = std::fs::read_to_string(log_path("test-both-streams").unwrap()).unwrap();
        assert_eq!(log, "one\ntwo\n");
    }

    #[test]
    fn a_failure_shows_the_end_of_the_output_and_the_log() {
        let sh = Shell::new().unwrap();
        let script = "seq 1 100; exit 3";
        let step = Step::start("test");
        let error = run_logged(&step, cmd!(sh, "sh -c {script}"), "test-failure").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("exit status: 3") && text.contains("test-failure.log"),
            "{text}"
        );
        assert!(
            text.ends_with("\n99\n100") && !text.contains("\n50\n"),
            "{text}"
        );
    }

    #[test]
    fn this_program_starts_when_its_file_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("sh");
        std::fs::copy("/bin/sh", &copy).unwrap();
        // Removes its own file, and then starts itself by way of /proc, as another program's child.
        let script = "rm \"$0\"; env \"/proc/$$/exe\" -c 'echo again'; true";
        let output = Command::new(&copy)
            .args(["-c", script])
            .arg(&copy)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "again\n");
        assert!(this_program().metadata().is_ok());
    }

    #[test]
    fn a_missing_program_is_named() {
        let sh = Shell::new().unwrap();
        let step = Step::start("test");
        let error = run_logged(&step, cmd!(sh, "no-such-program"), "test-missing").unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }
}
