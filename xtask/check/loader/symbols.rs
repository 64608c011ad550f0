// SPDX-License-Identifier: GPL-2.0

//! How the loader resolves a module's undefined symbols: `simplify_symbols()`, `resolve_symbol()`, `check_version()`
//! and the namespaces. It goes on after a symbol that it cannot resolve, and the error of the last one is what the
//! system call returns.

use super::super::bytes;
use super::super::elf::{Symbol, SHN_ABS, SHN_COMMON, SHN_LIVEPATCH, SHN_UNDEF, STB_WEAK};
use super::super::exports::{Export, KERNEL};
use super::super::finding::{Errno, Finding, Stage, SymbolFacts, EINVAL, ENOENT, ENOEXEC};
use super::super::machine::X86_64;
use super::super::modinfo;
use super::{Availability, Judge, Parts};

/// The modules that the kernel takes for proprietary by name, whatever licence they claim.
const OFFENDERS: [&str; 2] = ["driverloader", "lve"];

/// How many missing symbols are compared with all that are there, which takes long.
const COMPARED: usize = 8;

/// What the loader knows of a module while it resolves its symbols.
struct Resolver {
    /// The module may use GPL-only symbols.
    gpl: bool,
    /// It has used one.
    used_gpl_only: bool,
    /// Symbols of the target that are not known, for one finding at the end.
    unknown: Vec<String>,
    /// How many missing symbols were compared with all that are there.
    compared: usize,
    /// Exporting modules of which it is not known whether they will be there.
    assumed: Vec<String>,
}

