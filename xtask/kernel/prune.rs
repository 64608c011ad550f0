// SPDX-License-Identifier: GPL-2.0

//! Removing from a built kernel what neither a module's build, nor a boot, nor a debugger needs: half of its size.

use std::path::Path;

use anyhow::Context;

/// Top directories that a module's build runs programs from, or links: they stay whole.
const KEPT_DIRECTORIES: &[&str] = &["rust", "scripts", "tools", "certs", "include"];

/// Intermediate files of the top directory.
const INTERMEDIATE: &[&str] = &["vmlinux.unstripped", ".vmlinux.export.c"];

/// Prunes the build directory.
pub fn prune(build: &Path) -> anyhow::Result<()> {
    for entry in entries(build)? {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            if !KEPT_DIRECTORIES.contains(&name.as_ref()) {
                prune_objects(&path)?;
            }
        } else if name.starts_with(".tmp_vmlinux")
            || INTERMEDIATE.contains(&name.as_ref())
            || is_object(&name)
        {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Removes the objects and archives below the directory.
fn prune_objects(directory: &Path) -> anyhow::Result<()> {
    for entry in entries(directory)? {
        let path = entry.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            prune_objects(&path)?;
        } else if is_object(&entry.file_name().to_string_lossy()) {
            remove(&path)?;
        }
    }
    Ok(())
}

fn is_object(name: &str) -> bool {
    name.ends_with(".o") || name.ends_with(".a")
}

fn entries(directory: &Path) -> anyhow::Result<Vec<std::fs::DirEntry>> {
    let reading = || format!("reading {}", directory.display());
    directory
        .read_dir()
        .with_context(reading)?
        .collect::<Result<_, _>>()
        .with_context(reading)
}

fn remove(path: &Path) -> anyhow::Result<()> {
    std::fs::remove_file(path).with_context(|| format!("removing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_go_and_what_modules_need_stays() {
        let directory = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        let gone = [
            "vmlinux.o",
            ".tmp_vmlinux1",
            "mm/slub.o",
            "drivers/gpu/built-in.a",
            "vmlinux.unstripped",
        ];
        let kept = [
            "vmlinux",
            "Module.symvers",
            "scripts/mod/modpost.o",
            "rust/core.o",
            "drivers/gpu/vgem.ko",
        ];
        gone.iter().chain(&kept).for_each(|name| put(name));
        prune(directory.path()).unwrap();
        let left = |name: &&&str| directory.path().join(name).exists();
        assert_eq!(gone.iter().filter(left).count(), 0);
        assert_eq!(kept.iter().filter(left).count(), kept.len());
    }
}
