// SPDX-License-Identifier: GPL-2.0

//! `package yocto`: the layer of `recipes/` as it stands by itself, with recipes that fetch a commit of a repository.

mod repository;
mod source;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{anyhow, Context};
use clap::Args;
use xshell::Shell;

pub use self::source::Source;
use crate::advice::Advise;
use crate::generate::facts::Facts;
use crate::generate::outputs;
use crate::generate::render::{self, File};
use crate::manifest::Manifest;
use crate::project;

/// Where the layer is in the repository.
const LAYER: &str = "recipes";

/// Write a Yocto layer whose recipes fetch the present commit.
#[derive(Args)]
#[command(
    after_help = "Example:\n  cargo xtask package yocto --output ../meta-kgsl-shim \
                        --repository https://git.example.org/kgsl-shim.git"
)]
pub struct Yocto {
    /// The directory to write; it must not be there, or be empty.
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Where the recipes fetch from, over https or ssh; the remote `origin` when it is not given.
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
}

impl Yocto {
    /// Writes the layer, and prints where it is and what it fetches.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let output = std::path::absolute(&self.output).context("finding the output directory")?;
        let source = Source::of_checkout(sh, self.repository)?;
        write(sh, &output, &source)?;
        println!("{}: {source}", output.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes the layer that fetches from the source into a directory, which appears whole or not at all.
pub fn write(sh: &Shell, directory: &Path, source: &Source) -> anyhow::Result<()> {
    let writing = || format!("writing the layer to {}", directory.display());
    ensure_empty(directory).with_context(writing)?;
    let partial = directory.with_extension("partial");
    sh.remove_path(&partial)?;
    let written = put(&partial, directory, &files(source)?).with_context(writing);
    if written.is_err() {
        sh.remove_path(&partial)?;
    }
    written
}

/// Writes the files to one directory, which then becomes the other one.
fn put(partial: &Path, directory: &Path, files: &[File]) -> anyhow::Result<()> {
    files.iter().try_for_each(|file| file.write(partial))?;
    if directory.is_dir() {
        std::fs::remove_dir(directory)?;
    }
    Ok(std::fs::rename(partial, directory)?)
}

fn ensure_empty(directory: &Path) -> anyhow::Result<()> {
    let vacant = match directory.read_dir() {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    let refusal = || anyhow!("{} is there already", directory.display());
    vacant
        .then_some(())
        .ok_or_else(refusal)
        .advise("name a directory that is not there, or remove this one")
}

/// The files of the layer, by their paths in it: those that are generated with the source in them, and all others.
fn files(source: &Source) -> anyhow::Result<Vec<File>> {
    let manifest = Manifest::load()?;
    let mut facts = Facts::new(&manifest)?;
    let committed: Vec<PathBuf> = render::render(&manifest)?
        .into_iter()
        .map(|file| project::root().join(file.path))
        .collect();
    facts.yocto.fetch(source.revision()?);
    let mut files = Vec::new();
    for output in outputs::ALL {
        let file = render::with(&facts, output)?;
        if let Some(path) = file.path.strip_prefix(LAYER) {
            let path = source.file_name(path.trim_start_matches('/'), &manifest.version);
            let text = file.text;
            files.push(File { path, text });
        }
    }
    let layer = project::root().join(LAYER);
    copy(&layer, &layer, &committed, &mut files)?;
    Ok(files)
}

/// Adds what is below the directory and not generated.
fn copy(
    layer: &Path,
    directory: &Path,
    generated: &[PathBuf],
    files: &mut Vec<File>,
) -> anyhow::Result<()> {
    let reading = || format!("reading {}", directory.display());
    for entry in directory.read_dir().with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.is_dir() {
            copy(layer, &path, generated, files)?;
        } else if !generated.contains(&path) {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("reading {}", path.display()))?;
            let path = path.strip_prefix(layer)?.display().to_string();
            files.push(File { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(tagged: bool) -> Source {
        Source {
            repository: "https://git.example.org/module.git".to_owned(),
            branch: None,
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            tagged,
        }
    }

    #[test]
    fn a_layer_that_is_there_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let sh = Shell::new().unwrap();
        std::fs::write(directory.path().join("mine"), "").unwrap();
        let error = write(&sh, directory.path(), &source(false)).unwrap_err();
        assert!(
            format!("{error:#}").contains("is there already"),
            "{error:#}"
        );
        let layer = directory.path().join("layer");
        write(&sh, &layer, &source(false)).unwrap();
        assert!(layer.join("conf/layer.conf").is_file() && layer.join("README.md").is_file());
    }

    #[test]
    fn a_tag_makes_a_version_of_it() {
        let recipes = |tagged| -> Vec<String> {
            let files = files(&source(tagged)).unwrap();
            let paths = files.into_iter().map(|file| file.path);
            paths.filter(|path| path.ends_with(".bb")).collect()
        };
        let version = Manifest::load().unwrap().version;
        assert!(recipes(false).iter().all(|path| path.ends_with("_git.bb")));
        let suffix = format!("_{version}.bb");
        assert!(recipes(true).iter().all(|path| path.ends_with(&suffix)));
    }
}
