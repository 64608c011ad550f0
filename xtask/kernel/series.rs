// SPDX-License-Identifier: GPL-2.0

//! The kernel series that can be fetched. A new one is one more row.

use anyhow::Context;

use crate::arch::Arch;

/// The series that commands use when none is named: the LTS of Qualcomm Linux 2.0.
pub const DEFAULT: &str = "6.18";

/// How Debian's archive carries a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The upstream tarball of a source package.
    SourcePackage(&'static str),
    /// A binary package with the source inside.
    BinaryPackage(&'static str),
}

impl Carrier {
    /// The name of the package.
    pub fn package(self) -> &'static str {
        match self {
            Carrier::SourcePackage(name) | Carrier::BinaryPackage(name) => name,
        }
    }
}

/// A kernel series.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// Its first two numbers.
    pub name: &'static str,
    /// Where its source comes from.
    pub carrier: Carrier,
    /// The architectures on which every change is tested; the others are tested when they are asked for.
    pub tested_on: &'static [Arch],
    /// Options of our fragments that the series calls differently, and what it calls them.
    pub renamed: &'static [(&'static str, &'static str)],
}

/// Every series that can be fetched.
pub const ALL: &[Series] = &[
    Series {
        name: "6.18",
        carrier: Carrier::SourcePackage("linux"),
        tested_on: &Arch::ALL,
        renamed: &[],
    },
    Series {
        name: "7.2",
        carrier: Carrier::BinaryPackage("linux-source-7.2"),
        tested_on: &[Arch::Arm64],
        renamed: &[],
    },
    Series {
        name: "7.3",
        carrier: Carrier::BinaryPackage("linux-source-7.3"),
        tested_on: &[],
        renamed: &[("PROC_SYSCTL", "SYSCTL")],
    },
];

/// The names of the series, for the command line.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|series| series.name).collect()
}

/// The row of the series.
pub fn find(name: &str) -> anyhow::Result<Series> {
    let row = ALL.iter().find(|series| series.name == name).copied();
    row.with_context(|| {
        format!(
            "{name} is no kernel series that can be fetched; those are {}",
            names().join(", ")
        )
    })
}

/// The series of a release: `6.18` of `6.18.15-rt3`.
pub fn of_release(release: &str) -> String {
    let number = |part: &str| {
        part.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
    };
    release
        .split('.')
        .take(2)
        .map(number)
        .collect::<Vec<_>>()
        .join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_belongs_to_a_series() {
        assert_eq!(of_release("6.18.15"), "6.18");
        assert_eq!(of_release("6.18.37-qcom"), "6.18");
        assert_eq!(of_release("7.2-rc3"), "7.2");
    }

    #[test]
    fn the_default_is_a_row() {
        assert!(find(DEFAULT).is_ok());
        assert!(find("5.4").unwrap_err().to_string().contains("6.18, 7.2"));
    }
}
