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
use crate::project;
use crate::room::{self, Bytes};
use crate::target::{Profile, Target};
use crate::toolchain::Toolchain;

/// What the cache takes when everything that the tests use is in it: two source trees and what they came from, four
/// kernels and what building another one takes, Rust, Mesa, an operating system.
const CACHE: Bytes = Bytes::mib(8 * 1024);

/// What cargo's directory takes then: the tool, the programs of the virtual machines, the modules, their logs.
const TARGET: Bytes = Bytes::mib(3 * 1024);

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
        let is_roomy = report_room(sh)?;
        Ok(ExitCode::from(u8::from(!healthy || !is_roomy)))
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
    let every = series::ALL
        .iter()
        .flat_map(|series| Arch::ALL.map(|arch| (series.name.to_owned(), arch)));
    for (series, arch) in every {
        let target = Target {
            arch,
            series,
            profile: Profile::Default,
        };
        let found = Toolchain::find().is_ok() && kernel::ensure::find(sh, &target)?.is_some();
        let state = if found { "built" } else { "not built yet" };
        println!("kernel {target}: {state}");
    }
    Ok(())
}

/// Prints how much room there is for what is fetched and built; whether it is enough for everything.
fn report_room(sh: &Shell) -> anyhow::Result<bool> {
    let places = [
        ("cache", project::cache()?, CACHE),
        ("target directory", project::target(), TARGET),
    ];
    let mut is_enough = true;
    // Both may be on one file system, and then share what is free.
    let mut claimed = Bytes(0);
    for (name, directory, needed) in places {
        let (free, used) = (room::free(sh, &directory)?, room::used(sh, &directory)?);
        claimed = Bytes(claimed.0 + needed.0.saturating_sub(used.0));
        let state = if free >= claimed { "ok" } else { "too little" };
        is_enough &= free >= claimed;
        println!(
            "room for the {name}: {state}; {used} used of about {needed} that `cargo xtask test` takes, {free} free\n  {}",
            directory.display()
        );
    }
    if !is_enough {
        println!(
            "  get it: cargo xtask kernel clean, or set XDG_CACHE_HOME or CARGO_TARGET_DIR to another place"
        );
    }
    Ok(is_enough)
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
