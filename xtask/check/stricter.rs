// SPDX-License-Identifier: GPL-2.0

//! Where this check is stricter than the kernel: what loads, and should not be deployed all the same.

use super::bytes;
use super::elf::Elf;
use super::finding::{Effect, Finding, Source, Stage};
use super::modinfo::Modinfo;
use super::target::Target;

/// What is wrong with a module that the loader does not mind.
pub fn judge(elf: &Elf<'_>, modinfo: &Modinfo<'_>, target: &Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    let compilers = compilers(elf);
    findings.extend(rustc(&compilers, target));
    findings.extend(compiler(&compilers, target));
    findings.extend(modversions(target));
    findings.extend(rust(&compilers, target));
    findings.extend(series(target));
    findings.extend(architecture_flags(elf, modinfo, target));
    findings
}

fn warning(rule: &'static str, cause: String, mend: &str) -> Finding {
    Finding::new(
        Source::Stricter,
        Effect::Warning,
        Stage::Outside,
        rule,
        cause,
    )
    .mend(mend)
}

fn note(rule: &'static str, cause: String) -> Finding {
    Finding::new(Source::Stricter, Effect::Note, Stage::Outside, rule, cause)
}

/// The compilers that made a module, as they say in `.comment`.
pub fn compilers(elf: &Elf<'_>) -> Vec<String> {
    let comment = elf.section_named(b".comment").unwrap_or_default();
    let strings = comment
        .split(|&byte| byte == 0)
        .filter(|string| !string.is_empty());
    let mut compilers: Vec<String> = strings.map(bytes::text).collect();
    compilers.sort();
    compilers.dedup();
    compilers
}

/// The version number in a compiler's own words: the first word that starts with a digit.
fn version(text: &str) -> Option<&str> {
    let word = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    text.split([' ', '(', ')', ','])
        .find(word)
        .map(|word| word.trim_end_matches(['.', '-']))
}

fn rustc(compilers: &[String], target: &Target) -> Option<Finding> {
    let ours = compilers
        .iter()
        .find(|compiler| compiler.starts_with("rustc"))?;
    let theirs = target.config.as_ref()?.string("RUSTC_VERSION_TEXT")?;
    if version(ours) == version(theirs) {
        return None;
    }
    let cause = format!("the module's compiler is `{ours}`, the kernel's is `{theirs}`: Rust has no stable ABI between them");
    Some(warning(
        "rustc",
        cause,
        "build the module with the kernel's rustc",
    ))
}

fn compiler(compilers: &[String], target: &Target) -> Option<Finding> {
    let theirs = target.config.as_ref()?.string("CC_VERSION_TEXT")?;
    let is_clang = theirs.contains("clang");
    let same_kind = |compiler: &&String| {
        let kind = if is_clang { "clang" } else { "GCC:" };
        compiler.contains(kind)
    };
    let ours: Vec<&String> = compilers
        .iter()
        .filter(|compiler| !compiler.starts_with("rustc") && !is_linker(compiler))
        .collect();
    let first = ours.first()?;
    match ours.iter().copied().find(same_kind) {
        Some(ours) if version_after(ours) == version_after(theirs) => None,
        found => {
            let ours = found.unwrap_or(first);
            let cause = format!("the module's C compiler is `{ours}`, the kernel's is `{theirs}`; vermagic does not tell");
            Some(warning(
                "compiler",
                cause,
                "build the module with the kernel's compiler",
            ))
        }
    }
}

fn is_linker(text: &str) -> bool {
    text.starts_with("Linker:")
}

/// The version of a C compiler: the last such word for GCC, which puts its package's version before it.
fn version_after(text: &str) -> Option<String> {
    let after = text
        .rsplit_once(')')
        .map(|(_, after)| after)
        .filter(|after| version(after).is_some());
    let clang = text.split_once("clang version ").map(|(_, after)| after);
    version(clang.or(after).unwrap_or(text)).map(String::from)
}