impl Judge<'_> {
    /// `simplify_symbols()`.
    pub(super) fn symbols(&mut self, parts: &Parts<'_>) {
        let license = parts
            .modinfo
            .text("license")
            .unwrap_or_else(|| String::from("unspecified"));
        let gpl = modinfo::is_gpl_compatible(license.as_bytes())
            && !OFFENDERS.contains(&parts.name.as_str());
        if !gpl {
            self.taint(parts, &license);
        }
        let (unknown, assumed) = (Vec::new(), Vec::new());
        let mut resolver = Resolver {
            gpl,
            used_gpl_only: false,
            unknown,
            compared: 0,
            assumed,
        };
        for symbol in parts.elf.symbols(&parts.symbols).skip(1) {
            let name = bytes::string(parts.strings, u64::from(symbol.name)).unwrap_or_default();
            match symbol.section {
                SHN_UNDEF => self.undefined(parts, &mut resolver, &symbol, name),
                SHN_COMMON if !name.starts_with(b"__gnu_lto") => {
                    let line = format!("{}: please compile with -fno-common", parts.name);
                    let cause = "the module has a common symbol";
                    self.push(
                        Finding::refused(Stage::Symbols, "common-symbol", ENOEXEC, cause).log(line),
                    );
                }
                SHN_COMMON | SHN_ABS | SHN_LIVEPATCH => {}
                section => self.defined(parts, section, name),
            }
        }
        self.summarize(resolver);
    }

    fn taint(&mut self, parts: &Parts<'_>, license: &str) {
        let line = format!("{}: module license '{license}' taints kernel.", parts.name);
        let cause = format!("the licence `{license}` is not compatible with the GPL for the kernel: no GPL-only symbol is found");
        let mend = "declare one of: GPL, GPL v2, GPL and additional rights, Dual BSD/GPL, Dual MIT/GPL, Dual MPL/GPL";
        self.push(
            Finding::warning(Stage::Symbols, "licence", cause)
                .log(line)
                .mend(mend),
        );
    }

    fn defined(&mut self, parts: &Parts<'_>, section: u16, name: &[u8]) {
        let count = parts.elf.header.section_count;
        if section < count {
            return;
        }
        let name = bytes::text(name);
        if !self.series.checks_symbol_sections {
            let cause = format!("symbol {name} is in section {section}, which does not exist; the loader does not check this");
            return self.push(
                Finding::unchecked(Stage::Symbols, "symbol-section", cause)
                    .mend("build the module again"),
            );
        }
        let last = i32::from(count) - 1;
        let line = format!(
            "{}: Symbol {name} has an invalid section index {section} (max {last})",
            parts.name
        );
        let cause = format!("symbol {name} is in a section that does not exist");
        self.push(Finding::refused(Stage::Symbols, "symbol-section", ENOEXEC, cause).log(line));
    }

    /// An undefined symbol: `resolve_symbol()`.
    fn undefined(
        &mut self,
        parts: &Parts<'_>,
        resolver: &mut Resolver,
        symbol: &Symbol,
        name: &[u8],
    ) {
        let is_weak = symbol.info >> 4 == STB_WEAK;
        let is_ignored =
            parts.elf.header.machine == X86_64.number && name == b"_GLOBAL_OFFSET_TABLE_";
        let target = self.target;
        let found = target.exports.get(name);
        let Some(export) = found.filter(|export| self.is_present(resolver, export)) else {
            if !is_weak && !is_ignored {
                self.missing(parts, resolver, name, found);
            }
            return;
        };
        if export.gpl_only && !resolver.gpl {
            if !is_weak {
                self.gpl_only(parts, name, export);
            }
            return;
        }
        resolver.used_gpl_only |= export.gpl_only;
        if !self.inherits_taint(parts, resolver, name, export) {
            return;
        }
        if let Some(finding) = self.check_version(parts, name, export, Stage::Symbols) {
            let is_refused = finding.errno.is_some();
            self.push(if is_refused {
                finding.log(unknown_symbol(parts, name, EINVAL))
            } else {
                finding
            });
            if is_refused {
                return;
            }
        }
        self.check_namespace(parts, name, export);
    }

    /// Whether the module that exports a symbol will be there.
    fn is_present(&self, resolver: &mut Resolver, export: &Export) -> bool {
        let owner = self.target.exports.owner(export);
        if owner == KERNEL {
            return true;
        }
        match self.surroundings.availability(owner) {
            Availability::Loads => true,
            Availability::Absent | Availability::Unfit => false,
            Availability::Unknown => {
                if !resolver.assumed.iter().any(|assumed| assumed == owner) {
                    resolver.assumed.push(String::from(owner));
                }
                true
            }
        }
    }

    fn missing(
        &mut self,
        parts: &Parts<'_>,
        resolver: &mut Resolver,
        name: &[u8],
        found: Option<&Export>,
    ) {
        let target = self.target;
        let text = bytes::text(name);
        let is_symbol = target
            .symbols
            .as_ref()
            .is_none_or(|symbols| symbols.contains(&text));
        let may_be_lent = !target.exports.has_modules && !parts.modinfo.depends().is_empty();
        let is_open = !target.exports.is_complete && is_symbol || may_be_lent;
        if found.is_none() && is_open {
            return resolver.unknown.push(text);
        }
        let owner = found.map(|export| target.exports.owner(export));
        let (cause, mend) = match owner {
            Some(owner) if self.surroundings.availability(owner) == Availability::Unfit => (
                format!("{text} is exported by {owner}, which the target refuses itself"),
                format!("check {owner} against the target, and mend it first"),
            ),
            Some(owner) => (
                format!("{text} is exported by {owner}, which is not installed on the target"),
                format!("install {owner} on the target"),
            ),
            None => self.nobody_exports(resolver, name),
        };
        let finding = Finding::refused(Stage::Symbols, "unknown-symbol", ENOENT, cause).mend(mend);
        let facts = facts(parts, name, found, owner.map(String::from));
        self.push(
            finding
                .log(unknown_symbol(parts, name, ENOENT))
                .symbol(facts),
        );
    }

    /// Why nobody exports a symbol. Of Rust the same item may be there, of another build of its crate.
    fn nobody_exports(&self, resolver: &mut Resolver, name: &[u8]) -> (String, String) {
        let text = bytes::text(name);
        resolver.compared += 1;
        let is_searched = resolver.compared <= COMPARED;
        let similar = is_searched
            .then(|| self.target.exports.similar(name))
            .flatten();
        match similar {
            Some(similar) => (
                format!(
                    "the target exports no symbol {text}, but {}: the same item of another build of the crate",
                    bytes::text(similar)
                ),
                String::from("build the module against the target's own tree, with its own rust/"),
            ),
            None => (
                format!("the target exports no symbol {text}"),
                String::from("build the module against the target's own tree, or enable what exports the symbol there"),
            ),
        }
    }

    fn gpl_only(&mut self, parts: &Parts<'_>, name: &[u8], export: &Export) {
        let text = bytes::text(name);
        let cause =
            format!("{text} is for GPL-compatible modules only, and the module's licence is not");
        let facts = facts(
            parts,
            name,
            Some(export),
            Some(self.target.exports.owner(export).into()),
        );
        let finding = Finding::refused(Stage::Symbols, "gpl-only", ENOENT, cause)
            .mend("declare a GPL-compatible licence");
        self.push(
            finding
                .log(unknown_symbol(parts, name, ENOENT))
                .symbol(facts),
        );
    }

    /// `inherit_taint()`: a symbol of a proprietary module.
    fn inherits_taint(
        &mut self,
        parts: &Parts<'_>,
        resolver: &mut Resolver,
        name: &[u8],
        export: &Export,
    ) -> bool {
        let owner = self.target.exports.owner(export);
        let license = if owner == KERNEL {
            None
        } else {
            self.surroundings.license(owner)
        };
        if license.is_none_or(|license| modinfo::is_gpl_compatible(license.as_bytes())) {
            return true;
        }
        let symbol = bytes::text(name);
        if resolver.used_gpl_only {
            let line = format!(
                "{}: module using GPL-only symbols uses symbols {symbol} from proprietary module {owner}.",
                parts.name
            );
            let cause = format!(
                "the module uses GPL-only symbols and {symbol} of {owner}, which is proprietary"
            );
            let finding =
                Finding::refused(Stage::Symbols, "proprietary-exporter", ENOENT, cause).log(line);
            self.push(finding.log(unknown_symbol(parts, name, ENOENT)));
            return false;
        }
        if resolver.gpl {
            let line = format!("{}: module uses symbols {symbol} from proprietary module {owner}, inheriting taint.", parts.name);
            let cause =
                format!("{owner} is proprietary, so the module counts as such from here on");
            self.push(Finding::warning(Stage::Symbols, "proprietary-exporter", cause).log(line));
            resolver.gpl = false;
        }
        true
    }

    fn summarize(&mut self, resolver: Resolver) {
        let Resolver {
            unknown, assumed, ..
        } = resolver;
        if let Some(first) = unknown.first() {
            let more = unknown.len() - 1;
            let cause = format!("what the target exports is not fully known: {first} and {more} more cannot be judged");
            self.push(
                Finding::unknown(Stage::Symbols, "exports", cause)
                    .mend("name a target with Module.symvers or vmlinux"),
            );
        }
        if !assumed.is_empty() {
            let cause = format!("taken as loaded before this module: {}", assumed.join(", "));
            self.push(Finding::unknown(Stage::Symbols, "dependency", cause));
        }
    }
}

/// The line about a symbol that does not resolve.
pub(super) fn unknown_symbol(parts: &Parts<'_>, name: &[u8], errno: Errno) -> String {
    format!(
        "{}: Unknown symbol {} (err -{})",
        parts.name,
        bytes::text(name),
        errno.number
    )
}

/// What is known of a symbol, for a report.
pub(super) fn facts(
    parts: &Parts<'_>,
    name: &[u8],
    export: Option<&Export>,
    exporter: Option<String>,
) -> SymbolFacts {
    let crc = |crc: u64| format!("{crc:#010x}");
    SymbolFacts {
        name: bytes::text(name),
        wanted: parts.versions.get(name).map(crc),
        had: export
            .and_then(|export| export.crc)
            .map(|had| crc(u64::from(had))),
        exporter,
    }
}
