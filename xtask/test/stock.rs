// SPDX-License-Identifier: GPL-2.0

//! `check` on every module of Debian's stock kernels, which are C and thousands: each is accepted by its own kernel, and
//! against the kernel of the next ABI each verdict agrees with what kmod reads from the module.

mod agreement;
mod packages;

use anyhow::{Context, Result};
use xshell::Shell;

use self::packages::Stock;
use super::case::Outcome;
use crate::arch::Arch;
use crate::check::target::open::Options;
use crate::check::target::packed;
use crate::check::{self, Report, Target};

/// How many modules a stock kernel has at the least; fewer mean that something was not unpacked.
const MODULES: usize = 3000;

/// Fetches the kernels and checks their modules.
pub(super) fn run(sh: &Shell) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for arch in Arch::ALL {
        let stock =
            packages::ensure(sh, arch).with_context(|| format!("Debian's kernels for {arch}"))?;
        outcome.join(own_kernel(sh, arch, &stock)?);
        outcome.join(agreement::run(sh, arch, &stock)?);
    }
    Ok(outcome)
}

/// Every module loads on its own kernel.
fn own_kernel(sh: &Shell, arch: Arch, stock: &Stock) -> Result<Outcome> {
    let modules = packed::modules_under(&stock.root);
    let target = Target::open(sh, &stock.root.display().to_string(), &Options::default())?;
    let reports = check::verdicts(&modules, target)?;
    let refused: Vec<&Report> = reports.iter().filter(|report| !report.loads()).collect();
    eprintln!(
        "{arch} {}: {} modules, {} refused",
        stock.release,
        reports.len(),
        refused.len()
    );
    if reports.len() < MODULES {
        return Ok(failed(
            "modules",
            arch,
            format!(
                "{} has {} modules only",
                stock.root.display(),
                reports.len()
            ),
        ));
    }
    if refused.is_empty() {
        return Ok(Outcome::passed(format!("stock.own-kernel on {arch}")));
    }
    let told = refused
        .iter()
        .take(5)
        .map(|report| report.to_string())
        .collect::<String>();
    Ok(failed(
        "own-kernel",
        arch,
        format!(
            "{} modules are refused by their own kernel:\n{told}",
            refused.len()
        ),
    ))
}

fn failed(name: &str, arch: Arch, detail: String) -> Outcome {
    Outcome::failed(
        format!("stock.{name} {arch}"),
        detail,
        "cargo xtask test stock",
    )
}
