// SPDX-License-Identifier: GPL-2.0

//! A kernel's configuration (`.config`, `/boot/config-RELEASE`, `/proc/config.gz`, the one inside an image).

use std::collections::HashMap;

/// The options of a kernel that are set, without their `CONFIG_` prefix.
#[derive(Clone, Debug, Default)]
pub struct Config {
    options: HashMap<String, String>,
}

impl Config {
    /// Reads a configuration; what is no assignment is a comment.
    pub fn parse(text: &str) -> Config {
        let assignment = |line: &str| {
            let (name, value) = line.strip_prefix("CONFIG_")?.split_once('=')?;
            Some((String::from(name), String::from(value.trim_end())))
        };
        Config {
            options: text.lines().filter_map(assignment).collect(),
        }
    }

    /// Whether an option is built in.
    pub fn is_set(&self, option: &str) -> bool {
        self.options.get(option).is_some_and(|value| value == "y")
    }

    /// The text of an option that is a string.
    pub fn string(&self, option: &str) -> Option<&str> {
        self.options
            .get(option)?
            .strip_prefix('"')?
            .strip_suffix('"')
    }

    /// Whether anything is set at all.
    pub fn is_empty(&self) -> bool {
        self.options.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_by_kind() {
        let config =
            Config::parse("# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C=m\nCONFIG_D=\"a \\\" b\"\n");
        assert!(config.is_set("B") && !config.is_set("A") && !config.is_set("C"));
        assert_eq!(config.string("D"), Some("a \\\" b"));
        assert_eq!(config.string("B"), None);
    }
}
