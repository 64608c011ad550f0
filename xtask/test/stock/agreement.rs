// SPDX-License-Identifier: GPL-2.0

//! Whether `check` agrees with kmod: `modprobe --show-modversions` lists the checksums that a module was built for, and
//! those of the next ABI are in its `Module.symvers`. What differs must be what `check` says, symbol by symbol.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};
use xshell::Shell;

use super::failed;
use super::packages::Stock;
use crate::arch::Arch;
use crate::check::target::packed;
use crate::check::{self, Report, Target};
use crate::parallel;
use crate::test::case::Outcome;

/// The rules that compare checksums or miss a symbol.
const RULES: [&str; 2] = ["symbol-version", "unknown-symbol"];

/// Compares the verdicts on every module with kmod's lists.
pub(super) fn run(_sh: &Shell, arch: Arch, stock: &Stock) -> Result<Outcome> {
    let modules = packed::modules_under(&stock.root);
    let target = Target::from_tree(&stock.next)?;
    let reports = check::verdicts(&modules, target)?;
    let symvers = symvers(&stock.next.join("Module.symvers"))?;
    let refused = reports.iter().filter(|report| !report.loads()).count();
    eprintln!(
        "{arch} {} on the next ABI: {refused} of {} modules are refused",
        stock.release,
        reports.len()
    );
    if refused == 0 {
        return Ok(failed(
            "next-abi",
            arch,
            "the next ABI refuses no module, so nothing was compared".into(),
        ));
    }
    let disagreements = compare(&reports, &symvers)?;
    if disagreements.is_empty() {
        return Ok(Outcome::passed(format!("stock.agreement on {arch}")));
    }
    let told = disagreements
        .iter()
        .take(10)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    Ok(failed(
        "agreement",
        arch,
        format!(
            "{} disagreements with modprobe:\n{told}",
            disagreements.len()
        ),
    ))
}

/// Checksums by symbol, read in another way than `check` does.
fn symvers(path: &Path) -> Result<HashMap<String, u32>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let crc = u32::from_str_radix(words.next()?.trim_start_matches("0x"), 16).ok()?;
        Some((String::from(words.next()?), crc))
    };
    Ok(text.lines().filter_map(entry).collect())
}

/// Asks modprobe about every module, on every processor.
fn compare(reports: &[Report], symvers: &HashMap<String, u32>) -> Result<Vec<String>> {
    let disagreement = |report: &Report| disagreement(report, symvers).transpose();
    parallel::map(reports, parallel::processors(), disagreement)
        .into_iter()
        .flatten()
        .collect()
}

/// How a report differs from what kmod and the symvers say.
fn disagreement(report: &Report, symvers: &HashMap<String, u32>) -> Result<Option<String>> {
    let listed = modversions(&PathBuf::from(&report.file))?;
    let differs = |(name, crc): &(String, u32)| symvers.get(name) != Some(crc);
    let expected: BTreeSet<String> = listed
        .into_iter()
        .filter(differs)
        .map(|(name, _)| name)
        .collect();
    let findings = report
        .refusals()
        .filter(|finding| RULES.contains(&finding.rule));
    let symbols = findings.filter_map(|finding| finding.symbol.as_ref());
    let found: BTreeSet<String> = symbols.map(|symbol| symbol.name.clone()).collect();
    if found == expected && report.loads() == expected.is_empty() {
        return Ok(None);
    }
    let difference: Vec<_> = found.symmetric_difference(&expected).cloned().collect();
    Ok(Some(format!(
        "{}: {} ({:?})",
        report.file,
        difference.join(" "),
        report.verdict
    )))
}

/// What `modprobe --show-modversions` lists.
fn modversions(module: &Path) -> Result<Vec<(String, u32)>> {
    let output = Command::new("modprobe")
        .arg("--show-modversions")
        .arg(module)
        .output()
        .context("starting modprobe")?;
    if !output.status.success() {
        bail!(
            "modprobe cannot read {}: {}",
            module.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let entry = |line: &str| {
        let (crc, name) = line.split_once('\t')?;
        Some((
            String::from(name),
            u32::from_str_radix(crc.trim_start_matches("0x"), 16).ok()?,
        ))
    };
    Ok(text.lines().filter_map(entry).collect())
}
