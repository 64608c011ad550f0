// SPDX-License-Identifier: GPL-2.0

//! Judges many modules: reads, unpacks and judges them on every processor, and reports in the order of their names.

use std::collections::HashSet;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};

use super::elf::Elf;
use super::library::Library;
use super::modinfo::Modinfo;
use super::target::{packed, Target};
use super::verdict::Report;
use super::{modinfo, module_exports};

/// The verdict on one module.
pub fn verdict(module: &Path, target: &Target) -> Result<Report> {
    Library::new(target, HashSet::new(), &[]).report(module)
}

/// The verdicts on several modules that are deployed together, and may need each other.
pub fn verdicts(modules: &[PathBuf], target: Target) -> Result<Vec<Report>> {
    let (target, companions) = accompany(modules, target)?;
    let library = Library::new(&target, companions, modules);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut reports = Vec::new();
        while let Some(module) = modules.get(next.fetch_add(1, Ordering::Relaxed)) {
            reports.push(library.report(module)?);
        }
        anyhow::Ok(reports)
    };
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(modules.len().max(1));
    let mut reports = Vec::with_capacity(modules.len());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            reports.extend(
                worker
                    .join()
                    .map_err(|_| anyhow::anyhow!("a worker panicked"))??,
            );
        }
        anyhow::Ok(())
    })?;
    reports.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(reports)
}

/// Adds the exports of the modules that the target does not have as its own, and names them.
fn accompany(modules: &[PathBuf], mut target: Target) -> Result<(Target, HashSet<String>)> {
    let mut companions = HashSet::new();
    for module in modules {
        let name = modinfo::normalize(&module.to_string_lossy());
        let is_own = target
            .installed
            .as_ref()
            .is_some_and(|installed| installed.files.contains_key(&name));
        if is_own || modules.len() == 1 {
            continue;
        }
        let bytes = packed::read(module).context("reading the module")?;
        let Some(elf) = Elf::parse(&bytes) else {
            continue;
        };
        let modinfo = elf
            .section_named(b".modinfo")
            .map(Modinfo::parse)
            .unwrap_or_default();
        let name = modinfo.text("name").unwrap_or(name);
        for export in module_exports::read(&elf) {
            target.exports.insert(export.line(&name));
        }
        companions.insert(name);
    }
    Ok((target, companions))
}
