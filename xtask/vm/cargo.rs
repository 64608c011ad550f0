// SPDX-License-Identifier: GPL-2.0

//! A build by cargo that is left out when it would do nothing: it takes cargo a good part of a second to find that out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context};

use crate::fingerprint::{self, Files, Fingerprint};

/// What cargo reads of a package's or a workspace's directory, and of every directory above.
const OF_DIRECTORIES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config",
    ".cargo/config.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "build.rs",
];

/// A build whose programs come to lie in a directory.
pub(super) struct Build<'a> {
    /// The command.
    pub(super) command: Command,
    /// The compilers and linkers that it starts.
    pub(super) programs: Vec<PathBuf>,
    /// Where the programs come to lie, each with a list of its sources beside it.
    pub(super) directory: &'a Path,
}

impl Build<'_> {
    /// Builds what is not built.
    pub(super) fn ensure(mut self) -> anyhow::Result<()> {
        let question = fingerprint::command_line(&self.command);
        let fingerprint = Fingerprint::at(self.directory.with_extension("fingerprint"), &question);
        let work = || {
            let status = self.command.status().context("starting cargo")?;
            ensure!(status.success(), "cargo failed: {status}");
            Ok(())
        };
        fingerprint.ensure(work, || files(self.directory, &self.programs))
    }
}

/// What the programs in the directory were made from, and themselves; `None` when it cannot all be named.
fn files(directory: &Path, programs: &[PathBuf]) -> anyhow::Result<Option<Files>> {
    let (mut inputs, mut outputs) = (BTreeSet::new(), BTreeSet::new());
    let reading = || format!("reading {}", directory.display());
    for entry in fs::read_dir(directory).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.extension().is_some_and(|end| end == "d") {
            let text = fs::read_to_string(&path).with_context(reading)?;
            let (program, sources) = dependencies(&text).with_context(reading)?;
            outputs.extend([path, program]);
            inputs.extend(sources);
        }
    }
    for program in programs {
        match fingerprint::of_program(program) {
            Some(parts) => inputs.extend(parts),
            None => return Ok(None),
        }
    }
    inputs.extend(around(&inputs));
    Ok(Some(Files { inputs, outputs }))
}

/// The program and its sources, from the first line of the list that cargo writes for make.
fn dependencies(text: &str) -> Option<(PathBuf, BTreeSet<PathBuf>)> {
    // A space within a name has a backslash before it, and no name has a zero byte.
    let line = text.lines().next()?.replace("\\ ", "\0");
    let (program, sources) = line.split_once(": ")?;
    let path = |word: &str| PathBuf::from(word.replace('\0', " "));
    let sources = sources.split(' ').filter(|word| !word.is_empty());
    Some((path(program), sources.map(path).collect()))
}

/// What cargo reads in the directories of the files and above, whether it is there or not.
fn around(files: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let directories: BTreeSet<&Path> = files
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .flat_map(|path| path.ancestors().skip(1))
        .collect();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let of_home = ["config", "config.toml"].map(|name| Some(home.as_ref()?.join(name)));
    directories
        .into_iter()
        .flat_map(|directory| OF_DIRECTORIES.map(|name| directory.join(name)))
        .chain(of_home.into_iter().flatten())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_the_program_and_its_sources() {
        let text = "/t/init: /a\\ b/lib.rs /c/main.rs\n\n/a\\ b/lib.rs:\n";
        let (program, sources) = dependencies(text).unwrap();
        assert_eq!(program, Path::new("/t/init"));
        let expected = ["/a b/lib.rs", "/c/main.rs"].map(PathBuf::from);
        assert_eq!(sources, expected.into());
        assert_eq!(dependencies(""), None);
    }

    #[test]
    fn manifests_and_configurations_belong_to_the_sources() {
        let found = around(&[PathBuf::from("/w/p/src/lib.rs")].into());
        for path in ["/w/p/Cargo.toml", "/w/Cargo.lock", "/w/.cargo/config.toml"] {
            assert!(found.contains(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_build_is_done_when_something_has_changed() {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("release");
        fs::create_dir(&directory).unwrap();
        let source = scratch.path().join("main.rs");
        fs::write(&source, "").unwrap();
        fs::File::options()
            .write(true)
            .open(&source)
            .and_then(|file| file.set_modified(std::time::SystemTime::UNIX_EPOCH))
            .unwrap();
        // Stands in for cargo: it counts its runs, writes a program and a list.
        let script = "echo run >> runs; echo program > release/a; echo \"$PWD/release/a: $PWD/main.rs\" > release/a.d";
        let sh = xshell::Shell::new().unwrap();
        sh.change_dir(scratch.path());
        let runs = || {
            let build = Build {
                command: xshell::cmd!(sh, "sh -c {script}").into(),
                programs: vec!["sh".into()],
                directory: &directory,
            };
            build.ensure().unwrap();
            fs::read_to_string(scratch.path().join("runs"))
                .unwrap()
                .lines()
                .count()
        };
        // What was made a moment ago may have changed while it was read.
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!([runs(), runs()], [1, 1]);
        fs::write(&source, "fn main() {}").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!([runs(), runs()], [2, 2]);
        fs::remove_file(directory.join("a")).unwrap();
        assert_eq!([runs(), runs()], [3, 3]);
        fs::write(scratch.path().join("Cargo.lock"), "").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!([runs(), runs()], [4, 4]);
    }
}
