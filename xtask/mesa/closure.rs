// SPDX-License-Identifier: GPL-2.0

//! Which shared libraries programs need, and which those need in turn.

use std::collections::btree_map::{BTreeMap, Entry};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, Context};
use object::elf::{FileHeader64, DT_NEEDED, PT_INTERP};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::Endianness;

/// What an ELF file says of the libraries that it is loaded with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// The names of the libraries, `DT_NEEDED`.
    pub(super) libraries: Vec<String>,
    /// The path of the dynamic linker, in programs.
    pub(super) interpreter: Option<String>,
}

/// The libraries that the files need, directly or not, by name, each from the first directory that has it.
pub(super) fn libraries(
    files: &[PathBuf],
    directories: &[PathBuf],
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut unread = files.to_vec();
    while let Some(file) = unread.pop() {
        for name in needs(&file)?.libraries {
            if let Entry::Vacant(vacant) = found.entry(name) {
                let library = find(vacant.key(), directories)
                    .with_context(|| format!("{} needs {}", file.display(), vacant.key()))?;
                unread.push(library.clone());
                vacant.insert(library);
            }
        }
    }
    Ok(found)
}

fn find(name: &str, directories: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let places = directories.iter().map(|directory| directory.join(name));
    let mut places = places.filter(|place| place.is_file());
    places
        .next()
        .ok_or_else(|| anyhow!("no directory of the machine's libraries has it"))
}

/// Reads what the file needs.
pub(super) fn needs(file: &Path) -> anyhow::Result<Needs> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    parse(&bytes).with_context(|| format!("reading {}", file.display()))
}

fn parse(bytes: &[u8]) -> anyhow::Result<Needs> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let mut needs = Needs::default();
    for segment in header.program_headers(endian, bytes)? {
        if segment.p_type(endian) == PT_INTERP {
            let path = segment
                .data(endian, bytes)
                .map_err(|()| anyhow!("the interpreter is outside of the file"))?;
            let path = path.strip_suffix(b"\0").unwrap_or(path);
            needs.interpreter = Some(String::from_utf8_lossy(path).into_owned());
        }
    }
    let sections = header.sections(endian, bytes)?;
    if let Some((entries, strings)) = sections.dynamic(endian, bytes)? {
        let strings = sections.strings(endian, bytes, strings)?;
        for entry in entries
            .iter()
            .filter(|entry| entry.tag32(endian) == Some(DT_NEEDED))
        {
            let name = entry.string(endian, strings)?;
            needs
                .libraries
                .push(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_program_needs_the_c_library_and_a_linker() {
        let needs = needs(&std::env::current_exe().unwrap()).unwrap();
        assert!(
            needs
                .libraries
                .iter()
                .any(|name| name.starts_with("libc.so")),
            "{needs:?}"
        );
        assert!(needs.interpreter.unwrap().contains("/ld-linux"));
    }

    #[test]
    fn a_library_that_is_nowhere_is_named() {
        let program = std::env::current_exe().unwrap();
        let error = libraries(&[program], &[]).unwrap_err();
        assert!(format!("{error:#}").contains(" needs lib"), "{error:#}");
    }
}
