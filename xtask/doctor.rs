// SPDX-License-Identifier: GPL-2.0

//! The `doctor` subcommand.

use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::arch::Arch;
use crate::host::distribution::Distribution;
use crate::host::install;
use crate::host::packages::{packages, Package};
use crate::host::status::{self, Status};
use crate::host::{bindgen, ensure, rust, Need};
use crate::kernel::{self, series};
use crate::target::{Profile, Target};
use crate::toolchain::Toolchain;

/// Say what this machine has, what it lacks, and how to get it.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask doctor")]
pub struct Doctor {}

impl Doctor {
    /// Prints the report; the exit status is 0 when nothing is missing.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let Doctor {} = self;
        let distribution = Distribution::detect();
        println!("host: {}, {}", distribution.name(), std::env::consts::ARCH);
        let healthy = match distribution {
            Distribution::Other(_) => report_programs(),
            _ => report_packages(sh, &distribution)?,
        };
        report_toolchain(sh);
        report_kernels(sh)?;
        Ok(ExitCode::from(u8::from(!healthy)))
    }
}

/// Prints, for each need, which programs it lacks; whether it lacks none.
fn report_programs() -> bool {
    for need in Need::ALL {
        let missing = ensure::missing_programs(&[need]);
        println!(
            "{need}: {}",
            if missing.is_empty() {
                "ok"
            } else {
                "incomplete"
            }
        );
        missing
            .iter()
            .for_each(|program| println!("  {program}: missing"));
    }
    ensure::missing_programs(&Need::ALL).is_empty()
}

/// Prints, for each need, which packages it lacks, and how to get them; whether it lacks none.
fn report_packages(sh: &Shell, distribution: &Distribution) -> anyhow::Result<bool> {
    let mut lacking = Vec::new();
    for need in Need::ALL {
        let standing = status::query(sh, &packages(distribution, need))?;
        let unfit = standing
            .into_iter()
            .filter(|(_, status)| !matches!(status, Status::Installed(_)));
        let unfit: Vec<(Package, Status)> = unfit.collect();
        println!(
            "{need}: {}",
            if unfit.is_empty() { "ok" } else { "incomplete" }
        );
        for (package, status) in unfit {
            println!("  {}: {status}", package.qualified());
            if !lacking.contains(&package) {
                lacking.push(package);
            }
        }
    }
    if !lacking.is_empty() {
        let commands = install::commands(distribution, &lacking);
        println!("  get them: cargo xtask setup, which types\n    {commands}");
    }
    Ok(report_tools(distribution)? && lacking.is_empty())
}

/// Prints which tools are missing that no package of the distribution brings; whether none is.
fn report_tools(distribution: &Distribution) -> anyhow::Result<bool> {
    let rust = rust::is_lacking(distribution, &Need::ALL);
    let bindgen = bindgen::is_lacking(distribution, &Need::ALL)?;
    for (name, lacking) in [("rust", rust), ("bindgen", bindgen)] {
        if lacking {
            println!("{name} for kernels: missing\n  get it: cargo xtask setup");
        }
    }
    Ok(!rust && !bindgen)
}

/// Prints which of the kernels that tests use are built. One that is not is no fault: it is built when it is needed.
fn report_kernels(sh: &Shell) -> anyhow::Result<()> {
    for arch in Arch::ALL {
        let (series, profile) = (series::DEFAULT.to_owned(), Profile::Default);
        let target = Target {
            arch,
            series,
            profile,
        };
        let found = Toolchain::find().is_ok() && kernel::ensure::find(sh, &target)?.is_some();
        let state = if found { "built" } else { "not built yet" };
        println!("kernel {target}: {state}");
    }
    Ok(())
}

/// Prints which compilers build kernels here.
fn report_toolchain(sh: &Shell) {
    let found = Toolchain::find().and_then(|toolchain| {
        let versions = toolchain.versions(sh)?;
        Ok((toolchain.rustc, versions))
    });
    match found {
        Ok((rustc, versions)) => {
            println!("toolchain: {}", versions.join(", "));
            println!("  for make: RUSTC={}", rustc.display());
        }
        Err(error) => println!("toolchain: {error:#}"),
    }
}