fn modversions(target: &Target) -> Option<Finding> {
    if target.modversions() != Some(false) {
        return None;
    }
    let cause =
        "the target compares no checksums (CONFIG_MODVERSIONS is off): a mismatch would go unseen";
    Some(note("modversions-off", String::from(cause)))
}

fn rust(compilers: &[String], target: &Target) -> Option<Finding> {
    let is_rust = compilers
        .iter()
        .any(|compiler| compiler.starts_with("rustc"));
    if !is_rust || target.option("RUST") != Some(false) {
        return None;
    }
    let cause = "the module is in Rust, and the target's kernel was built without CONFIG_RUST";
    Some(warning(
        "rust-off",
        String::from(cause),
        "enable CONFIG_RUST in the target's kernel",
    ))
}

fn series(target: &Target) -> Option<Finding> {
    let release = target.release.as_deref()?;
    let series = target.series();
    if series.is_measured_for(release) {
        return None;
    }
    Some(note(
        "series",
        format!(
            "{release} is judged by the rules of series {}, the nearest that was measured",
            series.name
        ),
    ))
}

/// Options that change a module's code, and of which neither vermagic nor a checksum tells.
fn architecture_flags(elf: &Elf<'_>, modinfo: &Modinfo<'_>, target: &Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    let has_cfi = elf
        .sections
        .iter()
        .any(|section| elf.name(section).starts_with(b".kcfi_traps"));
    let wants_cfi = target
        .option("CFI")
        .zip(target.option("CFI_CLANG"))
        .map(|(new, old)| new || old);
    if has_cfi && wants_cfi == Some(false) {
        findings.push(note(
            "cfi",
            String::from(
                "the module was built with kernel control-flow integrity, the target was not",
            ),
        ));
    }
    if modinfo.get("retpoline").is_none() && target.option("MITIGATION_RETPOLINE") == Some(true) {
        let cause = "the module was not compiled with retpolines, which the target's kernel uses";
        findings.push(warning(
            "retpoline",
            String::from(cause),
            "build the module with the kernel's own flags",
        ));
    }
    let page = [("ARM64_16K_PAGES", "16"), ("ARM64_64K_PAGES", "64")];
    for (_, size) in page
        .into_iter()
        .filter(|(option, _)| target.option(option) == Some(true))
    {
        findings.push(note("page-size", format!("the target's pages have {size} KiB; no field of the module says for which it was built")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::config::Config;

    fn target(config: &str) -> Target {
        Target {
            config: Some(Config::parse(config)),
            ..Target::default()
        }
    }

    #[test]
    fn compilers_are_compared_by_version() {
        let target = target(
            "CONFIG_RUSTC_VERSION_TEXT=\"rustc 1.85.0 (4d91de4e4 2025-02-17) (built from a source tarball)\"\n\
             CONFIG_CC_VERSION_TEXT=\"Debian clang version 19.1.7 (3)\"\n",
        );
        let same = [
            String::from("rustc version 1.85.0 (4d91de4e4 2025-02-17)"),
            String::from("Debian clang version 19.1.7 (3)"),
        ];
        assert!(rustc(&same, &target).is_none() && compiler(&same, &target).is_none());
        let other = [
            String::from("rustc version 1.86.0 (x)"),
            String::from("GCC: (Debian 14.2.0-19) 14.2.0"),
        ];
        assert_eq!(rustc(&other, &target).unwrap().rule, "rustc");
        assert_eq!(compiler(&other, &target).unwrap().rule, "compiler");
    }

    #[test]
    fn gcc_says_its_version_last() {
        let target = target(
            "CONFIG_CC_VERSION_TEXT=\"aarch64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0\"\n",
        );
        assert!(compiler(&[String::from("GCC: (Debian 14.2.0-19) 14.2.0")], &target).is_none());
        assert!(compiler(&[String::from("GCC: (Debian 13.2.0-19) 13.2.0")], &target).is_some());
    }
}
