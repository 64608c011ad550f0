// SPDX-License-Identifier: GPL-2.0

//! The command line of `test`.

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use clap::builder::PossibleValuesParser;
use clap::Args;

use super::cells::{self, Choice, Wanted};
use super::junit;
use super::list;
use super::runner;
use super::selection;
use crate::arch::Arch;
use crate::kernel::series;
use crate::target::{Profile, Target};

/// Run the tests: those named, or what every change is tested with.
///
/// Without --series they run on the kernels that every change is tested on: 6.18 on both
/// architectures, 7.2 on arm64, and 6.18 on arm64 once more with sanitizers. What is about the tool
/// more than the kernel runs on one of them, and of the largest suites the core; --full has all of
/// everything, --list says what runs where, and a suite that is named runs whole.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask test\n  cargo xtask test load --arch x86_64\n  \
                        cargo xtask test abi.version\n  cargo xtask test --series all --arch all"
)]
pub struct Test {
    /// Suites, or single tests as SUITE.TEST.
    #[arg(value_name = "SUITE[.TEST]")]
    names: Vec<String>,
    /// Architecture of the kernels, or all.
    #[arg(long, value_enum, ignore_case = true)]
    arch: Option<ArchOrAll>,
    /// Series of the kernels, or all.
    #[arg(long, value_parser = PossibleValuesParser::new(series_or_all()))]
    series: Option<String>,
    /// What the kernels are built to show.
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// Run all of every suite, and on every kernel; also what takes long and fetches much.
    #[arg(long)]
    full: bool,
    /// On how many kernels suites run at once; the host counts as one.
    #[arg(long, value_name = "N", default_value_t = places())]
    jobs: NonZero<usize>,
    /// Also write the results to this file, as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run nothing: list the suites with what runs where, or the tests of those that are named.
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
    fn choice(self) -> Choice<Arch> {
        match self {
            ArchOrAll::Arm64 => Choice::One(Arch::Arm64),
            ArchOrAll::X86_64 => Choice::One(Arch::X86_64),
            ArchOrAll::All => Choice::All,
        }
    }
}

/// A virtual machine of a test keeps between one and two processors busy, and now and then none: one more uses what the
/// others leave.
fn places() -> NonZero<usize> {
    thread::available_parallelism()
        .unwrap_or(NonZero::<usize>::MIN)
        .saturating_add(1)
}

fn series_or_all() -> Vec<&'static str> {
    series::names().into_iter().chain(["all"]).collect()
}

impl Test {
    /// Runs the tests; exit status 0 when all of them hold.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let selected = selection::select(&self.names, self.full)?;
        if self.list {
            print!("{}", list::text(&selected)?);
            return Ok(ExitCode::SUCCESS);
        }
        let thorough = self.full || self.profile.is_some();
        let summary = runner::run(&selected, &self.targets(), thorough, self.jobs.get());
        anyhow::ensure!(
            !summary.is_empty(),
            "none of these suites has anything to show on these kernels; --profile sanitize may be missing"
        );
        println!("{summary}");
        if let Some(path) = &self.junit {
            junit::write(path, &summary)?;
        }
        Ok(ExitCode::from(u8::from(summary.total().failed > 0)))
    }

    /// The kernels that the options mean.
    fn targets(&self) -> Vec<Target> {
        let arch = self.arch.map_or(Choice::Unsaid, ArchOrAll::choice);
        let series = match self.series.as_deref() {
            None => Choice::Unsaid,
            Some("all") => Choice::All,
            Some(name) => Choice::One(name),
        };
        cells::choose(&Wanted {
            arch,
            series,
            profile: self.profile.map_or(Choice::Unsaid, Choice::One),
            full: self.full,
        })
    }
}
