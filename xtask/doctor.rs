// SPDX-License-Identifier: GPL-2.0

//! The `doctor` subcommand.

use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::host::distribution::Distribution;
use crate::host::install::{self, Downgrade};
use crate::host::packages::{packages, Package};
use crate::host::status::{self, Status};
use crate::host::{bindgen, ensure, Need};
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
        let mut lacking = Vec::new();
        for need in Need::ALL {
            lacking.extend(report(sh, &distribution, need)?);
        }
        toolchain(sh);
        let bindgen_missing = bindgen::is_built(&distribution) && !bindgen::is_present()?;
        if bindgen_missing {
            println!(
                "bindgen: missing\n  get it: {}",
                bindgen::install_command()?
            );
        }
        if !lacking.is_empty() {
            let commands = install::commands(&distribution, &lacking, Downgrade::Allowed);
            println!("get what is missing: cargo xtask setup --yes, which types\n  {commands}");
        }
        let other = matches!(distribution, Distribution::Other(_))
            && !ensure::missing_programs(&Need::ALL).is_empty();
        Ok(ExitCode::from(u8::from(
            bindgen_missing || other || !lacking.is_empty(),
        )))
    }
}

/// Prints one need; the packages that it lacks.
fn report(sh: &Shell, distribution: &Distribution, need: Need) -> anyhow::Result<Vec<Package>> {
    if let Distribution::Other(_) = distribution {
        let missing = ensure::missing_programs(&[need]);
        println!(
            "{need}: {}",
            if missing.is_empty() {
                "ok".to_owned()
            } else {
                format!("missing {}", missing.join(" "))
            }
        );
        return Ok(Vec::new());
    }
    let mut lacking = Vec::new();
    let mut lines = String::new();
    for (package, status) in status::query(sh, &packages(distribution, need))? {
        let state = match status {
            Status::Installed(_) => continue,
            Status::Missing => "missing".to_owned(),
            Status::Unfit(version) => format!("unfit: {version} is installed"),
        };
        lines.push_str(&format!("  {}: {state}\n", package.request()));
        lacking.push(package);
    }
    println!(
        "{need}: {}",
        if lacking.is_empty() {
            "ok"
        } else {
            "incomplete"
        }
    );
    print!("{lines}");
    Ok(lacking)
}

/// Prints which compilers build kernels here.
fn toolchain(sh: &Shell) {
    match Toolchain::find().and_then(|toolchain| toolchain.versions(sh)) {
        Ok(versions) => println!("toolchain: {}", versions.join(", ")),
        Err(error) => println!("toolchain: {error:#}"),
    }
}
