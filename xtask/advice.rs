// SPDX-License-Identifier: GPL-2.0

//! How a failure is told: the step that failed, its causes, and the next command to type; and whether it is a failure or
//! the misuse of a command.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// An error together with the command or action that mends it.
#[derive(Debug)]
struct Advised {
    source: anyhow::Error,
    next: String,
    is_misuse: bool,
}

impl fmt::Display for Advised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.chain().nth(1)
    }
}

/// Attaches the next command to type to a failure.
pub trait Advise<T> {
    /// Says what to do about the failure: a command to type, or a short sentence. Advice that is there already stays,
    /// because it is nearer to the cause.
    fn advise(self, next: impl fmt::Display) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Advise<T> for Result<T, E> {
    fn advise(self, next: impl fmt::Display) -> anyhow::Result<T> {
        self.map_err(|error| advised(error, next))
    }
}

/// The failure with the advice, unless it has some already.
pub fn advised(error: impl Into<anyhow::Error>, next: impl fmt::Display) -> anyhow::Error {
    let source = error.into();
    if advice(&source).is_some() {
        return source;
    }
    let next = next.to_string();
    Advised {
        source,
        next,
        is_misuse: false,
    }
    .into()
}

/// A command line that cannot mean anything, such as a file that is not there: the exit status is 2, as for an option
/// that does not exist.
pub fn misuse(error: impl Into<anyhow::Error>, next: impl fmt::Display) -> anyhow::Error {
    Advised {
        source: error.into(),
        next: next.to_string(),
        is_misuse: true,
    }
    .into()
}

/// The error in the chain that carries advice.
fn found(error: &anyhow::Error) -> Option<&Advised> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

/// The advice that the failure carries, if any.
pub fn advice(error: &anyhow::Error) -> Option<&str> {
    found(error).map(|advised| advised.next.as_str())
}

/// The failure as text: `error:` with the step, a `cause:` line for each cause, and a `next:` line.
pub fn describe(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        text.push_str(&format!(
            "  cause: {}\n",
            cause.to_string().replace('\n', "\n    ")
        ));
    }
    if let Some(next) = advice(error) {
        text.push_str(&format!("  next: {next}\n"));
    }
    text
}

/// Prints the failure on stderr; the exit status of a command that failed, or was misused.
pub fn report(error: &anyhow::Error) -> ExitCode {
    eprint!("{}", describe(error));
    ExitCode::from(status(error))
}

/// 2 for misuse, 1 for any other failure.
fn status(error: &anyhow::Error) -> u8 {
    match found(error) {
        Some(Advised {
            is_misuse: true, ..
        }) => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{anyhow, Context};

    #[test]
    fn a_failure_names_step_cause_and_next_command() {
        let error = Err::<(), _>(anyhow!("flex is missing"))
            .context("checking the host")
            .advise("cargo xtask setup")
            .context("building the kernel")
            .unwrap_err();
        assert_eq!(
            describe(&error),
            "error: building the kernel\n  cause: checking the host\n  cause: flex is missing\n  next: cargo xtask setup\n"
        );
    }

    #[test]
    fn misuse_is_told_from_failure_below_any_step() {
        let wrong = misuse(anyhow!("no suite is named x"), "cargo xtask test --list");
        let wrong = wrong.context("reading the command line");
        assert_eq!(status(&wrong), 2);
        assert!(describe(&wrong).ends_with("  next: cargo xtask test --list\n"));
        assert_eq!(status(&anyhow!("refused")), 1);
        assert_eq!(status(&advised(anyhow!("missing"), "setup")), 1);
    }

    #[test]
    fn the_first_advice_stays() {
        let error = Err::<(), _>(anyhow!("cause"))
            .advise("inner")
            .advise("outer")
            .unwrap_err();
        assert_eq!(advice(&error), Some("inner"));
    }
}
