// SPDX-License-Identifier: GPL-2.0

//! What the loader checks before it lays a module out: permission, `early_mod_check()` and `check_modinfo()`.

use super::super::bytes;
use super::super::finding::{Finding, Stage, EEXIST, EINVAL, ENOEXEC, EPERM};
use super::super::vermagic::{self, Difference};
use super::{Judge, Parts};

impl Judge<'_> {
    /// `may_init_module()`, and a file that cannot be read.
    pub(super) fn permission(&mut self, bytes: &[u8]) {
        let running = self.target.running.as_ref();
        let parameter = self.target.parameter("nomodule").is_some();
        if running
            .and_then(|running| running.modules_disabled)
            .unwrap_or(parameter)
        {
            let cause =
                "the target loads no modules any more (kernel.modules_disabled=1 or nomodule)";
            let finding = Finding::refused(Stage::Permission, "modules-disabled", EPERM, cause);
            self.push(finding.mend("reboot the target without it"));
        }
        if bytes.is_empty() {
            self.push(
                Finding::refused(Stage::Permission, "empty-file", EINVAL, "the file is empty")
                    .mend("copy it again"),
            );
        }
    }

    /// `early_mod_check()`.
    pub(super) fn early(&mut self, parts: &Parts<'_>) {
        self.blacklist(parts);
        self.module_layout(parts);
        self.vermagic(parts);
        self.livepatch(parts);
        self.duplicate(parts);
    }

    fn blacklist(&mut self, parts: &Parts<'_>) {
        let name = &parts.info_name;
        let list = self
            .target
            .parameter("module_blacklist")
            .unwrap_or_default();
        if list.split(',').any(|entry| entry == name) && !list.is_empty() {
            let cause = format!("the target's command line has module_blacklist={list}");
            let finding = Finding::refused(Stage::Blacklist, "module-blacklist", EPERM, cause);
            self.push(
                finding
                    .log(format!("Module {name} is blacklisted"))
                    .mend("take the name out of it"),
            );
        }
    }

    /// `check_modstruct_version()`: the first checksum that is compared, that of `module_layout`.
    fn module_layout(&mut self, parts: &Parts<'_>) {
        if self.target.modversions() != Some(true) {
            return;
        }
        let target = self.target;
        let Some(export) = target.exports.get(b"module_layout") else {
            let cause = "the target's checksum of module_layout is not known";
            return self.push(Finding::unknown(
                Stage::ModuleLayout,
                "module-layout",
                cause,
            ));
        };
        if let Some(finding) =
            self.check_version(parts, b"module_layout", export, Stage::ModuleLayout)
        {
            let refused = finding.errno.map(|_| ENOEXEC);
            self.push(Finding {
                errno: refused,
                ..finding
            });
        }
    }

    /// `check_modinfo()`: the version magic.
    fn vermagic(&mut self, parts: &Parts<'_>) {
        let Some(module) = parts.modinfo.get("vermagic") else {
            let cause = "the module has no version magic";
            return self.force_load(
                Stage::Vermagic,
                "vermagic",
                &parts.name,
                "bad vermagic",
                cause,
            );
        };
        let Some(kernel) = self.target.magic() else {
            let cause = "the target's version magic is not known";
            return self.push(Finding::unknown(Stage::Vermagic, "vermagic", cause));
        };
        let compares = self.target.modversions() == Some(true);
        let skips_release = compares && parts.versions.basic.is_some();
        if vermagic::same(module, kernel.as_bytes(), skips_release) {
            return;
        }
        let module = bytes::text(module);
        let line = format!(
            "{}: version magic '{module}' should be '{kernel}'",
            parts.info_name
        );
        let (cause, mend) = explain(&module, &kernel, compares);
        self.push(
            Finding::refused(Stage::Vermagic, "vermagic", ENOEXEC, cause)
                .log(line)
                .mend(mend),
        );
    }

    fn livepatch(&mut self, parts: &Parts<'_>) {
        if parts.modinfo.get("livepatch").is_none()
            || self.target.option("LIVEPATCH") != Some(false)
        {
            return;
        }
        let line = format!(
            "{}: module is marked as livepatch module, but livepatch support is disabled",
            parts.name
        );
        let cause = "the module is a live patch, and the target has no CONFIG_LIVEPATCH";
        self.push(Finding::refused(Stage::Vermagic, "livepatch", ENOEXEC, cause).log(line));
    }

    /// `module_patient_check_exists()`.
    fn duplicate(&mut self, parts: &Parts<'_>) {
        let running = self.target.running.as_ref();
        if running.is_some_and(|running| running.loaded.contains(&parts.name)) {
            let cause = format!("a module {} is loaded on the target now", parts.name);
            let finding = Finding::refused(Stage::Duplicate, "already-loaded", EEXIST, cause);
            self.push(finding.mend(format!("modprobe --remove {}", parts.name)));
        }
    }
}

/// Why two magics differ, word by word, and what mends it.
fn explain(module: &str, kernel: &str, compares_versions: bool) -> (String, String) {
    let words = vermagic::differences(module, kernel);
    let tell = |difference: &Difference| {
        let side = if difference.in_module {
            "only the module has"
        } else {
            "only the target has"
        };
        format!(
            "{side} `{}` ({})",
            difference.word,
            vermagic::meaning(&difference.word)
        )
    };
    if words.is_empty() {
        let (ours, theirs) = (vermagic::release(module), vermagic::release(kernel));
        let why = if compares_versions {
            "the module has no __versions"
        } else {
            "the target has no MODVERSIONS"
        };
        let cause = match ours == theirs {
            true => String::from("the words are the same but not their order or spacing"),
            false => format!("the module is for release {ours}, the target is {theirs}, and {why}, so the release counts"),
        };
        return (
            cause,
            format!("build the module against the tree of {theirs}"),
        );
    }
    let cause = words.iter().map(tell).collect::<Vec<_>>().join("; ");
    (
        cause,
        String::from("build the module against the target's own tree and configuration"),
    )
}
