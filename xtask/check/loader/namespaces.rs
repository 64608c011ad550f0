// SPDX-License-Identifier: GPL-2.0

//! The namespaces of symbols: `verify_namespace_is_imported()` and `verify_module_namespace()`.

use super::super::bytes;
use super::super::exports::Export;
use super::super::finding::{Finding, Stage, EINVAL};
use super::symbols::{facts, unknown_symbol};
use super::{Judge, Parts};

impl Judge<'_> {
    /// `verify_namespace_is_imported()`.
    pub(super) fn check_namespace(&mut self, parts: &Parts<'_>, name: &[u8], export: &Export) {
        let namespace = self.target.exports.namespace(export);
        let is_imported = || {
            parts
                .modinfo
                .all("import_ns")
                .any(|imported| imported == namespace.as_bytes())
        };
        if namespace.is_empty() || grants(namespace, &parts.name) || is_imported() {
            return;
        }
        let symbol = bytes::text(name);
        let line = format!(
            "{}: module uses symbol ({symbol}) from namespace {namespace}, but does not import it.",
            parts.name
        );
        let cause =
            format!("{symbol} is in namespace {namespace}, which the module does not import");
        let mend = format!(
            "import it: MODULE_IMPORT_NS(\"{namespace}\") in C, import_ns={namespace} in .modinfo"
        );
        let facts = facts(
            parts,
            name,
            Some(export),
            Some(self.target.exports.owner(export).into()),
        );
        if self.target.option("MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS") == Some(true) {
            let finding = Finding::warning(Stage::Symbols, "namespace", cause)
                .log(line)
                .mend(mend);
            return self.push(finding.symbol(facts));
        }
        let finding = Finding::refused(Stage::Symbols, "namespace", EINVAL, cause)
            .log(line)
            .mend(mend)
            .symbol(facts);
        self.push(finding.log(unknown_symbol(parts, name, EINVAL)));
    }
}

/// `verify_module_namespace()`: whether a `module:` namespace names the module.
fn grants(namespace: &str, module: &str) -> bool {
    let Some(patterns) = namespace.strip_prefix("module:") else {
        return false;
    };
    let module = module.replace('-', "_");
    patterns
        .split(',')
        .filter(|pattern| !pattern.is_empty())
        .any(|pattern| {
            let pattern = pattern.replace('-', "_");
            match pattern.strip_suffix('*') {
                Some(prefix) => module.starts_with(prefix),
                None => pattern == module,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::grants;

    #[test]
    fn module_namespaces_name_modules() {
        assert!(grants("module:kvm-intel,kvm-amd", "kvm_amd"));
        assert!(grants("module:kvm*", "kvm_intel"));
        assert!(!grants("module:kvm", "kvm_intel"));
        assert!(!grants("DMA_BUF", "DMA_BUF"));
    }
}
