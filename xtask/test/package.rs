// SPDX-License-Identifier: GPL-2.0

//! The packages in the hands of those who take them: the real dpkg, lintian and dkms. They work on this machine's own
//! root in a mount namespace where all that they write goes to a temporary file system.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{ensure, Context, Result};
use xshell::Shell;

use super::case::Outcome;
use super::selection;
use crate::advice;
use crate::build;
use crate::host::{self, Need};
use crate::install::Signer;
use crate::manifest::Manifest;
use crate::package::{deb, dkms};
use crate::vm::Workshop;

/// Makes everything below /usr, /etc and /var writable, and forgets it at the end.
const NAMESPACE: &str = include_str!("package/namespace.sh");

/// A test: its name, and what it does.
type Case = (&'static str, fn(&Bench<'_>) -> Result<()>);

/// What a test works with.
struct Bench<'w> {
    sh: &'w Shell,
    workshop: &'w Workshop,
    module: PathBuf,
    directory: PathBuf,
}

/// Runs every test for one kernel. dkms builds for kernels of its own machine only.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    host::ensure(sh, &[Need::Packages])?;
    let mut cases: Vec<Case> = vec![("deb", debian), ("output", output)];
    if workshop.target.arch.is_host() {
        cases.push(("dkms", modules_of_dkms));
    }
    let module = build::module(sh, workshop.tree())?;
    let mut outcome = Outcome::default();
    for (name, case) in cases {
        let directory = sh.create_temp_dir()?;
        let bench = Bench {
            sh,
            workshop,
            module: module.clone(),
            directory: directory.path().to_owned(),
        };
        let options = selection::options(&workshop.target);
        outcome.join(case(&bench).map_or_else(
            |error| {
                let rerun = format!("cargo xtask test package {options}");
                Outcome::failed(format!("package.{name}"), advice::describe(&error), rerun)
            },
            |()| Outcome::passed(format!("package.{name}")),
        ));
    }
    Ok(outcome)
}

impl Bench<'_> {
    /// Makes the Debian packages.
    fn packages(&self, directory: &Path, signer: Option<Signer>) -> Result<Vec<PathBuf>> {
        let request = deb::Request {
            tree: self.workshop.tree(),
            module: &self.module,
            signer,
            initramfs: true,
        };
        let _address = self.sh.push_env("DEBEMAIL", "kernel@debian.org");
        deb::package(self.sh, &request, directory)
    }

    /// Runs a script in the namespace; fails with all that it said.
    fn run(&self, script: &str, arguments: &[&Path]) -> Result<()> {
        let tree = self.workshop.tree();
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new("unshare")
            .args(["--mount", "sh", "-c"])
            .arg(format!("exec 2>&1\n{NAMESPACE}\n{script}"))
            .arg("sh")
            .arg(&self.directory)
            .args(arguments)
            .env("RELEASE", &tree.release)
            .env("BUILD", &tree.build)
            .env("RUSTC", &tree.toolchain.rustc)
            .env("MODULE", Manifest::load()?.module.name)
            .env("PACKAGE", Manifest::load()?.package)
            .env("VERSION", Manifest::load()?.version)
            .env("LC_ALL", "C")
            .output()
            .context("starting a mount namespace")?;
        let said = [stdout, stderr].concat();
        ensure!(status.success(), "{}", String::from_utf8_lossy(&said));
        Ok(())
    }
}

/// dpkg installs the packages and takes them away; lintian finds nothing.
fn debian(bench: &Bench<'_>) -> Result<()> {
    let packages = bench.packages(&bench.directory.join("packages"), None)?;
    let packages: Vec<&Path> = packages.iter().map(PathBuf::as_path).collect();
    bench.run(include_str!("package/deb.sh"), &packages)
}

/// dkms takes the tree; with the package, dpkg has it add, build and install the module, and remove it. It passes over
/// kernels that cannot serve.
fn modules_of_dkms(bench: &Bench<'_>) -> Result<()> {
    let directory = bench.directory.join("packages");
    let tree = dkms::package(&directory)?;
    let _address = bench.sh.push_env("DEBEMAIL", "kernel@debian.org");
    let packages = deb::package_dkms(bench.sh, false, &directory)?;
    let mut arguments = vec![tree.as_path()];
    arguments.extend(packages.iter().map(PathBuf::as_path));
    bench.run(include_str!("package/dkms.sh"), &arguments)
}

/// What cannot be written or signed leaves no package, and none half.
fn output(bench: &Bench<'_>) -> Result<()> {
    let file = bench.directory.join("file");
    std::fs::write(&file, "")?;
    let error = bench
        .packages(&file, None)
        .err()
        .context("a file was taken for a directory")?;
    let text = advice::describe(&error);
    ensure!(text.contains("--output"), "{text}");
    ensure!(dkms::package(&file).is_err());
    let directory = bench.directory.join("packages");
    let signer = Signer {
        key: "/nonexistent.pem".to_owned(),
        certificate: file,
    };
    ensure!(bench.packages(&directory, Some(signer)).is_err());
    let is_empty = directory
        .read_dir()
        .map_or(true, |mut entries| entries.next().is_none());
    ensure!(is_empty, "something was left in {}", directory.display());
    Ok(())
}
