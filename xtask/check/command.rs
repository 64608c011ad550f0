// SPDX-License-Identifier: GPL-2.0

//! The command line of `check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{anyhow, Context, Result};
use clap::{ArgGroup, ValueEnum};
use xshell::Shell;

use super::library::print;
use super::machine::Machine;
use super::report::{json, sheet, table, target_sheet, text};
use super::target::open::Options;
use super::target::{packed, Target};
use super::verdict::Report;
use super::{batch, modinfo};
use crate::advice::misuse;
use crate::ssh;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs; docs/check.md documents it.
    Json,
}

/// Say what a kernel's module loader will say of a module, before it is deployed.
///
/// Reads the module and what is known of the target, and loads nothing. Without a target, prints the module's own
/// sheet; with `--target` alone, describes the target. Exit status: 0 loads, 1 refused or failed, 2 misuse.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("subject").required(true).args(["modules", "target"]))]
#[command(after_help = "Examples:
  cargo xtask check kgsl_shim.ko --against /usr/src/linux-headers-$(uname -r)
  cargo xtask check kgsl_shim.ko --against ssh://root@board
  cargo xtask check kgsl_shim.ko --against Module.symvers --release 6.18.15 --arch arm64
  cargo xtask check kgsl_shim.ko
  cargo xtask check --target boot/Image")]
pub struct Check {
    /// The modules: .ko, .ko.gz, .ko.xz or .ko.zst, or directories of them.
    #[arg(value_name = "KO")]
    modules: Vec<PathBuf>,
    /// The target: a kernel tree, a root directory, a Module.symvers, a vmlinux, a boot image, ssh://HOST, or a
    /// directory of modules that the kernel loads.
    #[arg(long, value_name = "TARGET", requires = "modules")]
    against: Option<String>,
    /// Describe this target.
    #[arg(long, value_name = "TARGET", conflicts_with_all = ["against", "modules"])]
    target: Option<String>,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The target's release (uname -r), where the target does not tell, or holds several.
    #[arg(long)]
    release: Option<String>,
    /// The target's architecture, where the target does not tell.
    #[arg(long, value_name = "ARCH", value_parser = parse_machine)]
    arch: Option<&'static Machine>,
    /// The target's kernel command line.
    #[arg(long, value_name = "TEXT")]
    cmdline: Option<String>,
    /// A certificate that the target trusts, DER or PEM.
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    #[command(flatten)]
    ssh: ssh::Options,
    /// Tell everything that was found.
    #[arg(long)]
    verbose: bool,
}

fn parse_machine(name: &str) -> Result<&'static Machine, String> {
    let names = || super::machine::ALL.map(|machine| machine.name).join(", ");
    Machine::by_name(name).ok_or_else(|| format!("not one of {}", names()))
}

impl Check {
    /// Runs the subcommand.
    pub fn run(self, sh: &Shell) -> Result<ExitCode> {
        if let Some(target) = &self.target {
            return self.describe(&self.open(sh, target)?);
        }
        let modules = self.files()?;
        match &self.against {
            Some(target) => self.judge(&modules, self.open(sh, target)?),
            None => self.sheets(&modules),
        }
    }

    fn open(&self, sh: &Shell, name: &str) -> Result<Target> {
        let options = Options {
            release: self.release.clone(),
            machine: self.arch,
            command_line: self.cmdline.clone(),
            certificates: self.certificate.clone(),
            ssh: self.ssh.clone(),
        };
        Target::open(sh, name, &options)
    }

    /// The modules, with those of directories in their place.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in &self.modules {
            match path.is_dir() {
                true => files.extend(modules_in(path)?),
                false => files.push(existing(path)?),
            }
        }
        Ok(files)
    }

    fn describe(&self, target: &Target) -> Result<ExitCode> {
        match self.format {
            Format::Text => print(&table::render(
                &["Field", "Value", "Meaning"],
                &sheet::cells(&target_sheet::target(target)),
            )),
            Format::Json => print_json(&json::target(target))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn judge(&self, modules: &[PathBuf], target: Target) -> Result<ExitCode> {
        let facts = self.format == Format::Json;
        let described = if facts { Some(target.clone()) } else { None };
        let reports = batch::verdicts(modules, target)?;
        match described {
            Some(target) => print_json(&json::verdicts(&target, &reports))?,
            None => self.print_reports(&reports),
        }
        Ok(if reports.iter().all(Report::loads) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Of many modules, only those that do not load are told one by one.
    fn print_reports(&self, reports: &[Report]) {
        const MANY: usize = 10;
        let told = |report: &&Report| self.verbose || reports.len() <= MANY || !report.loads();
        for report in reports.iter().filter(told) {
            print(&text::report(report, self.verbose));
        }
        if reports.len() > 1 {
            print(&text::summary(reports));
        }
    }

    fn sheets(&self, modules: &[PathBuf]) -> Result<ExitCode> {
        let mut sheets = Vec::new();
        for module in modules {
            let bytes = packed::read(module).context("reading the module")?;
            let rows = sheet::module(&bytes)
                .with_context(|| format!("{} is no ELF file", module.display()))?;
            sheets.push((module.display().to_string(), rows));
        }
        if self.format == Format::Json {
            print_json(&json::sheets(&sheets))?;
            return Ok(ExitCode::SUCCESS);
        }
        for (file, rows) in &sheets {
            print(&format!("{} ({file})\n", modinfo::normalize(file)));
            print(&table::render(
                &["Field", "Value", "Meaning"],
                &sheet::cells(rows),
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The modules in a directory, of which there must be one.
fn modules_in(directory: &Path) -> Result<Vec<PathBuf>> {
    let modules = packed::modules_under(directory);
    if modules.is_empty() {
        let error = anyhow!("there is no module in {}", directory.display());
        return Err(misuse(error, "cargo xtask build"));
    }
    Ok(modules)
}

/// A file that is there. It is not opened, for it may be a pipe.
fn existing(file: &Path) -> Result<PathBuf> {
    match file.metadata() {
        Ok(_) => Ok(file.to_owned()),
        Err(error) => Err(misuse(
            anyhow!("{} cannot be read: {error}", file.display()),
            "cargo xtask build, which prints where the module is",
        )),
    }
}

fn print_json(value: &serde_json::Value) -> Result<()> {
    let text = serde_json::to_string_pretty(value).context("writing JSON")?;
    print(&format!("{text}\n"));
    Ok(())
}
