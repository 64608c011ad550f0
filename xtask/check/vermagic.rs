// SPDX-License-Identifier: GPL-2.0

//! The version magic: the words by which a kernel tells its own modules, what they mean, and how the loader compares
//! them (include/linux/vermagic.h; `same_magic()`).

use super::config::Config;
use super::machine::Machine;

/// The version magic that a configuration gives (`VERMAGIC_STRING`). None where the architecture's own words depend on
/// more than is known here.
pub fn of_config(release: &str, config: &Config, machine: &Machine) -> Option<String> {
    let preempt = match () {
        () if config.is_set("PREEMPT_RT") => "preempt_rt ",
        () if config.is_set("PREEMPT_BUILD") => "preempt ",
        () => "",
    };
    if config.is_set("RANDSTRUCT") {
        return None;
    }
    Some(format!(
        "{release} {}{preempt}{}{}{}",
        if config.is_set("SMP") { "SMP " } else { "" },
        if config.is_set("MODULE_UNLOAD") {
            "mod_unload "
        } else {
            ""
        },
        if config.is_set("MODVERSIONS") {
            "modversions "
        } else {
            ""
        },
        machine.vermagic?,
    ))
}

/// The release, which is the first word.
pub fn release(vermagic: &str) -> &str {
    vermagic.split(' ').next().unwrap_or_default()
}

/// Whether the loader takes a module's magic for the kernel's. The release is not compared where the module has
/// version tables and the kernel reads them.
pub fn same(module: &[u8], kernel: &[u8], without_release: bool) -> bool {
    if !without_release {
        return module == kernel;
    }
    after_release(module) == after_release(kernel)
}

fn after_release(vermagic: &[u8]) -> &[u8] {
    let space = vermagic
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(vermagic.len());
    vermagic.get(space..).unwrap_or_default()
}

/// What a word of the version magic says.
pub fn meaning(word: &str) -> &'static str {
    match word {
        "SMP" => "built for several processors (CONFIG_SMP)",
        "preempt" => "built for a preemptible kernel (CONFIG_PREEMPT_BUILD)",
        "preempt_rt" => "built for a real-time kernel (CONFIG_PREEMPT_RT)",
        "mod_unload" => "built for a kernel that can unload modules (CONFIG_MODULE_UNLOAD)",
        "modversions" => "carries a checksum for each symbol (CONFIG_MODVERSIONS)",
        _ if word.starts_with("RANDSTRUCT_") => {
            "the seed of structure layout randomisation (CONFIG_RANDSTRUCT)"
        }
        _ => "architecture",
    }
}

/// One word in which two magics differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The word.
    pub word: String,
    /// Whether the module has it, and the kernel does not.
    pub in_module: bool,
}

/// The words after the release that one of the two has and the other has not, the module's first.
pub fn differences(module: &str, kernel: &str) -> Vec<Difference> {
    let words = |magic: &str| {
        magic
            .split(' ')
            .skip(1)
            .filter(|word| !word.is_empty())
            .map(String::from)
            .collect()
    };
    let (ours, theirs): (Vec<String>, Vec<String>) = (words(module), words(kernel));
    let only = |these: &[String], those: &[String], in_module| {
        let missing = these.iter().filter(|word| !those.contains(word));
        missing
            .map(|word| Difference {
                word: word.clone(),
                in_module,
            })
            .collect::<Vec<_>>()
    };
    let mut differences = only(&ours, &theirs, true);
    differences.extend(only(&theirs, &ours, false));
    differences
}

#[cfg(test)]
mod tests {
    use super::super::machine::{ARM64, X86_64};
    use super::*;

    #[test]
    fn the_magic_follows_the_configuration() {
        let config = Config::parse(
            "CONFIG_SMP=y\nCONFIG_PREEMPT_BUILD=y\nCONFIG_MODULE_UNLOAD=y\nCONFIG_MODVERSIONS=y\n",
        );
        assert_eq!(
            of_config("6.18.15", &config, &ARM64).unwrap(),
            "6.18.15 SMP preempt mod_unload modversions aarch64"
        );
        let config = Config::parse("CONFIG_SMP=y\nCONFIG_MODULE_UNLOAD=y\n");
        assert_eq!(
            of_config("6.18.15", &config, &X86_64).unwrap(),
            "6.18.15 SMP mod_unload "
        );
    }

    #[test]
    fn the_release_counts_only_without_version_tables() {
        assert!(same(b"6.18.1 SMP aarch64", b"6.18.2 SMP aarch64", true));
        assert!(!same(b"6.18.1 SMP aarch64", b"6.18.2 SMP aarch64", false));
        assert!(!same(b"6.18.1 aarch64", b"6.18.1 SMP aarch64", true));
        assert!(!same(b"6.18.1", b"6.18.1 SMP", true));
    }

    #[test]
    fn differences_name_the_side() {
        let differences = differences(
            "6.18.1 SMP modversions aarch64",
            "6.18.1 SMP preempt aarch64",
        );
        assert_eq!(
            differences[0],
            Difference {
                word: "modversions".into(),
                in_module: true
            }
        );
        assert_eq!(
            differences[1],
            Difference {
                word: "preempt".into(),
                in_module: false
            }
        );
    }
}
