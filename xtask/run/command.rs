// SPDX-License-Identifier: GPL-2.0

//! The command line of `run`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::builder::PossibleValuesParser;
use clap::Args;
use xshell::Shell;

use super::machine::{self, Job};
use crate::advice::misuse;
use crate::arch::Arch;
use crate::kernel::series;
use crate::mesa;
use crate::target::{Profile, Target};
use crate::vm::{Problem, Report};

/// Boot a kernel in a virtual machine, insert the module and run the demo client, or the command that is given.
///
/// On a terminal, a shell in the machine follows: leave it with `exit`, or end the machine with Ctrl-A X.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask run\n  cargo xtask run --arch x86_64 --parameter chip=a750\n  \
                        cargo xtask run -- cat /proc/modules\n  \
                        cargo xtask run --mesa -- vulkaninfo --summary\n  \
                        cargo xtask run --mesa --picture vulkan.png"
)]
pub struct Run {
    /// Architecture of the kernel.
    #[arg(long, value_enum, default_value_t)]
    arch: Arch,
    /// Series of the kernel.
    #[arg(long, default_value = series::DEFAULT, value_parser = PossibleValuesParser::new(series::names()))]
    series: String,
    /// What the kernel is built to show.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// Parameter of the module; may be given several times.
    #[arg(long = "parameter", visible_alias = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<String>,
    /// Bring Mesa's Vulkan driver along, vulkaninfo and the Vulkan loader.
    #[arg(long)]
    mesa: bool,
    /// Have the Vulkan driver draw a picture, and write it to this file as a PNG.
    #[arg(
        long,
        value_name = "FILE",
        requires = "mesa",
        conflicts_with = "command"
    )]
    picture: Option<PathBuf>,
    /// Command to run in the machine instead of the demo client.
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

/// A module parameter as PID 1 of the machine can take it.
fn parameter(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some(("", _)) => Err("the parameter has no name".to_owned()),
        None => Err("it is not NAME=VALUE".to_owned()),
        Some((_, value)) if value.contains([',', ' ', '\0']) => {
            Err("a value with a comma or a space".to_owned())
        }
        Some(_) => Ok(text.to_owned()),
    }
}

impl Run {
    /// Runs the machine; exit status 0 when the program had it and nothing went wrong in the kernel.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        self.check()?;
        let target = Target {
            arch: self.arch,
            series: self.series,
            profile: self.profile,
        };
        let job = Job {
            target,
            parameters: self.parameters,
            mesa: self.mesa,
            picture: self.picture,
            command: self.command,
        };
        let report = machine::run(sh, &job)?;
        Ok(exit(&report))
    }

    /// Refuses a program that the machine would look for in vain.
    fn check(&self) -> anyhow::Result<()> {
        match self.command.first() {
            Some(program) if !self.mesa && mesa::PROGRAMS.contains(&program.as_str()) => {
                let words = self.command.join(" ");
                let next = format!("cargo xtask run --mesa -- {words}");
                Err(misuse(anyhow!("{program} comes with --mesa"), next))
            }
            _ => Ok(()),
        }
    }
}

/// Tells what went wrong in the machine, and passes the program's exit status on.
fn exit(report: &Report) -> ExitCode {
    if report.problems.is_empty() {
        let status = report.exit.and_then(|status| u8::try_from(status).ok());
        return ExitCode::from(status.unwrap_or(1));
    }
    for problem in &report.problems {
        eprintln!("error: {problem}");
    }
    let console = report.console();
    match report.problems[..] {
        // Nothing in the log tells more.
        [Problem::GaveUp(_)] => eprintln!("the whole log: {}", console.display()),
        _ => eprintln!(
            "the end of {}:\n{}",
            console.display(),
            report.console_tail()
        ),
    }
    ExitCode::from(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::advice;

    /// The subcommand alone.
    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        run: Run,
    }

    #[test]
    fn vulkan_programs_come_with_mesa() {
        let check = |words: &[&str]| {
            let alone = <Alone as clap::Parser>::try_parse_from(words).unwrap();
            alone.run.check()
        };
        let error = check(&["run", "--", "vulkaninfo", "--summary"]).unwrap_err();
        assert_eq!(
            advice(&error),
            Some("cargo xtask run --mesa -- vulkaninfo --summary")
        );
        assert!(check(&["run", "--mesa", "--", "vulkaninfo"]).is_ok());
        assert!(check(&["run", "--", "ls"]).is_ok());
    }

    #[test]
    fn parameters_are_names_and_values() {
        assert_eq!(parameter("chip=a750"), Ok("chip=a750".to_owned()));
        for wrong in ["chip", "=a750", "chip=a,b", "chip=a b"] {
            assert!(parameter(wrong).is_err(), "{wrong}");
        }
    }
}
