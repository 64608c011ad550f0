// SPDX-License-Identifier: GPL-2.0

//! What is known of a target kernel. What is not known is `None`, and the verdict says so. The modules below read it
//! from the places where a kernel leaves such facts; nothing else in `check` touches a file.

pub mod image;
pub mod installed;
pub mod modules;
pub mod open;
pub mod packed;
pub mod parameters;
pub mod remote;
pub mod running;
pub mod sysroot;
pub mod tree;
pub mod vmlinux;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::config::Config;
use super::exports::Exports;
use super::machine::Machine;
use super::modprobe::Configuration;
use super::series::{self, Series};
use super::vermagic;

/// The modules that a target has installed.
#[derive(Clone, Debug, Default)]
pub struct Installed {
    /// The file of each module, by the module's name in the kernel.
    pub files: BTreeMap<String, PathBuf>,
    /// The modules that are built into the kernel (`modules.builtin`).
    pub builtin: BTreeSet<String>,
    /// Those of them that have a version, and so a directory under `/sys/module`.
    pub builtin_versions: BTreeSet<String>,
    /// Those of them that declare parameters, and so may have such a directory, with the names of the parameters.
    pub builtin_parameters: BTreeMap<String, Vec<String>>,
    /// Pairs of alias pattern and module (`modules.alias`).
    pub aliases: Vec<(String, String)>,
}

/// What only a running kernel tells.
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// Whether signatures are enforced now (`/sys/module/module/parameters/sig_enforce`).
    pub sig_enforce: Option<bool>,
    /// Whether the kernel is locked down against unsigned modules (`/sys/kernel/security/lockdown`).
    pub lockdown: Option<bool>,
    /// Whether loading is over (`/proc/sys/kernel/modules_disabled`).
    pub modules_disabled: Option<bool>,
    /// The modules that are loaded (`/proc/modules`).
    pub loaded: BTreeSet<String>,
    /// The names under `/sys/module`.
    pub directories: BTreeSet<String>,
}

/// What is known of a target kernel.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// Where it was read from, as the user named it.
    pub origin: String,
    /// What kind of place that is.
    pub kind: &'static str,
    /// `uname -r`.
    pub release: Option<String>,
    /// Its machine.
    pub machine: Option<&'static Machine>,
    /// Its configuration.
    pub config: Option<Config>,
    /// Its version magic, where the target holds it as such.
    pub vermagic: Option<String>,
    /// What it exports.
    pub exports: Exports,
    /// The size of its `struct module` in bytes.
    pub module_size: Option<u64>,
    /// The certificates whose signatures it accepts, in DER.
    pub certificates: Option<Vec<Vec<u8>>>,
    /// The file of the kernel itself.
    pub kernel: Option<PathBuf>,
    /// Its modules, where it has a module directory.
    pub installed: Option<Installed>,
    /// What modprobe is told there.
    pub modprobe: Configuration,
    /// The state of a running target.
    pub running: Option<Running>,
    /// Its command line.
    pub command_line: Option<String>,
    /// The names of all its symbols, exported or not (`/proc/kallsyms`).
    pub symbols: Option<BTreeSet<String>>,
    /// What could not be read, and why.
    pub gaps: Vec<String>,
}

impl Target {
    /// Whether an option is built in; unknown without a configuration.
    pub fn option(&self, option: &str) -> Option<bool> {
        self.config.as_ref().map(|config| config.is_set(option))
    }

    /// Its version magic: as found, or as its configuration gives it.
    pub fn magic(&self) -> Option<String> {
        let of_config =
            || vermagic::of_config(self.release.as_ref()?, self.config.as_ref()?, self.machine?);
        self.vermagic.clone().or_else(of_config)
    }

    /// Whether it compares checksums of symbols.
    pub fn modversions(&self) -> Option<bool> {
        let word = |magic: &String| magic.split(' ').any(|word| word == "modversions");
        let by_exports = || (!self.exports.is_empty()).then(|| self.exports.has_checksums());
        self.option("MODVERSIONS")
            .or_else(|| self.vermagic.as_ref().map(word))
            .or_else(by_exports)
    }

    /// The loader rules of its series; the default series' where the release is not known.
    pub fn series(&self) -> &'static Series {
        self.release
            .as_deref()
            .map_or(&series::V6_18, Series::of_release)
    }

    /// The value of the last such word on its command line, the built-in one included.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let builtin = self
            .config
            .as_ref()
            .and_then(|config| config.string("CMDLINE"))
            .unwrap_or_default();
        let given = self.command_line.as_deref().unwrap_or_default();
        let words = builtin.split_whitespace().chain(given.split_whitespace());
        let value = |word: &'_ str| -> Option<usize> {
            let (key, _) = word.split_once('=').unwrap_or((word, ""));
            (key.replace('-', "_") == name).then_some(key.len())
        };
        words
            .filter_map(|word| value(word).and_then(|length| word.get(length..)))
            .next_back()
            .map(|value| value.strip_prefix('=').unwrap_or(value))
    }

    /// Whether unsigned modules are refused: by configuration, command line or now.
    pub fn enforces_signatures(&self) -> Option<bool> {
        let running = self
            .running
            .as_ref()
            .and_then(|running| running.sig_enforce);
        let is_on = |value: &str| matches!(value, "" | "1" | "y" | "Y" | "on");
        if self.parameter("module.sig_enforce").is_some_and(is_on) {
            return Some(true);
        }
        running.or_else(|| self.option("MODULE_SIG_FORCE"))
    }

    /// Whether lockdown refuses unsigned modules: by configuration, command line or now.
    pub fn is_locked_down(&self) -> Option<bool> {
        let running = self.running.as_ref().and_then(|running| running.lockdown);
        if running.is_some() || self.option("SECURITY_LOCKDOWN_LSM") == Some(false) {
            return running.or(Some(false));
        }
        let by_parameter = self
            .parameter("lockdown")
            .is_some_and(|level| matches!(level, "integrity" | "confidentiality"));
        let forced = |level| self.option(level).unwrap_or(false);
        let by_config = forced("LOCK_DOWN_KERNEL_FORCE_INTEGRITY")
            || forced("LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY");
        self.config.as_ref().map(|_| by_parameter || by_config)
    }
}

#[cfg(test)]
mod places;

#[cfg(test)]
mod tests {
    use super::*;

    fn target(command_line: &str) -> Target {
        Target {
            command_line: Some(command_line.into()),
            ..Target::default()
        }
    }

    #[test]
    fn the_last_parameter_counts() {
        let target = target("quiet module_blacklist=a module_blacklist=b,c");
        assert_eq!(target.parameter("module_blacklist"), Some("b,c"));
        assert_eq!(target.parameter("quiet"), Some(""));
        assert_eq!(target.parameter("missing"), None);
    }

    #[test]
    fn enforcement_comes_from_any_side() {
        assert_eq!(
            target("module.sig_enforce=1").enforces_signatures(),
            Some(true)
        );
        assert_eq!(target("").enforces_signatures(), None);
        let config = Some(Config::parse("CONFIG_MODULE_SIG_FORCE=y"));
        assert_eq!(
            Target {
                config,
                ..Target::default()
            }
            .enforces_signatures(),
            Some(true)
        );
    }
}
