// SPDX-License-Identifier: GPL-2.0

//! What answers depend on that nobody names: the files behind a program, and those that a text mentions.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process;

/// What changes with every package that is installed, upgraded or removed, and with every library that is put in place:
/// a program is more than its file.
pub const PACKAGES: [&str; 3] = [
    "/var/lib/dpkg/status",
    "/var/lib/dpkg/updates",
    "/etc/ld.so.cache",
];

/// A script is no longer than this, in bytes.
const LONGEST_SCRIPT: u64 = 4096;

/// The files that a program consists of, as far as is known: its own, what a script of a few lines starts, and the state
/// of the distribution's packages. `None` for a program whose answers depend on more: rustup's, which goes by the directory.
pub fn of_program(program: &Path) -> Option<BTreeSet<PathBuf>> {
    let found = match program.components().count() {
        1 => process::find_program(program.to_str()?)?,
        _ => program.to_path_buf(),
    };
    let file = found.canonicalize().ok()?;
    if file.file_name()? == "rustup" {
        return None;
    }
    let mut files: BTreeSet<PathBuf> = PACKAGES.iter().map(PathBuf::from).collect();
    files.extend(started_by(&file));
    files.extend([found, file]);
    Some(files)
}

/// What a script mentions; nothing for other programs.
fn started_by(file: &Path) -> BTreeSet<PathBuf> {
    let is_short = fs::metadata(file).is_ok_and(|data| data.len() <= LONGEST_SCRIPT);
    let text = is_short.then(|| fs::read(file).unwrap_or_default());
    let text = String::from_utf8_lossy(text.as_deref().unwrap_or_default()).into_owned();
    match text.starts_with("#!") {
        true => named_files(&text, Path::new("/")),
        false => BTreeSet::new(),
    }
}

/// The words of the text, as a shell, make or a compiler takes them apart, that name files; names that do not begin at
/// the root begin in the directory.
pub fn named_files(text: &str, directory: &Path) -> BTreeSet<PathBuf> {
    let is_between = |c: char| c.is_whitespace() || "'\"()=;,:@".contains(c);
    let words: BTreeSet<&str> = text.split(is_between).collect();
    words
        .into_iter()
        .filter(|word| !word.is_empty() && !word.ends_with('/'))
        .map(|word| directory.join(word))
        .filter(|path| path.is_file())
        .collect()
}
