// SPDX-License-Identifier: GPL-2.0

//! The report for programs. `docs/check.md` documents the schema; its number grows when a field changes or goes.

use serde_json::{json, Value};

use super::super::target::Target;
use super::super::verdict::Report;
use super::sheet;

/// The number of the schema.
pub const SCHEMA: u32 = 1;

/// The verdicts on modules against a target.
pub fn verdicts(target: &Target, reports: &[Report]) -> Value {
    json!({ "schema": SCHEMA, "target": describe(target), "modules": reports })
}

/// What is known of a target.
pub fn target(target: &Target) -> Value {
    json!({ "schema": SCHEMA, "target": describe(target) })
}

/// The sheets of modules: for each file, its rows.
pub fn sheets(sheets: &[(String, Vec<sheet::Row>)]) -> Value {
    let sheet = |(file, rows): &(String, Vec<sheet::Row>)| json!({ "file": file, "fields": rows });
    json!({ "schema": SCHEMA, "sheets": sheets.iter().map(sheet).collect::<Vec<_>>() })
}

fn describe(target: &Target) -> Value {
    json!({
        "origin": target.origin,
        "kind": target.kind,
        "release": target.release,
        "series": target.series().name,
        "arch": target.machine.map(|machine| machine.name),
        "vermagic": target.magic(),
        "modversions": target.modversions(),
        "signatures_checked": target.option("MODULE_SIG"),
        "signatures_enforced": target.enforces_signatures(),
        "locked_down": target.is_locked_down(),
        "rust": target.option("RUST"),
        "exports": target.exports.len(),
        "exports_complete": target.exports.is_complete,
        "module_struct_size": target.module_size,
        "certificates": target.certificates.as_ref().map(Vec::len),
        "modules_installed": target.installed.as_ref().map(|installed| installed.files.len()),
        "gaps": target.gaps,
    })
}
