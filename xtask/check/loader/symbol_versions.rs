// SPDX-License-Identifier: GPL-2.0

//! How the loader compares the version of a symbol: `check_version()` in kernel/module/version.c.

use super::super::bytes;
use super::super::exports::Export;
use super::super::finding::{Effect, Finding, Source, Stage, EINVAL};
use super::symbols::facts;
use super::{Judge, Parts};

impl Judge<'_> {
    /// `check_version()`: a finding where the loader has something to say.
    pub(super) fn check_version(
        &mut self,
        parts: &Parts<'_>,
        name: &[u8],
        export: &Export,
        stage: Stage,
    ) -> Option<Finding> {
        if self.target.modversions() != Some(true) {
            return None;
        }
        let had = export.crc?;
        let versions = &parts.versions;
        if versions.basic.is_none() && versions.extended.is_none() {
            return self.without_tables(parts, name, stage);
        }
        match versions.get(name) {
            Some(wanted) if wanted == u64::from(had) => None,
            Some(_) => Some(self.disagreement(parts, name, export, stage)),
            None => self.unlisted(parts, name, export, stage),
        }
    }

    fn disagreement(
        &self,
        parts: &Parts<'_>,
        name: &[u8],
        export: &Export,
        stage: Stage,
    ) -> Finding {
        let symbol = bytes::text(name);
        let owner = self.target.exports.owner(export);
        let facts = facts(parts, name, Some(export), Some(owner.into()));
        let (wanted, had) = (
            facts.wanted.clone().unwrap_or_default(),
            facts.had.clone().unwrap_or_default(),
        );
        let cause = format!("the module was built for {symbol} {wanted}, {owner} has {had}");
        let mend = "build the module against the target's own tree, with its Module.symvers";
        let line = format!(
            "{}: disagrees about version of symbol {symbol}",
            parts.info_name
        );
        Finding::refused(stage, "symbol-version", EINVAL, cause)
            .log(line)
            .mend(mend)
            .symbol(facts)
    }

    /// A symbol that the table which counts does not list.
    fn unlisted(
        &mut self,
        parts: &Parts<'_>,
        name: &[u8],
        export: &Export,
        stage: Stage,
    ) -> Option<Finding> {
        let symbol = bytes::text(name);
        let is_extended = parts.versions.extended.is_some();
        let facts = facts(
            parts,
            name,
            Some(export),
            Some(self.target.exports.owner(export).into()),
        );
        let kind = if is_extended {
            "extended symbol version"
        } else {
            "symbol version"
        };
        let line = format!("{}: no {kind} for {symbol}", parts.info_name);
        let mend = "build the module again with the target's Module.symvers";
        let table = if is_extended {
            "__version_ext_names"
        } else {
            "__versions"
        };
        let cause = format!("{table} does not list {symbol}: the loader cannot compare it");
        if self.series.refuses_unlisted && !is_extended {
            return Some(
                Finding::refused(stage, "unlisted-symbol", EINVAL, cause)
                    .log(line)
                    .mend(mend)
                    .symbol(facts),
            );
        }
        let finding = Finding::new(
            Source::Stricter,
            Effect::Warning,
            stage,
            "unlisted-symbol",
            cause,
        );
        let finding = finding.mend(mend).symbol(facts);
        // The kernel prints this line once only.
        Some(if std::mem::replace(&mut self.warned_unlisted, true) {
            finding
        } else {
            finding.log(line)
        })
    }

    /// A module without any version table: `try_to_force_load()`, which `module_layout` is the first to meet.
    fn without_tables(&mut self, parts: &Parts<'_>, name: &[u8], stage: Stage) -> Option<Finding> {
        if stage == Stage::ModuleLayout {
            let cause = "the module has no version tables, and the target compares checksums (CONFIG_MODVERSIONS)";
            self.force_load(stage, "no-versions", &parts.name, &bytes::text(name), cause);
        }
        None
    }
}
