// SPDX-License-Identifier: GPL-2.0

//! The configuration of a kernel: fragments on top of allnoconfig, and the check that every line of them survived,
//! because Kconfig drops silently what it cannot give.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{ensure, Context};
use xshell::Shell;

use crate::arch::Arch;
use crate::kernel::make::Make;
use crate::kernel::series;
use crate::process;
use crate::progress::Step;
use crate::target::Profile;

const COMMON: &str = include_str!("config/common.config");
const ARM64: &str = include_str!("config/arm64.config");
const X86_64: &str = include_str!("config/x86_64.config");
const SANITIZE: &str = include_str!("config/sanitize.config");
const KCSAN: &str = include_str!("config/kcsan.config");

/// The lines of the fragments for the architecture and profile, without comments, as that version of the kernel calls the
/// options: only they decide what is built.
pub fn fragment(arch: Arch, profile: Profile, version: &str) -> String {
    let arch = match arch {
        Arch::Arm64 => ARM64,
        Arch::X86_64 => X86_64,
    };
    let profile = match profile {
        Profile::Default => "",
        Profile::Sanitize => SANITIZE,
        Profile::Kcsan => KCSAN,
    };
    let lines = [COMMON, arch, profile].into_iter().flat_map(str::lines);
    let options = lines.filter(|line| line.starts_with("CONFIG_"));
    let renamed = series::find(&series::of_release(version)).map_or(&[][..], |row| row.renamed);
    let rename = |line: &str| match line.split_once('=') {
        Some((option, value)) => format!("{}={value}\n", in_series(option, renamed)),
        None => format!("{line}\n"),
    };
    options.map(rename).collect()
}

/// What a series calls an option.
fn in_series(option: &str, renamed: &[(&str, &str)]) -> String {
    let name = option.trim_start_matches("CONFIG_");
    let other = renamed.iter().find(|(old, _)| *old == name);
    format!("CONFIG_{}", other.map_or(name, |(_, new)| new))
}

/// Configures the build directory.
pub fn configure(sh: &Shell, make: &Make<'_>, fragment: &str) -> anyhow::Result<()> {
    sh.create_dir(make.build)?;
    let path = make.build.join("fragment.config");
    sh.write_file(&path, fragment)?;
    let step = Step::start("configuring the kernel");
    let cmd = make
        .command(sh)
        .arg(format!("KCONFIG_ALLCONFIG={}", path.display()))
        .arg("allnoconfig");
    process::run_logged(&step, cmd, "kernel-config").context("configuring the kernel")?;
    check(fragment, &read(make.build)?)?;
    step.done();
    Ok(())
}

/// Every option of the fragment must stand in the `.config` with the value that was asked for.
fn check(fragment: &str, config: &Config) -> anyhow::Result<()> {
    let lost: Vec<String> = fragment
        .lines()
        .filter_map(|line| line.strip_prefix("CONFIG_")?.split_once('='))
        .filter(|(name, value)| config.get(name) != Some(value))
        .map(|(name, value)| {
            format!(
                "CONFIG_{name}={value} became {}",
                config.get(name).unwrap_or("unset")
            )
        })
        .collect();
    ensure!(
        lost.is_empty(),
        "the kernel's configuration lost {} of the options it was asked for:\n{}",
        lost.len(),
        lost.join("\n")
    );
    Ok(())
}

/// The options of a `.config`.
#[derive(Debug, Default)]
pub struct Config(HashMap<String, String>);

/// Reads the `.config` of a build directory.
pub fn read(build: &Path) -> anyhow::Result<Config> {
    let path = build.join(".config");
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(Config::parse(&text))
}

impl Config {
    /// Reads the text of a `.config`.
    pub fn parse(text: &str) -> Config {
        let options = text
            .lines()
            .filter_map(|line| line.strip_prefix("CONFIG_")?.split_once('='));
        Config(
            options
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// The value of an option, named without `CONFIG_`, as it is written; `None` when it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a string option, without its quotes.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.strip_prefix('"')?.strip_suffix('"')
    }

    /// Whether the option is built in or a module.
    pub fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some("y" | "m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_option_is_named() {
        let fragment = "CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=8\n";
        assert!(check(
            fragment,
            &Config::parse("CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=8\n")
        )
        .is_ok());
        let config = Config::parse("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=4\n");
        let error = check(fragment, &config).unwrap_err().to_string();
        assert!(
            error.contains("lost 2") && error.contains("CONFIG_B=m became unset"),
            "{error}"
        );
        assert!(error.contains("CONFIG_C=8 became 4"), "{error}");
    }

    #[test]
    fn strings_lose_their_quotes() {
        let config = Config::parse("CONFIG_CC_VERSION_TEXT=\"clang version 19\"\nCONFIG_RUST=y\n");
        assert_eq!(config.text("CC_VERSION_TEXT"), Some("clang version 19"));
        assert!(config.is_set("RUST") && !config.is_set("MODULES"));
    }

    #[test]
    fn the_profile_adds_to_the_fragment() {
        let default = fragment(Arch::Arm64, Profile::Default, "6.18.15");
        let sanitize = fragment(Arch::Arm64, Profile::Sanitize, "6.18.15");
        assert!(sanitize.starts_with(&default) && sanitize.contains("CONFIG_KASAN=y\n"));
        let kcsan = fragment(Arch::Arm64, Profile::Kcsan, "6.18.15");
        assert!(kcsan.contains("CONFIG_KCSAN=y\n") && !kcsan.contains("KASAN"));
        assert!(!default.contains('#'));
    }

    #[test]
    fn options_have_the_names_of_the_series() {
        let line = |version| {
            let fragment = fragment(Arch::Arm64, Profile::Default, version);
            let mut lines = fragment.lines();
            lines
                .find(|line| line.contains("SYSCTL="))
                .map(String::from)
        };
        assert_eq!(line("6.18.15").as_deref(), Some("CONFIG_PROC_SYSCTL=y"));
        assert_eq!(line("7.3.4").as_deref(), Some("CONFIG_SYSCTL=y"));
    }
}
