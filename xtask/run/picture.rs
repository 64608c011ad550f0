// SPDX-License-Identifier: GPL-2.0

//! A picture that a program of the machine draws: it comes through a virtio-serial port of its own.

use std::fs::{remove_file, rename, File};
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
    /// A picture that goes to the file. Fails when it cannot be written there, before anything is built and booted.
    pub(super) fn to(file: &Path) -> anyhow::Result<Picture> {
        let file = absolute(file).with_context(|| format!("finding {}", file.display()))?;
        let directory = file.parent().unwrap_or(Path::new("/"));
        if !directory.is_dir() {
            let error = anyhow!("there is no directory {}", directory.display());
            return Err(misuse(error, "name a file for the picture with --picture"));
        }
        if file.is_dir() {
            let error = anyhow!("{} is a directory", file.display());
            return Err(misuse(error, "name a file in it with --picture"));
        }
        let mut partial = file.clone().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        File::create(&partial)
            .with_context(|| format!("the picture cannot be written to {}", file.display()))?;
        Ok(Picture { file, partial })
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
            rename(&self.partial, &self.file)
                .with_context(|| format!("writing {}", self.file.display()))?;
            eprintln!("the picture is in {}", self.file.display());
        }
        Ok(())
    }
}

impl Drop for Picture {
    /// Leaves nothing of a picture that was not drawn.
    fn drop(&mut self) {
        // There is nothing left when it was.
        let _ = remove_file(&self.partial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_needs_a_place() {
        for (file, text) in [
            ("/no/such/place/a.png", "no directory /no/such/place"),
            ("/proc", "/proc is a directory"),
            ("/proc/a.png", "cannot be written to /proc/a.png"),
        ] {
            let error = Picture::to(Path::new(file)).unwrap_err();
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_picture_that_was_not_drawn_leaves_nothing() {
        let directory = std::env::temp_dir().join(format!("picture-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let picture = Picture::to(&directory.join("a.png")).unwrap();
        assert!(directory.join("a.png.partial").is_file());
        drop(picture);
        assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);
        std::fs::remove_dir(&directory).unwrap();
    }
}
