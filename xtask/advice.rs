// SPDX-License-Identifier: GPL-2.0

//! How a failure is told: the step that failed, its causes, and the next command to type.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// An error together with the command or action that mends it.
#[derive(Debug)]
struct Advised {
    source: anyhow::Error,
    next: String,
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
    Advised { source, next }.into()
}

/// The advice that the failure carries, if any.
pub fn advice(error: &anyhow::Error) -> Option<&str> {
    let mut advised = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<Advised>());
    advised.next().map(|advised| advised.next.as_str())
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

/// Prints the failure on stderr; the exit status of a command that failed.
pub fn report(error: &anyhow::Error) -> ExitCode {
    eprint!("{}", describe(error));
    ExitCode::from(1)
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
    fn the_first_advice_stays() {
        let error = Err::<(), _>(anyhow!("cause"))
            .advise("inner")
            .advise("outer")
            .unwrap_err();
        assert_eq!(advice(&error), Some("inner"));
    }
}
