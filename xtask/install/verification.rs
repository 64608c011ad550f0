// SPDX-License-Identifier: GPL-2.0

//! What the target will do with what was installed, asked of modprobe itself: by name, by each alias, and as
//! systemd-modules-load asks.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{anyhow, ensure, Context, Result};
use xshell::Shell;

use crate::advice::Advise;
use crate::check::elf::Elf;
use crate::check::modinfo::{normalize, Modinfo};
use crate::check::modprobe::Configuration;
use crate::check::target::{installed, packed};
use crate::install::{kmod, Root};
use crate::progress;

/// What was installed.
pub struct Subject<'a> {
    /// The root directory.
    pub root: &'a Root,
    /// The kernel's release.
    pub release: &'a str,
    /// The module's name.
    pub name: &'a str,
    /// The module's file in the root.
    pub module: &'a Path,
    /// Whether it is to be loaded at boot.
    pub autoload: bool,
}

impl Subject<'_> {
    /// Fails unless modprobe finds this file, by name and by every alias of the module, and nothing keeps it from being
    /// loaded at boot.
    pub fn verify(&self, sh: &Shell) -> Result<()> {
        let configuration = installed::configuration(self.root.directory());
        self.by_name(sh, &configuration)?;
        if self.autoload {
            self.at_boot(sh, &configuration)?;
        }
        let bytes = packed::read(self.module)?;
        let elf = Elf::parse(&bytes).context("the installed module is no ELF file")?;
        let section = elf.section_named(b".modinfo");
        let modinfo = section.map(Modinfo::parse).unwrap_or_default();
        for alias in modinfo.texts("alias") {
            self.by_alias(sh, &alias)?;
        }
        Ok(())
    }

    fn by_name(&self, sh: &Shell, configuration: &Configuration) -> Result<()> {
        let found = self.resolve(sh, self.name, &[])?;
        if let Some(command) = configuration.install.get(self.name) {
            return Err(anyhow!(
                "modprobe.d says `install {} {command}`, which modprobe runs instead of loading the module",
                self.name
            ))
            .advise("remove that line from the root directory");
        }
        let Some(file) = found.last() else {
            return Err(anyhow!("modprobe finds no file for {}", self.name))
                .advise("look for a module of this name that is built in: modules.builtin");
        };
        ensure!(
            self.is_ours(file),
            crate::advice::advised(
                anyhow!(
                    "modprobe {} would load {}, not what was installed",
                    self.name,
                    file.display()
                ),
                "remove that file, or change the search order in depmod.d"
            )
        );
        Ok(())
    }

    /// As systemd-modules-load does it: a blacklisted module is passed over in silence.
    fn at_boot(&self, sh: &Shell, configuration: &Configuration) -> Result<()> {
        if !configuration.autoload.contains_key(self.name) {
            return Err(anyhow!(
                "{} would not be loaded at boot: another file of the same name in modules-load.d hides the new one",
                self.name
            ))
            .advise("remove that file from the root directory's etc/modules-load.d");
        }
        let found = self.resolve(sh, self.name, &["--use-blacklist"])?;
        if found.iter().any(|file| self.is_ours(file)) {
            return Ok(());
        }
        let file = configuration.blacklist.get(self.name);
        let file = file.map_or("modprobe.d", String::as_str);
        Err(anyhow!(
            "{} would not be loaded at boot: {file} blacklists it",
            self.name
        ))
        .advise(format!("remove `blacklist {}` there", self.name))
    }

    /// As udev does it. Others may claim the alias too: then all are loaded, and the first to bind gets the device.
    fn by_alias(&self, sh: &Shell, alias: &str) -> Result<()> {
        let found = self.resolve(sh, &example(alias), &["--use-blacklist"])?;
        if !found.iter().any(|file| self.is_ours(file)) {
            let instead = found
                .last()
                .map_or(String::from("nothing"), |file| file.display().to_string());
            return Err(anyhow!(
                "the alias {alias} would load {instead}, not what was installed"
            ))
            .advise("remove the alias or blacklist line in modprobe.d that says so");
        }
        let own = self.resolve(sh, self.name, &[])?;
        for other in found.iter().filter(|file| !own.contains(file)) {
            progress::note(format!(
                "{} claims {alias} too: both are loaded, and the first to bind gets the device",
                normalize(&other.to_string_lossy())
            ));
        }
        Ok(())
    }

    /// The files that modprobe would insert.
    fn resolve(&self, sh: &Shell, name: &str, options: &[&str]) -> Result<Vec<PathBuf>> {
        let modprobe = kmod::command(sh, "modprobe", self.root, "modprobe.d")?
            .arg("--dirname")
            .arg(self.root.directory())
            .args(["--set-version", self.release, "--show-depends"])
            .args(options)
            .arg(name);
        let Output { stdout, stderr, .. } = Command::from(modprobe)
            .output()
            .context("running modprobe")?;
        for line in String::from_utf8_lossy(&stderr).lines() {
            progress::note(line);
        }
        let text = String::from_utf8_lossy(&stdout).into_owned();
        let files = text.lines().filter_map(|line| line.strip_prefix("insmod "));
        Ok(files
            .filter_map(|words| words.split_whitespace().next().map(PathBuf::from))
            .collect())
    }

    fn is_ours(&self, file: &Path) -> bool {
        let canonical = |path: &Path| path.canonicalize().ok();
        canonical(file).is_some() && canonical(file) == canonical(self.module)
    }
}

/// A name that an alias pattern matches.
fn example(pattern: &str) -> String {
    let mut name = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' | '?' => name.push('x'),
            '[' => {
                name.extend(characters.next());
                characters.find(|character| *character == ']');
            }
            other => name.push(other),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::example;

    #[test]
    fn an_example_fits_its_pattern() {
        assert_eq!(example("of:N*T*Cqcom,adreno"), "of:NxTxCqcom,adreno");
        assert_eq!(example("usb:v0?d[0-9]ic*"), "usb:v0xd0icx");
    }
}
