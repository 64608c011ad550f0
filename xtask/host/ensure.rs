// SPDX-License-Identifier: GPL-2.0

//! Seeing to it that the host has what a command needs.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::SystemTime;

use anyhow::anyhow;
use xshell::Shell;

use crate::advice::{advised, Advise};
use crate::fingerprint::{Files, Fingerprint, PACKAGES};
use crate::host::bindgen;
use crate::host::distribution::Distribution;
use crate::host::install;
use crate::host::need::Need;
use crate::host::packages::{packages, Package};
use crate::host::rust;
use crate::host::status::{self, Status};
use crate::process;
use crate::progress;

/// Installs what the host lacks for the needs. Cheap when it lacks nothing: one question to dpkg. Without root's
/// rights it fails with the commands to type.
pub fn ensure(sh: &Shell, needs: &[Need]) -> anyhow::Result<()> {
    // Two threads may lack the same, and apt-get does not wait for itself.
    static ENSURING: Mutex<()> = Mutex::new(());
    let _ensuring = ENSURING.lock();
    let distribution = Distribution::detect();
    if let Distribution::Other(_) = distribution {
        return ensure_programs(&distribution, needs);
    }
    let wanted = wanted(&distribution, needs);
    let missing = missing(sh, &wanted)?;
    if !missing.is_empty() {
        ensure_packages(sh, &distribution, &missing)?;
    }
    ensure_tools(sh, &distribution, needs)
}

/// Those of the packages that are not installed. That none is missing is asked once for each state of dpkg's database.
fn missing(sh: &Shell, wanted: &[Package]) -> anyhow::Result<Vec<Package>> {
    let names: Vec<String> = wanted.iter().map(Package::qualified).collect();
    let mut hasher = DefaultHasher::new();
    names.hash(&mut hasher);
    let fingerprint = Fingerprint::of_host(&format!("packages-{:016x}", hasher.finish()), &names)?;
    if fingerprint.recall().is_some() {
        return Ok(Vec::new());
    }
    let since = SystemTime::now();
    let standing = status::query(sh, wanted)?;
    let missing: Vec<Package> = standing
        .into_iter()
        .filter(|(_, status)| *status == Status::Missing)
        .map(|(package, _)| package)
        .collect();
    if missing.is_empty() {
        // Whoever has no place to keep an answer asks again.
        let inputs = PACKAGES.map(PathBuf::from).into();
        let files = Files {
            inputs,
            ..Files::default()
        };
        let _ = fingerprint.keep("installed", since, files);
    }
    Ok(missing)
}

/// The packages that meet the needs, each once.
pub fn wanted(distribution: &Distribution, needs: &[Need]) -> Vec<Package> {
    let mut wanted: Vec<Package> = Vec::new();
    for package in needs.iter().flat_map(|need| packages(distribution, *need)) {
        if !wanted.contains(&package) {
            wanted.push(package);
        }
    }
    wanted
}

fn ensure_packages(
    sh: &Shell,
    distribution: &Distribution,
    missing: &[Package],
) -> anyhow::Result<()> {
    let names: Vec<String> = missing.iter().map(Package::qualified).collect();
    let names = names.join(" ");
    if !install::is_root(sh) {
        return Err(anyhow!(
            "this host lacks {names}, and only root can install packages"
        ))
        .advise(install::commands(distribution, missing));
    }
    progress::note(format!("this host lacks {names}"));
    install::install(sh, distribution, missing)
}

/// Gets what the distribution has only too old or too new: Rust, and bindgen.
pub fn ensure_tools(sh: &Shell, distribution: &Distribution, needs: &[Need]) -> anyhow::Result<()> {
    if rust::is_lacking(distribution, needs) {
        rust::unpack(sh)?;
    }
    if bindgen::is_lacking(distribution, needs)? {
        bindgen::install(sh)?;
    }
    Ok(())
}

/// On a distribution without a package table: the programs must be there.
fn ensure_programs(distribution: &Distribution, needs: &[Need]) -> anyhow::Result<()> {
    let missing: Vec<String> = missing_programs(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let lacks = anyhow!("{} lacks {}", distribution.name(), missing.join(", "));
    Err(advised(lacks, "install these programs with the distribution's package manager; only Debian 12 and 13 are automatic"))
}

/// The programs of the needs that `PATH` does not have.
pub fn missing_programs(needs: &[Need]) -> Vec<String> {
    let programs = needs.iter().flat_map(|need| need.programs());
    programs
        .filter(|program| process::find_program(program).is_none())
        .collect()
}
