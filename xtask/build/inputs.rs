// SPDX-License-Identifier: GPL-2.0

//! What the build of a module has read: what Kbuild notes beside each object it makes, and what it goes by itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::fingerprint::{self, Files};
use crate::kernel::Tree;
use crate::process;

/// What Kbuild goes by in a kernel's build directory, beside what it notes of each object.
const OF_BUILD: &[&str] = &[
    ".config",
    "Makefile",
    "Module.symvers",
    "include/config/auto.conf",
    "include/config/kernel.release",
    "include/generated/autoconf.h",
    "include/generated/rustc_cfg",
    "scripts/mod/modpost",
    "scripts/module.lds",
    "vmlinux",
    "xtask-stamp.json",
];

/// The files that Kbuild reads of the module's own directory, beside the sources.
const OF_MODULE: &[&str] = &["Kbuild", "Makefile"];

/// Where it is kept, in a build's directory, that nothing has changed since.
pub(super) const FINGERPRINT: &str = ".build.fingerprint";

/// The files of the build of the module in `root` for the kernel, in the directory. `None` when they cannot all be named.
pub(super) fn of_build(tree: &Tree, root: &Path, output: &Path) -> anyhow::Result<Option<Files>> {
    let mut files = Files {
        inputs: of_kernel(tree)?,
        ..Files::default()
    };
    files
        .inputs
        .extend(OF_MODULE.iter().map(|name| root.join(name)));
    collect(output, &mut files.outputs)?;
    let notes = files.outputs.iter().filter(|path| is_note(path));
    let notes: Vec<_> = notes.map(|path| read(path)).collect::<Result<_, _>>()?;
    files.inputs.extend(noted(&distinct_lines(&notes), output));
    for program in programs(tree, &notes) {
        match fingerprint::of_program(Path::new(&program)) {
            Some(parts) => files.inputs.extend(parts),
            None => return Ok(None),
        }
    }
    let is_made = |path: &PathBuf| path.starts_with(output);
    files.inputs.retain(|path| !is_made(path));
    Ok(Some(files))
}

/// Adds what Kbuild has made in the directory.
fn collect(directory: &Path, outputs: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    let reading = || format!("reading {}", directory.display());
    for entry in fs::read_dir(directory).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, outputs)?;
        } else if !is_ours(&path) {
            outputs.insert(path);
        }
    }
    Ok(())
}

/// Whether Kbuild has noted there what an object was made from, and how.
fn is_note(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "cmd")
}

/// Whether we have put it there ourselves, and change it without Kbuild.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".fingerprint", ".lock", ".partial"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// The lines of all notes, each once: they name the same thousand headers.
fn distinct_lines(notes: &[String]) -> String {
    let lines: BTreeSet<&str> = notes.iter().flat_map(|note| note.lines()).collect();
    lines.into_iter().collect::<Vec<_>>().join("\n")
}

/// The files of a note, whether they are there, as `$(wildcard include/config/NAME)` may, or not.
fn noted(note: &str, output: &Path) -> BTreeSet<PathBuf> {
    let lines = note.lines().filter(|line| !line.starts_with("savedcmd_"));
    let words = lines.flat_map(str::split_whitespace);
    let wildcards = words.clone().filter_map(|word| word.strip_suffix(')'));
    let dependencies = words.filter(|word| word.starts_with('/') && !word.ends_with([')', ':']));
    wildcards
        .chain(dependencies)
        .filter(|word| !word.starts_with("$("))
        .map(|word| output.join(word))
        .chain(fingerprint::named_files(note, output))
        .collect()
}

/// The programs of the compilers, and those that the notes start.
fn programs(tree: &Tree, notes: &[String]) -> BTreeSet<String> {
    let toolchain = &tree.toolchain;
    let compilers = [
        toolchain.compiler.program(),
        toolchain.rustc.display().to_string(),
        "make".to_owned(),
    ];
    let started = notes.iter().filter_map(|note| started(note));
    compilers
        .into_iter()
        .chain(started.filter(|name| process::find_program(name).is_some()))
        .collect()
}

/// The program that the note's command starts, when `PATH` decides which that is.
fn started(note: &str) -> Option<String> {
    let (_, command) = note.lines().next()?.split_once(":=")?;
    let mut words = command.split_whitespace();
    let program = words.find(|word| !word.contains('='))?;
    (!program.contains('/')).then(|| program.to_owned())
}

/// What is read of every kernel tree: its makefiles and Kbuild's own scripts, its configuration, its symbols.
fn of_kernel(tree: &Tree) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut files: BTreeSet<_> = OF_BUILD.iter().map(|name| tree.build.join(name)).collect();
    files.insert(tree.source.join("Makefile"));
    let architecture = format!("arch/{}", tree.arch.kernel());
    for directory in ["scripts", &architecture] {
        let directory = tree.source.join(directory);
        let reading = || format!("reading {}", directory.display());
        for entry in fs::read_dir(&directory).with_context(reading)? {
            let entry = entry.with_context(reading)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("Makefile") || name.starts_with("Kbuild") || name.ends_with(".sh") {
                files.insert(entry.path());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "savedcmd_kmod/a.o := FLAG=1 clang-19 -Wp,-MMD,x -I/include -o kmod/a.o /src/a.c\n\n\
                        source_kmod/a.o := /src/a.c\n\ndeps_kmod/a.o := \\\n  /src/a.h \\\n    $(wildcard include/config/SMP) \\\n\
                        \nkmod/a.o: $(deps_kmod/a.o)\n\n$(deps_kmod/a.o):\n\nkmod/a.o: $(wildcard /tree/objtool)\n";

    #[test]
    fn a_note_names_what_was_read() {
        let found = noted(NOTE, Path::new("/out"));
        let expected = [
            "/out/include/config/SMP",
            "/src/a.c",
            "/src/a.h",
            "/tree/objtool",
        ];
        assert_eq!(found, expected.map(PathBuf::from).into());
    }

    #[test]
    fn what_several_notes_name_is_gone_through_once() {
        let twice = distinct_lines(&[NOTE.to_owned(), NOTE.to_owned()]);
        assert!(twice.len() < NOTE.len());
        let output = Path::new("/out");
        assert_eq!(noted(&twice, output), noted(NOTE, output));
    }

    #[test]
    fn a_note_names_the_program_that_path_finds() {
        assert_eq!(started(NOTE).as_deref(), Some("clang-19"));
        assert_eq!(started("savedcmd_x := A=b /usr/bin/rustc x.rs\n"), None);
    }
}
