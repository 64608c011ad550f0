// SPDX-License-Identifier: GPL-2.0

//! The sheet of a target: what is known of it, and what that means for modules.

use super::super::target::Target;
use super::sheet::{row, Row};

/// The sheet of a target.
pub fn target(target: &Target) -> Vec<Row> {
    let mut rows = vec![row("target", target.origin.clone(), target.kind)];
    rows.extend(identity(target));
    rows.extend(symbols(target));
    rows.extend(signatures(target));
    rows.extend(modules(target));
    rows.extend(
        target
            .gaps
            .iter()
            .map(|gap| row("not read", gap.clone(), "")),
    );
    rows
}

/// Yes, no, or not known.
fn known(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or("unknown")
}

fn identity(target: &Target) -> [Row; 3] {
    let series = format!(
        "judged by the loader rules of series {}",
        target.series().name
    );
    let machine = target.machine.map(|machine| machine.name);
    [
        row("release", text(target.release.as_deref()), series),
        row(
            "arch",
            text(machine),
            "what the ELF header of a module must say",
        ),
        row(
            "vermagic",
            text(target.magic().as_deref()),
            "what a module's vermagic must say",
        ),
    ]
}

fn symbols(target: &Target) -> [Row; 3] {
    let exports = match target.exports.is_complete {
        true => "every symbol that the kernel exports is known",
        false => "some only: what is not among them cannot be judged",
    };
    let rustc = target
        .config
        .as_ref()
        .and_then(|config| config.string("RUSTC_VERSION_TEXT"));
    [
        row(
            "MODVERSIONS",
            known(target.modversions()),
            "whether checksums of symbols are compared",
        ),
        row("exports", target.exports.len().to_string(), exports),
        row(
            "Rust",
            known(target.option("RUST")),
            rustc.unwrap_or_default(),
        ),
    ]
}

fn signatures(target: &Target) -> [Row; 4] {
    let count = target
        .certificates
        .as_ref()
        .map(|list| list.len().to_string());
    let enforced = known(target.enforces_signatures());
    let lockdown = known(target.is_locked_down());
    [
        row(
            "signatures",
            known(target.option("MODULE_SIG")),
            "whether signatures are checked",
        ),
        row(
            "  enforced",
            enforced,
            "whether unsigned modules are refused",
        ),
        row(
            "  lockdown",
            lockdown,
            "whether lockdown refuses unsigned modules",
        ),
        row(
            "  certificates",
            text(count.as_deref()),
            "trusted keys that are known",
        ),
    ]
}

fn modules(target: &Target) -> [Row; 2] {
    let size = target.module_size.map(|size| format!("{size} bytes"));
    let count = target
        .installed
        .as_ref()
        .map(|installed| installed.files.len().to_string());
    [
        row(
            "struct module",
            text(size.as_deref()),
            "what a module's own must have",
        ),
        row("modules", text(count.as_deref()), "installed beside it"),
    ]
}
