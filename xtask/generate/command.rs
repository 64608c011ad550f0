// SPDX-License-Identifier: GPL-2.0

//! The command line of `generate`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use similar::TextDiff;
use xshell::Shell;

use crate::generate::header;
use crate::generate::render::{self, File};
use crate::manifest::Manifest;
use crate::project;

/// Render everything that the manifest in kmod/Cargo.toml decides.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask generate --check")]
pub struct Generate {
    /// Write nothing; print what is stale as a diff, and exit with 1 if anything is.
    #[arg(long)]
    check: bool,
}

impl Generate {
    /// Writes the files, or checks them.
    pub fn run(self, _sh: &Shell) -> anyhow::Result<ExitCode> {
        let stale = stale(&project::root(), &Manifest::load()?)?;
        for (file, present) in &stale {
            if self.check {
                print!("{}", diff(file, present));
            } else {
                file.write(&project::root())?;
                let done = if file.text.is_empty() {
                    "removed"
                } else {
                    "wrote"
                };
                println!("{done} {}", file.path);
            }
        }
        if self.check && !stale.is_empty() {
            eprintln!(
                "{} generated files are stale\n  next: cargo xtask generate",
                stale.len()
            );
            return Ok(ExitCode::from(1));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The files whose text is not what the manifest says, each with its present text.
pub(super) fn stale(root: &Path, manifest: &Manifest) -> anyhow::Result<Vec<(File, String)>> {
    let mut files = render::render(manifest).context("rendering the manifest")?;
    files.push(header::render()?);
    let with_present = files.into_iter().map(|file| {
        let present = std::fs::read_to_string(root.join(&file.path)).unwrap_or_default();
        (file, present)
    });
    Ok(with_present
        .filter(|(file, present)| file.text != *present)
        .collect())
}

/// What `generate` would change, as a unified diff.
pub(super) fn diff(file: &File, present: &str) -> String {
    let diff = TextDiff::from_lines(present, &file.text);
    let path = &file.path;
    diff.unified_diff()
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}
