// SPDX-License-Identifier: GPL-2.0

//! The verdict on one module: everything that was found, and what the kernel would say first.

use std::fmt;

use serde::Serialize;

use super::elf::Elf;
use super::finding::{Effect, Errno, Finding, Source};
use super::loader::{self, Surroundings};
use super::modinfo::{normalize, Modinfo};
use super::target::Target;
use super::{modprobe, report, signature, stricter, vermagic};

/// The verdict on one module against one target.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The file, as it was named.
    pub file: String,
    /// The module's name.
    pub name: String,
    /// The target, as it was named.
    pub target: String,
    /// The target's release.
    pub release: Option<String>,
    /// The release that the module was built for.
    pub built_for: Option<String>,
    /// `loads` or `refused`.
    pub verdict: Verdict,
    /// The error that the system call returns.
    pub errno: Option<Errno>,
    /// The lines that the kernel logs about it, as it prints them. A `…` stands for what cannot be known beforehand.
    pub log: Vec<String>,
    /// Everything that was found, in the loader's order.
    pub findings: Vec<Finding>,
}

/// What a check says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The kernel takes the module, as far as the target tells.
    Loads,
    /// The kernel refuses the module, or would be damaged by it.
    Refused,
}

impl Report {
    /// Whether the module may be loaded.
    pub fn loads(&self) -> bool {
        self.verdict == Verdict::Loads
    }

    /// The findings that refuse the module.
    pub fn refusals(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.effect == Effect::Refused)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&report::text::report(self, false))
    }
}

/// Judges a module's bytes against a target. `file` is what the report calls it.
pub fn judge(file: &str, bytes: &[u8], target: &Target, surroundings: &dyn Surroundings) -> Report {
    let mut findings = loader::judge(bytes, target, surroundings);
    let module = signature::split(bytes)
        .and_then(Result::ok)
        .map_or(bytes, |signed| signed.module);
    let elf = Elf::parse(module);
    let modinfo = elf
        .as_ref()
        .and_then(|elf| elf.section_named(b".modinfo"))
        .map(Modinfo::parse)
        .unwrap_or_default();
    let name = modinfo.text("name").unwrap_or_else(|| normalize(file));
    if let Some(elf) = &elf {
        findings.extend(modprobe::judge(&name, &modinfo, target));
        findings.extend(stricter::judge(elf, &modinfo, target));
    }
    let refuses =
        |finding: &Finding| finding.effect == Effect::Refused && finding.source != Source::Modprobe;
    let verdict = if findings.iter().any(refuses) {
        Verdict::Refused
    } else {
        Verdict::Loads
    };
    let (errno, log) = (loader::errno(&findings), loader::log(&findings));
    let (target, release) = (target.origin.clone(), target.release.clone());
    let vermagic = modinfo.text("vermagic");
    let built_for = vermagic.map(|vermagic| vermagic::release(&vermagic).to_owned());
    Report {
        file: String::from(file),
        name,
        target,
        release,
        built_for,
        verdict,
        errno,
        log,
        findings,
    }
}
