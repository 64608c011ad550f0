// SPDX-License-Identifier: GPL-2.0

//! The command line of `test`.

use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::Args;
use xshell::Shell;

use super::runner;
use super::selection;
use super::suites;
use crate::arch::Arch;
use crate::kernel::series;
use crate::target::Profile;

/// Run the tests: those named, or everything that must hold.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask test\n  cargo xtask test load --arch x86_64\n  \
                        cargo xtask test abi.version"
)]
pub struct Test {
    /// Suites, or single tests as SUITE.TEST.
    #[arg(value_name = "SUITE[.TEST]")]
    names: Vec<String>,
    /// Architecture of the kernels; every one when it is not given.
    #[arg(long, value_enum, ignore_case = true)]
    arch: Option<ArchOrAll>,
    /// Series of the kernels, or all.
    #[arg(long, default_value = series::DEFAULT, value_parser = PossibleValuesParser::new(series_or_all()))]
    series: String,
    /// What the kernels are built to show.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// Also run what takes long and fetches much.
    #[arg(long)]
    full: bool,
    /// List the suites and run none.
    #[arg(long)]
    list: bool,
}

/// An architecture, or every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ArchOrAll {
    /// 64-bit Arm.
    #[value(name = "arm64")]
    Arm64,
    /// 64-bit x86.
    #[value(name = "x86_64")]
    X86_64,
    /// Every architecture.
    All,
}

impl ArchOrAll {
    fn arch(self) -> Option<Arch> {
        match self {
            ArchOrAll::Arm64 => Some(Arch::Arm64),
            ArchOrAll::X86_64 => Some(Arch::X86_64),
            ArchOrAll::All => None,
        }
    }
}

fn series_or_all() -> Vec<&'static str> {
    series::names().into_iter().chain(["all"]).collect()
}

impl Test {
    /// Runs the tests; exit status 0 when all of them hold.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        if self.list {
            suites::ALL
                .iter()
                .chain(suites::FULL)
                .for_each(|suite| println!("{:10} {}", suite.name, suite.about));
            return Ok(ExitCode::SUCCESS);
        }
        let selected = selection::select(&self.names, self.full)?;
        let targets = selection::targets(
            self.arch.and_then(ArchOrAll::arch),
            &self.series,
            self.profile,
        );
        let tally = runner::run(sh, &selected, &targets);
        println!("{tally}");
        Ok(ExitCode::from(u8::from(tally.failed > 0)))
    }
}
