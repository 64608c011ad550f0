// SPDX-License-Identifier: GPL-2.0

//! The root directory of a target: a sysroot, an unpacked image, or `/` itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Result};

use super::{image, installed, modules, packed, running, tree, vmlinux, Target};
use crate::advice::Advise;
use crate::check::config::Config;
use crate::check::exports::Exports;

/// Whether a directory is the root of a target.
pub fn is_sysroot(directory: &Path) -> bool {
    module_parent(directory).is_some() || running::is_running(directory)
}

fn module_parent(root: &Path) -> Option<PathBuf> {
    ["lib/modules", "usr/lib/modules"]
        .iter()
        .map(|parent| root.join(parent))
        .find(|parent| parent.is_dir())
}

/// Reads a root directory. `release` chooses where it holds several kernels.
pub fn read(root: &Path, release: Option<&str>) -> Result<Target> {
    let mut target = Target {
        kind: "root directory",
        ..Target::default()
    };
    if running::is_running(root) {
        running::read(root, &mut target);
    }
    let running = target.release.clone();
    let release = choose_release(root, release.or(running.as_deref()))?;
    if running.is_some_and(|running| running != release) {
        target = Target {
            kind: "root directory",
            ..Target::default()
        };
    }
    target.release = Some(release.clone());
    let directory = module_parent(root).unwrap_or_default().join(&release);
    let installed = installed::read(&directory);
    target.modprobe = installed::configuration(root);
    read_config(root, &directory, &release, &mut target);
    read_symvers(root, &directory, &release, &mut target)?;
    read_kernel(root, &directory, &release, &mut target);
    target.machine = target
        .machine
        .or_else(|| target.config.as_ref().and_then(tree::machine_of));
    target.module_size = target.module_size.or_else(|| tree::module_size(&installed));
    if target.exports.is_empty() {
        target.gaps.push(String::from(
            "exports: no Module.symvers and no vmlinux; only those that the modules use are known",
        ));
        modules::learn(&installed, &mut target);
    }
    target.installed = Some(installed);
    Ok(target)
}

fn choose_release(root: &Path, wanted: Option<&str>) -> Result<String> {
    let parent = module_parent(root).unwrap_or_default();
    let entries = fs::read_dir(&parent).into_iter().flatten().flatten();
    let mut releases: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    releases.sort();
    match (wanted, releases.as_slice()) {
        (Some(wanted), []) if running::is_running(root) => Ok(String::from(wanted)),
        (Some(wanted), releases) if releases.iter().any(|release| release == wanted) => {
            Ok(String::from(wanted))
        }
        (Some(wanted), releases) => bail!(
            "{} has no modules of {wanted}, only of: {}",
            parent.display(),
            releases.join(", ")
        ),
        (None, [only]) => Ok(only.clone()),
        (None, []) => bail!("{} is empty", parent.display()),
        (None, several) => Err(anyhow::anyhow!(
            "{} has modules of several kernels: {}",
            parent.display(),
            several.join(", ")
        ))
        .advise("name one with --release"),
    }
}

/// The first of several places that is there. A link that leaves the root is followed inside it.
fn first(root: &Path, places: &[String]) -> Option<PathBuf> {
    let resolve = |place: &String| {
        let path = root.join(place);
        path.exists().then_some(path)
    };
    places.iter().find_map(resolve)
}

/// The tree that `lib/modules/RELEASE/build` points at, inside the root.
fn build_tree(root: &Path, directory: &Path) -> Option<PathBuf> {
    let link = fs::read_link(directory.join("build")).ok()?;
    let inside = link
        .strip_prefix("/")
        .map(|link| root.join(link))
        .unwrap_or_else(|_| directory.join(&link));
    [inside, directory.join("build")]
        .into_iter()
        .find(|path| path.is_dir())
}

fn read_config(root: &Path, directory: &Path, release: &str, target: &mut Target) {
    let places = [
        format!("boot/config-{release}"),
        format!("usr/lib/modules/{release}/config"),
        format!("lib/modules/{release}/config"),
    ];
    let tree = build_tree(root, directory).map(|tree| tree.join(".config"));
    let path = first(root, &places).or(tree.filter(|path| path.exists()));
    let text = path
        .and_then(|path| packed::read(&path).ok())
        .and_then(|text| String::from_utf8(text).ok());
    target.config = target
        .config
        .take()
        .or(text.map(|text| Config::parse(&text)));
}

fn read_symvers(root: &Path, directory: &Path, release: &str, target: &mut Target) -> Result<()> {
    let mut places = Vec::new();
    for suffix in ["", ".gz", ".xz", ".zst"] {
        places.push(format!("boot/symvers-{release}{suffix}"));
        places.push(format!("lib/modules/{release}/symvers{suffix}"));
    }
    for tree in ["usr/src/linux-headers-", "usr/src/kernels/", "usr/src/"] {
        places.push(format!("{tree}{release}/Module.symvers"));
    }
    places.push(String::from("usr/src/kernel/Module.symvers"));
    let tree = build_tree(root, directory).map(|tree| tree.join("Module.symvers"));
    let Some(path) = first(root, &places).or(tree.filter(|path| path.exists())) else {
        return Ok(());
    };
    target.exports = tree::symvers(&path, &mut target.gaps)?;
    Ok(())
}

/// What the kernel itself tells, where one is there; an image is unpacked only for what is still missing.
fn read_kernel(root: &Path, directory: &Path, release: &str, target: &mut Target) {
    let elf = [
        format!("boot/vmlinux-{release}"),
        format!("usr/lib/debug/boot/vmlinux-{release}"),
        format!("usr/lib/debug/lib/modules/{release}/vmlinux"),
        format!("lib/modules/{release}/vmlinux"),
    ];
    let images = [
        format!("boot/vmlinuz-{release}"),
        format!("boot/Image-{release}"),
        format!("boot/Image.gz-{release}"),
        format!("boot/bzImage-{release}"),
        format!("boot/zImage-{release}"),
        format!("lib/modules/{release}/vmlinuz"),
        format!("usr/lib/modules/{release}/vmlinuz"),
        String::from("boot/vmlinuz"),
        String::from("boot/Image"),
        String::from("boot/Image.gz"),
        String::from("boot/bzImage"),
    ];
    let tree = build_tree(root, directory)
        .map(|tree| tree.join("vmlinux"))
        .filter(|path| path.exists());
    let is_enough = !target.exports.is_empty() && target.config.is_some();
    target.kernel = first(root, &elf).or(tree).or_else(|| first(root, &images));
    let Some(path) = target.kernel.clone().filter(|_| !is_enough) else {
        return;
    };
    match packed::read(&path) {
        Ok(bytes) => {
            let kernel = image::kernel(bytes);
            target.machine = target.machine.or(kernel.machine);
            let mut found = Target {
                release: target.release.clone(),
                ..Target::default()
            };
            vmlinux::read(&kernel.bytes, &mut found);
            adopt(found, target);
        }
        Err(error) => target.gaps.push(format!("{}: {error}", path.display())),
    }
}

/// Takes what a kernel image tells and the target does not know yet.
fn adopt(found: Target, target: &mut Target) {
    target.config = target.config.take().or(found.config);
    target.vermagic = target.vermagic.take().or(found.vermagic);
    target.module_size = target.module_size.or(found.module_size);
    target.certificates = target.certificates.take().or(found.certificates);
    target.machine = target.machine.or(found.machine);
    if target.exports.is_empty() {
        target.exports = std::mem::take::<Exports>(&mut { found.exports });
    }
}
