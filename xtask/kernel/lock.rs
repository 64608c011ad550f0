// SPDX-License-Identifier: GPL-2.0

//! `kernels.lock`: which version of each series is used, and the checksum of the file that carries it.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use crate::advice::Advise;
use crate::project;

/// What stands above the entries.
const HEADER: &str = "# SPDX-License-Identifier: GPL-2.0\n\
                      # The kernels that tests use. Only `cargo xtask kernel update` moves them.\n";

/// The version of one series.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pin {
    /// The series.
    pub series: String,
    /// The version of the kernel.
    pub version: String,
    /// Debian's package that carries it.
    pub package: String,
    /// The version of that package.
    pub package_version: String,
    /// The file that is fetched.
    pub file: String,
    /// The file's SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// One entry for each series.
    #[serde(default, rename = "kernel")]
    pub pins: Vec<Pin>,
}

/// Where the file is.
fn path() -> PathBuf {
    project::root().join("kernels.lock")
}

impl Lock {
    /// Reads the file.
    pub fn load() -> anyhow::Result<Lock> {
        let path = path();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading {}", path.display()))
            .advise("cargo xtask kernel update")?;
        toml::from_str(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// The entry of the series.
    pub fn pin(&self, series: &str) -> anyhow::Result<&Pin> {
        let pin = self.pins.iter().find(|pin| pin.series == series);
        pin.with_context(|| format!("kernels.lock has no entry for the series {series}"))
            .advise(format!("cargo xtask kernel update --series {series}"))
    }

    /// Puts the entry in the place of its series' former one.
    pub fn set(&mut self, pin: Pin) {
        match self
            .pins
            .iter_mut()
            .find(|former| former.series == pin.series)
        {
            Some(former) => *former = pin,
            None => self.pins.push(pin),
        }
    }

    /// Writes the file.
    pub fn save(&self) -> anyhow::Result<()> {
        let path = path();
        std::fs::write(&path, self.render()).with_context(|| format!("writing {}", path.display()))
    }

    fn render(&self) -> String {
        let mut text = HEADER.to_owned();
        for Pin {
            series,
            version,
            package,
            package_version,
            file,
            sha256,
        } in &self.pins
        {
            // A write to a String cannot fail.
            let _ = write!(
                text,
                "\n[[kernel]]\nseries = \"{series}\"\nversion = \"{version}\"\npackage = \"{package}\"\n\
                 package-version = \"{package_version}\"\nfile = \"{file}\"\nsha256 = \"{sha256}\"\n"
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(series: &str, version: &str) -> Pin {
        Pin {
            series: series.to_owned(),
            version: version.to_owned(),
            package: "linux".to_owned(),
            package_version: format!("{version}-1"),
            file: format!("linux_{version}.orig.tar.xz"),
            sha256: "00".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut lock = Lock::default();
        lock.set(pin("6.18", "6.18.12"));
        lock.set(pin("7.2", "7.2.12"));
        lock.set(pin("6.18", "6.18.15"));
        let read: Lock = toml::from_str(&lock.render()).unwrap();
        assert_eq!(read.pins, [pin("6.18", "6.18.15"), pin("7.2", "7.2.12")]);
    }

    #[test]
    fn the_repository_pins_every_series() {
        let lock = Lock::load().unwrap();
        for series in crate::kernel::series::ALL {
            let pin = lock.pin(series.name).unwrap();
            assert_eq!(pin.package, series.carrier.package());
            assert_eq!(crate::kernel::series::of_release(&pin.version), series.name);
        }
    }
}
