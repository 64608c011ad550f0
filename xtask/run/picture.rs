// SPDX-License-Identifier: GPL-2.0

//! A picture that a program of the machine draws: it comes through a virtio-serial port of its own.

use std::path::{absolute, Path, PathBuf};

use anyhow::{anyhow, Context};

use crate::advice::misuse;
use crate::vm::{Report, Run};

/// The name of the port.
const PORT: &str = "picture";

/// Where the picture goes.
#[derive(Debug)]
pub(super) struct Picture {
    file: PathBuf,
    /// What the machine writes; it becomes the file when it is whole.
    partial: PathBuf,
}

impl Picture {
    /// A picture that goes to the file.
    pub(super) fn to(file: &Path) -> anyhow::Result<Picture> {
        let file = absolute(file).with_context(|| format!("finding {}", file.display()))?;
        let directory = file.parent().unwrap_or(Path::new("/"));
        if !directory.is_dir() {
            let error = anyhow!("there is no directory {}", directory.display());
            return Err(misuse(error, "name a file for the picture with --picture"));
        }
        let mut partial = file.clone().into_os_string();
        partial.push(".partial");
        Ok(Picture {
            file,
            partial: partial.into(),
        })
    }

    /// The program that draws it, with its arguments.
    pub(super) fn command() -> Vec<String> {
        ["/bin/vulkan-client", "draw", PORT]
            .map(str::to_owned)
            .into()
    }

    /// Gives the machine the port.
    pub(super) fn connect(&self, machine: &mut Run) {
        machine.add_port(PORT, &self.partial);
    }

    /// Takes the picture when the machine has drawn it.
    pub(super) fn take(&self, report: &Report) -> anyhow::Result<()> {
        if report.passed() {
            std::fs::rename(&self.partial, &self.file)
                .with_context(|| format!("writing {}", self.file.display()))?;
            eprintln!("the picture is in {}", self.file.display());
        } else if self.partial.exists() {
            std::fs::remove_file(&self.partial)
                .with_context(|| format!("removing {}", self.partial.display()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_needs_a_directory() {
        let error = Picture::to(Path::new("/no/such/place/a.png")).unwrap_err();
        assert!(error.to_string().contains("/no/such/place"), "{error}");
        let picture = Picture::to(Path::new("/tmp/a.png")).unwrap();
        assert_eq!(picture.partial, Path::new("/tmp/a.png.partial"));
    }
}
