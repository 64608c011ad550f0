// SPDX-License-Identifier: GPL-2.0

//! The kernel's module loader, step by step in its own order (kernel/module/main.c, `load_module()`), with what it
//! would say at each step. Pure: bytes and facts in, findings out.

mod early;
mod formation;
mod headers;
mod layout;
mod namespaces;
mod relocation_types;
mod relocations;
mod signing;
mod structure;
mod symbol_versions;
mod symbols;
#[cfg(test)]
mod tests;

use super::elf::{Elf, Section};
use super::finding::{Effect, Errno, Finding, Source, Stage, ENOEXEC};
use super::modinfo::Modinfo;
use super::series::Series;
use super::signature::Verifier;
use super::target::Target;
use super::versions::Versions;

/// Whether another module of the target will be there when this one is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It is there, and it loads.
    Loads,
    /// It is there, and the kernel refuses it.
    Unfit,
    /// It is not installed.
    Absent,
    /// The target does not tell.
    Unknown,
}

/// What a verdict on one module needs to know of others, and of cryptography.
pub trait Surroundings: Sync {
    /// Whether a module that exports a symbol will be there.
    fn availability(&self, module: &str) -> Availability;

    /// The licence of another module; none where it is not known.
    fn license(&self, module: &str) -> Option<String>;

    /// Whether a built-in module that declares parameters has a directory under `/sys/module`.
    fn has_directory(&self, module: &str) -> Option<bool>;

    /// Who verifies signatures.
    fn verifier(&self) -> Option<&dyn Verifier>;
}

/// Nothing is known of other modules, and signatures cannot be verified.
pub struct Alone;

impl Surroundings for Alone {
    fn availability(&self, _module: &str) -> Availability {
        Availability::Unknown
    }

    fn license(&self, _module: &str) -> Option<String> {
        None
    }

    fn has_directory(&self, _module: &str) -> Option<bool> {
        None
    }

    fn verifier(&self) -> Option<&dyn Verifier> {
        None
    }
}

/// A module that has passed the structural checks, as the loader has indexed it.
pub(super) struct Parts<'a> {
    pub(super) elf: Elf<'a>,
    pub(super) modinfo: Modinfo<'a>,
    pub(super) versions: Versions<'a>,
    /// The name in `.modinfo`, which the early messages use.
    pub(super) info_name: String,
    /// The name in `struct module`, which the late messages use.
    pub(super) name: String,
    pub(super) symbols: Section,
    pub(super) strings: &'a [u8],
    /// The index of the per-CPU section; 0 where there is none.
    pub(super) per_cpu: usize,
    /// The indices of the sections that the loader keeps out of memory: `.modinfo` and the version tables.
    pub(super) dropped: Vec<usize>,
}

impl Parts<'_> {
    /// Whether the loader puts a section into memory.
    pub(super) fn is_loaded(&self, index: usize, section: &Section) -> bool {
        section.flags & super::elf::SHF_ALLOC != 0
            && !self.dropped.contains(&index)
            && index != self.per_cpu
    }
}

/// The loader's state while it judges a module.
pub(super) struct Judge<'a> {
    pub(super) target: &'a Target,
    pub(super) series: &'static Series,
    pub(super) surroundings: &'a dyn Surroundings,
    pub(super) findings: Vec<Finding>,
    /// A message that the kernel prints once only has been printed.
    pub(super) warned_unlisted: bool,
    /// How many findings were left out.
    omitted: usize,
}

/// The most findings that are told; a file could be made to have any number.
const MOST: usize = 4096;

impl Judge<'_> {
    /// Adds a finding. Where there are too many, the last one makes way, for it may decide the errno.
    pub(super) fn push(&mut self, finding: Finding) {
        if self.findings.len() >= MOST {
            self.findings.pop();
            self.omitted += 1;
        }
        self.findings.push(finding);
    }

    fn conclude(mut self) -> Vec<Finding> {
        if self.omitted > 0 {
            let cause = format!("{} more findings are not told", self.omitted);
            self.findings.push(Finding::new(
                Source::Stricter,
                Effect::Note,
                Stage::Outside,
                "omitted",
                cause,
            ));
        }
        self.findings
    }

    /// What `try_to_force_load()` does: refuse, unless the kernel is built to be forced.
    pub(super) fn force_load(
        &mut self,
        stage: Stage,
        rule: &'static str,
        name: &str,
        reason: &str,
        cause: &str,
    ) {
        const MEND: &str =
            "build the module against the target kernel's own tree, with its Module.symvers";
        if self.target.option("MODULE_FORCE_LOAD") == Some(true) {
            let forced = format!("{cause}; the kernel is built with CONFIG_MODULE_FORCE_LOAD and loads it all the same, tainted");
            let finding = Finding::warning(stage, rule, forced).mend(MEND);
            return self.push(finding.log(format!("{name}: {reason}: kernel tainted.")));
        }
        self.push(Finding::refused(stage, rule, ENOEXEC, cause).mend(MEND));
    }
}

/// What the loader says of a file, in its order. After a refusal it goes on where it can, so that one run tells all;
/// what the kernel itself would say is up to the first refusal.
pub fn judge(bytes: &[u8], target: &Target, surroundings: &dyn Surroundings) -> Vec<Finding> {
    let (series, findings) = (target.series(), Vec::new());
    let mut judge = Judge {
        target,
        series,
        surroundings,
        findings,
        warned_unlisted: false,
        omitted: 0,
    };
    judge.permission(bytes);
    let Some(module) = judge.signature(bytes) else {
        return judge.conclude();
    };
    let Some(parts) = judge.structure(module) else {
        return judge.conclude();
    };
    judge.early(&parts);
    if judge.layout(&parts) {
        judge.sections(&parts);
        judge.import_namespaces(&parts);
        judge.symbols(&parts);
        judge.relocations(&parts);
        judge.finalize(&parts);
        judge.formation(&parts);
        judge.sysfs(&parts);
    }
    judge.conclude()
}

/// The error that the system call returns: that of the last refusal in the first step that refuses.
pub fn errno(findings: &[Finding]) -> Option<Errno> {
    let refusals = || findings.iter().filter(|finding| finding.errno.is_some());
    let first = refusals().map(|finding| finding.stage).min()?;
    refusals().rfind(|finding| finding.stage == first)?.errno
}

/// The lines that the kernel logs, up to the step that refuses.
pub fn log(findings: &[Finding]) -> Vec<String> {
    let last = findings
        .iter()
        .filter(|finding| finding.errno.is_some())
        .map(|finding| finding.stage)
        .min();
    let reached = |finding: &&Finding| last.is_none_or(|last| finding.stage <= last);
    findings
        .iter()
        .filter(reached)
        .flat_map(|finding| finding.log.iter().cloned())
        .collect()
}
