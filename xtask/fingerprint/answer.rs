// SPDX-License-Identifier: GPL-2.0

//! An answer, the question to it, and the files that it stands and falls with.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use anyhow::Context;

use super::identity::Identity;
use crate::project;

/// Variables of the environment that come with a terminal or with cargo, and that nothing which is remembered asks for.
const VOLATILE: &[&str] = &["COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "TERM", "_"];

/// What work goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// What it has read, whether it was there or not.
    pub inputs: BTreeSet<PathBuf>,
    /// What it has made.
    pub outputs: BTreeSet<PathBuf>,
}

/// A place where an answer is kept, and the question to it.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    place: PathBuf,
    question: u64,
}

impl Fingerprint {
    /// The answer to a question about this host, kept under the name in the cache, so that no file appears in a checkout.
    pub fn of_host(name: &str, question: &impl Hash) -> anyhow::Result<Fingerprint> {
        let place = project::cache()?.join("fingerprints").join(name);
        Ok(Fingerprint::at(place, question))
    }

    /// The answer to the question, kept in this file. The environment belongs to every question.
    pub fn at(place: PathBuf, question: &impl Hash) -> Fingerprint {
        let mut hasher = DefaultHasher::new();
        question.hash(&mut hasher);
        environment().hash(&mut hasher);
        Fingerprint {
            place,
            question: hasher.finish(),
        }
    }

    /// The answer, when it was given to this question and none of its files has changed since.
    pub fn recall(&self) -> Option<String> {
        let text = fs::read_to_string(&self.place).ok()?;
        let (head, files) = text.split_once("\n\n")?;
        let (question, answer) = head.split_once('\n')?;
        let is_same = question == self.title() && files.ends_with('\n');
        let holds = is_same && files.lines().all(is_unchanged);
        holds.then(|| answer.to_owned())
    }

    /// Does the work, unless it has been done with the same files; `files` then names them, or nothing where they cannot
    /// all be named.
    pub fn ensure(
        &self,
        work: impl FnOnce() -> anyhow::Result<()>,
        files: impl FnOnce() -> anyhow::Result<Option<Files>>,
    ) -> anyhow::Result<()> {
        if self.recall().is_some() {
            return Ok(());
        }
        let since = SystemTime::now();
        work()?;
        match files()? {
            Some(files) => self.keep("done", since, files),
            None => self.forget(),
        }
    }

    /// Keeps the answer, which has no empty line, to work that began at `since`. Nothing is kept where one of the files
    /// that it was made from has changed while it was made: whether the work saw the change is not known.
    pub fn keep(&self, answer: &str, since: SystemTime, files: Files) -> anyhow::Result<()> {
        let mut identities = BTreeMap::new();
        for path in files.inputs.into_iter().chain([this_tool()?]) {
            let identity = Identity::of(&path);
            if identity.is_younger_than(&path, since) || !is_writable(&path) {
                return self.forget();
            }
            identities.insert(path, identity);
        }
        let made = files.outputs.into_iter();
        identities.extend(made.map(|path| {
            let identity = Identity::of(&path);
            (path, identity)
        }));
        self.write(answer, &identities)
    }

    /// Forgets the answer, as far as there is one.
    pub fn forget(&self) -> anyhow::Result<()> {
        match fs::remove_file(&self.place) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing {}", self.place.display()))
            }
            _ => Ok(()),
        }
    }

    /// Writes the file; it appears at once or not at all.
    fn write(&self, answer: &str, files: &BTreeMap<PathBuf, Identity>) -> anyhow::Result<()> {
        let mut text = format!("{}\n{answer}\n\n", self.title());
        for (path, identity) in files {
            // A write to a String cannot fail.
            let _ = writeln!(text, "{identity} {}", path.display());
        }
        let writing = || format!("writing {}", self.place.display());
        let directory = self.place.parent().with_context(writing)?;
        fs::create_dir_all(directory).with_context(writing)?;
        let partial = self.place.with_extension(unique());
        fs::write(&partial, text).with_context(writing)?;
        fs::rename(&partial, &self.place).with_context(writing)
    }

    /// The first line of the file.
    fn title(&self) -> String {
        format!("{:016x}", self.question)
    }
}

/// A command as a part of a question: program, arguments, and the environment that it is given.
pub fn command_line(command: &Command) -> String {
    format!(
        "{command:?} {:?} {:?}",
        command.get_envs().collect::<Vec<_>>(),
        command.get_current_dir()
    )
}

/// An end of a name that no other process and no other thread has.
fn unique() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}.partial", std::process::id())
}

/// Whether the line of a kept answer still tells the truth of its file.
fn is_unchanged(line: &str) -> bool {
    Identity::split(line).is_some_and(|(identity, path)| {
        let now = Identity::of(Path::new(path));
        now.to_string() == identity
    })
}

/// Whether the path can stand in a line.
fn is_writable(path: &Path) -> bool {
    path.to_str().is_some_and(|path| !path.contains('\n'))
}

/// This program: what it takes for the files of an answer may change with it.
fn this_tool() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("finding this program")
}

/// The environment but for what changes from one terminal to the next.
fn environment() -> Vec<(OsString, OsString)> {
    let mut all: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| !VOLATILE.contains(&name.to_string_lossy().as_ref()))
        .collect();
    all.sort();
    all
}
