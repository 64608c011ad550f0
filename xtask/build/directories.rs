// SPDX-License-Identifier: GPL-2.0

//! Where a kernel's source and its build directory are: together, or apart as after `make O=`.

use std::path::{Path, PathBuf};

use crate::build::cause::Cause;

/// The two directories of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directories {
    /// The source tree, or what a headers package has of it.
    pub source: PathBuf,
    /// The directory with `.config`.
    pub build: PathBuf,
}

/// Finds both from the directory that the user named, and from the build directory if that was named too.
pub fn find(kernel: &Path, build: Option<&Path>) -> Result<Directories, Cause> {
    let kernel = existing(kernel)?;
    match build {
        Some(build) => configured(Directories {
            source: source_of(&kernel)?,
            build: existing(build)?,
        }),
        None => configured(Directories {
            source: source_of(&kernel)?,
            build: kernel,
        }),
    }
}

fn existing(path: &Path) -> Result<PathBuf, Cause> {
    path.canonicalize()
        .ok()
        .filter(|path| path.is_dir())
        .ok_or_else(|| Cause::Absent(path.to_owned()))
}

fn configured(directories: Directories) -> Result<Directories, Cause> {
    let build = &directories.build;
    if !build.join(".config").is_file() {
        return Err(Cause::Unconfigured(build.clone()));
    }
    if !build.join("include/config/auto.conf").is_file() {
        return Err(Cause::Unprepared(build.clone()));
    }
    Ok(directories)
}

/// The source that a directory is, or was built from.
fn source_of(kernel: &Path) -> Result<PathBuf, Cause> {
    let makefile = std::fs::read_to_string(kernel.join("Makefile")).unwrap_or_default();
    if makefile.lines().any(|line| line.starts_with("PATCHLEVEL")) {
        return Ok(kernel.to_owned());
    }
    let linked = kernel.join("source");
    // The Makefile of a build directory does nothing but include the source's.
    let source = match included(&makefile) {
        Some(source) => source,
        None if linked.is_symlink() => linked.read_link().unwrap_or(linked),
        None => return Err(Cause::NotAKernel(kernel.to_owned())),
    };
    let absolute = kernel.join(&source);
    absolute.canonicalize().map_err(|_| Cause::SourceAbsent {
        build: kernel.to_owned(),
        source: absolute,
    })
}

/// The directory of the Makefile that a build directory's Makefile includes.
fn included(makefile: &str) -> Option<PathBuf> {
    let path = makefile
        .lines()
        .find_map(|line| line.strip_prefix("include ")?.strip_suffix("/Makefile"))?;
    Some(PathBuf::from(path.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_and_build_are_together_or_apart() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (source, build) = (root.join("source-tree"), root.join("build"));
        for directory in [&source, &build] {
            std::fs::create_dir_all(directory.join("include/config")).unwrap();
            std::fs::write(directory.join("include/config/auto.conf"), "").unwrap();
            std::fs::write(directory.join(".config"), "").unwrap();
        }
        std::fs::write(source.join("Makefile"), "VERSION = 6\nPATCHLEVEL = 18\n").unwrap();
        let apart = Directories {
            source: source.clone(),
            build: build.clone(),
        };

        assert_eq!(
            find(&source, None),
            Ok(Directories {
                source: source.clone(),
                build: source.clone()
            })
        );
        assert_eq!(find(&source, Some(&build)), Ok(apart.clone()));
        assert_eq!(find(&build, None), Err(Cause::NotAKernel(build.clone())));
        std::os::unix::fs::symlink(&source, build.join("source")).unwrap();
        assert_eq!(find(&build, None), Ok(apart.clone()));
        std::fs::remove_file(build.join("source")).unwrap();
        std::fs::write(
            build.join("Makefile"),
            format!("include {}/Makefile\n", source.display()),
        )
        .unwrap();
        assert_eq!(find(&build, None), Ok(apart));
    }
}
