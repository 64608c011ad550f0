// SPDX-License-Identifier: GPL-2.0

//! The root directory that is installed into: what it must be, and where things are in it. A link that leaves it is
//! never followed, for what it names is this machine's and not the target's.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use anyhow::{anyhow, bail, ensure, Context, Result};

use crate::advice::{advised, misuse, Advise};
use crate::arch::Arch;

/// Programs that every target has one of, by which its architecture is told.
const PROGRAMS: &[&str] = &[
    "usr/lib/systemd/systemd",
    "lib/systemd/systemd",
    "usr/sbin/init",
    "sbin/init",
    "usr/bin/busybox",
    "bin/busybox",
    "usr/bin/sh",
    "bin/sh",
];

/// A root directory.
#[derive(Clone, Debug)]
pub struct Root {
    directory: PathBuf,
}

impl Root {
    /// Opens a root directory: an empty one, or one that looks like the root of a file system.
    pub fn open(path: &Path) -> Result<Root> {
        const NEXT: &str = "name the root directory of the target's file system: /, a mounted or unpacked image, or an \
                            empty directory";
        let directory = path
            .canonicalize()
            .map_err(|error| anyhow!("{} cannot be opened: {error}", path.display()))
            .map_err(|error| misuse(error, NEXT))?;
        if !directory.is_dir() {
            return Err(misuse(
                anyhow!("{} is not a directory", path.display()),
                NEXT,
            ));
        }
        let is_empty = fs::read_dir(&directory)
            .with_context(|| format!("reading {}", path.display()))?
            .next()
            .is_none();
        let is_root = ["etc", "usr", "lib"]
            .iter()
            .any(|name| directory.join(name).is_dir());
        if !is_empty && !is_root {
            let error = anyhow!(
                "{} is no root directory: it has neither etc, usr nor lib",
                path.display()
            );
            return Err(misuse(error, NEXT));
        }
        Ok(Root { directory })
    }

    /// The directory itself, without links.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The place of a file, with the links to the directories above it followed inside the root.
    pub fn place(&self, inside: &str) -> Result<PathBuf> {
        let mut path = self.directory.clone();
        for component in Path::new(inside).components() {
            let Component::Normal(name) = component else {
                bail!("{inside} is no plain path inside a root directory");
            };
            self.follow(&mut path)?;
            path.push(name);
        }
        Ok(path)
    }

    /// The place of a directory, with the link that it may be itself followed too.
    pub fn directory_place(&self, inside: &str) -> Result<PathBuf> {
        let mut path = self.place(inside)?;
        self.follow(&mut path)?;
        Ok(path)
    }

    fn follow(&self, path: &mut PathBuf) -> Result<()> {
        if !path.is_symlink() {
            return Ok(());
        }
        let target = path.canonicalize().ok();
        let inside = target.filter(|target| target.starts_with(&self.directory));
        let Some(inside) = inside else {
            let link = fs::read_link(&path).unwrap_or_default();
            return Err(anyhow!(
                "{} is a link to {}, which is outside of the root directory or absent",
                path.display(),
                link.display()
            ))
            .advise("make the link relative, so that it means the same here and on the target");
        };
        *path = inside;
        Ok(())
    }

    /// A place as it is written down: from the root.
    pub fn relative(&self, path: &Path) -> Result<String> {
        let relative = path
            .strip_prefix(&self.directory)
            .with_context(|| format!("{} is outside of the root directory", path.display()))?;
        let text = relative.to_str();
        Ok(text
            .with_context(|| format!("{} is not Unicode", path.display()))?
            .to_owned())
    }

    /// Whether something is there. A link that leaves the root counts as absent.
    pub fn has(&self, inside: &str) -> bool {
        self.directory_place(inside).is_ok_and(|path| path.exists())
    }

    /// `lib/modules`, wherever the root has it.
    pub fn modules(&self) -> Result<PathBuf> {
        let is_merged_only = !self.has("lib/modules") && self.has("usr/lib/modules");
        self.directory_place(if is_merged_only {
            "usr/lib/modules"
        } else {
            "lib/modules"
        })
    }

    /// The releases of the kernels whose modules the root has, sorted.
    pub fn releases(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(self.modules()?)
            .into_iter()
            .flatten()
            .flatten();
        let directories = entries.filter(|entry| entry.path().is_dir());
        let mut releases: Vec<String> = directories
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        releases.sort();
        Ok(releases)
    }

    /// Fails when the programs of the root are for another architecture.
    pub fn expect_architecture(&self, arch: Arch) -> Result<()> {
        let others = Arch::ALL.into_iter().filter(|other| *other != arch);
        let machines = PROGRAMS
            .iter()
            .filter_map(|name| Some((name, machine(&self.directory_place(name).ok()?)?)));
        let Some((name, machine)) = machines.into_iter().next() else {
            return Ok(());
        };
        let other = others
            .into_iter()
            .find(|other| other.elf_machine() == machine);
        ensure_none(other, |other| {
            let error = anyhow!(
                "{} is the root of an {other} system (see {name}), and the module is for {arch}",
                self.directory.display()
            );
            advised(
                error,
                format!(
                    "build it with --arch {other}, or with --kernel-src for the target's kernel"
                ),
            )
        })
    }
}

fn ensure_none<T>(value: Option<T>, error: impl FnOnce(T) -> anyhow::Error) -> Result<()> {
    value.map_or(Ok(()), |value| Err(error(value)))
}

/// `e_machine` of a little-endian ELF file.
fn machine(path: &Path) -> Option<u16> {
    let mut header = [0; 20];
    fs::File::open(path).ok()?.read_exact(&mut header).ok()?;
    let [magic @ .., low, high] = header;
    magic
        .starts_with(&object::elf::ELFMAG)
        .then(|| u16::from_le_bytes([low, high]))
}

/// Fails when the root has modules of other kernels only, or of this one and those half.
pub fn expect_release(root: &Root, release: &str, is_ours: bool) -> Result<bool> {
    let releases = root.releases()?;
    if !releases.iter().any(|other| other == release) {
        ensure!(
            releases.is_empty(),
            advised(
                anyhow!(
                    "{} has no modules of kernel {release}, for which the module was built, but of {}",
                    root.directory().display(),
                    releases.join(", ")
                ),
                "build for the target's kernel with --kernel-src, or install that kernel's own modules first (make \
                 modules_install)"
            )
        );
        return Ok(false);
    }
    let directory = root.modules()?.join(release);
    let is_complete = ["modules.dep", "modules.builtin"]
        .iter()
        .any(|name| directory.join(name).exists());
    let has_modules = !crate::check::target::packed::modules_under(&directory).is_empty();
    if has_modules && !is_complete && !is_ours {
        let error = anyhow!(
            "{} is half installed: it has modules, but neither modules.dep nor modules.builtin",
            directory.display()
        );
        return Err(error).advise("install the kernel's modules again (make modules_install)");
    }
    Ok(true)
}
