// SPDX-License-Identifier: GPL-2.0

//! Judges many modules: reads, unpacks and judges them on every processor, and reports in the order of their names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::elf::Elf;
use super::finding::Finding;
use super::library::Library;
use super::target::{packed, Installed, Target};
use super::verdict::Report;
use super::{modinfo, module_exports};
use crate::parallel;

/// The verdict on one module.
pub fn verdict(module: &Path, target: &Target) -> Result<Report> {
    Library::new(target, HashMap::new(), &[]).report(module)
}

/// The verdicts on several modules that are deployed together, and may need each other, in the order of their names.
pub fn verdicts(modules: &[PathBuf], mut target: Target) -> Result<Vec<Report>> {
    let mut reports = judge(modules, &Library::new(&target, HashMap::new(), modules))?;
    let lacking: Vec<PathBuf> = modules
        .iter()
        .zip(&reports)
        .filter(|(_, report)| lacks_symbol(report))
        .map(|(module, _)| module.clone())
        .collect();
    if !lacking.is_empty() && modules.len() > 1 {
        let companions = accompany(modules, &mut target)?;
        let again = judge(&lacking, &Library::new(&target, companions, &lacking))?;
        let mut again: HashMap<String, Report> = again
            .into_iter()
            .map(|report| (report.file.clone(), report))
            .collect();
        for report in &mut reports {
            if let Some(new) = again.remove(&report.file) {
                *report = new;
            }
        }
    }
    reports.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(reports)
}

/// Whether a module needs a symbol that nobody on the target exports.
fn lacks_symbol(report: &Report) -> bool {
    let is_lacking = |finding: &Finding| {
        let exporter = finding
            .symbol
            .as_ref()
            .and_then(|symbol| symbol.exporter.as_ref());
        finding.rule == "unknown-symbol" && exporter.is_none()
    };
    report.refusals().any(is_lacking)
}

/// Judges modules on every processor; the reports are in the order of the modules.
fn judge(modules: &[PathBuf], library: &Library<'_>) -> Result<Vec<Report>> {
    let report = |module: &PathBuf| library.report(module);
    parallel::map(modules, parallel::processors(), report)
        .into_iter()
        .collect()
}

/// The modules that the target does not have as its own, by name. What they export is added to the target, for they
/// will be loaded there together.
fn accompany(modules: &[PathBuf], target: &mut Target) -> Result<HashMap<String, PathBuf>> {
    let mut companions = HashMap::new();
    for module in modules {
        let name = modinfo::normalize(&module.to_string_lossy());
        let has_file = |installed: &Installed| installed.files.contains_key(&name);
        if target.installed.as_ref().is_some_and(has_file) || target.exports.has_owner(&name) {
            continue;
        }
        let bytes = packed::read(module).context("reading the module")?;
        let Some(elf) = Elf::parse(&bytes) else {
            continue;
        };
        let exports = module_exports::read(&elf);
        for export in &exports {
            target.exports.insert(export.line(&name));
        }
        if !exports.is_empty() {
            companions.insert(name, module.clone());
        }
    }
    Ok(companions)
}
