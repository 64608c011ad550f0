// SPDX-License-Identifier: GPL-2.0

//! What templates see: the manifest, and what follows from it.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use crate::generate::yocto::Yocto;
use crate::manifest::Manifest;
use crate::project;

/// What a template can name.
#[derive(Serialize)]
pub struct Facts<'a> {
    /// Everything in the manifest, under its own names.
    #[serde(flatten)]
    pub manifest: &'a Manifest,
    /// The SPDX identifier of the licence.
    pub spdx: &'static str,
    /// The object files of the module, from the repository's root, in the order in which they are linked.
    pub object_files: Vec<String>,
    /// The directories of the C sources, from the repository's root.
    pub include_directories: BTreeSet<String>,
    /// What Kbuild leaves beside the sources, from the directory that it builds in.
    pub leavings: Vec<String>,
    /// The supported series.
    pub kernels: Vec<Kernel>,
    /// What only the Yocto layer needs.
    pub yocto: Yocto,
}

/// A supported kernel series.
#[derive(Serialize)]
pub struct Kernel {
    /// Its name, such as `6.18`.
    pub name: String,
    /// The `cfg` that Rust code sees on kernels of this series and later ones.
    pub cfg: String,
    /// A number that grows with the series: 1000 times the version, plus the patch level.
    pub number: u32,
}

impl<'a> Facts<'a> {
    /// What follows from the manifest.
    pub fn new(manifest: &'a Manifest) -> anyhow::Result<Facts<'a>> {
        let module = &manifest.module;
        let object_files = object_files(&module.objects);
        Ok(Facts {
            manifest,
            spdx: "GPL-2.0",
            include_directories: include_directories(&module.objects),
            leavings: leavings(&module.name, &object_files),
            object_files,
            yocto: Yocto::new(module)?,
            kernels: module
                .series
                .iter()
                .map(|series| kernel(series))
                .collect::<anyhow::Result<_>>()?,
        })
    }
    /// What Kbuild passes to rustc as `--cfg` on a kernel of the series.
    pub fn cfgs(&self, series: &str) -> Vec<String> {
        let number = kernel(series).map_or(0, |kernel| kernel.number);
        let known = self.kernels.iter().filter(|kernel| kernel.number <= number);
        known.map(|kernel| kernel.cfg.clone()).collect()
    }
}

/// The object files of the sources, those of C first: in this order the linker lists what the module imports, and the kernel
/// compares the name of each import with all names before it, of which those of Rust are the longest.
fn object_files(sources: &[String]) -> Vec<String> {
    let (c, rust): (Vec<_>, Vec<_>) = sources.iter().partition(|source| source.ends_with(".c"));
    let sources = c.into_iter().chain(rust);
    sources.map(|source| object_file(source)).collect()
}

/// The object that Kbuild makes of a source file of the module.
fn object_file(source: &str) -> String {
    let path = Path::new(project::MODULE_DIR)
        .join(source)
        .with_extension("o");
    path.display().to_string()
}

/// The directories of the C sources. The kernel's own headers find those of trace events by their name only.
fn include_directories(sources: &[String]) -> BTreeSet<String> {
    let of_c = sources.iter().filter(|source| source.ends_with(".c"));
    let paths = of_c.map(|source| Path::new(project::MODULE_DIR).join(source));
    paths
        .filter_map(|path| Some(path.parent()?.display().to_string()))
        .collect()
}

/// The files that a build leaves, so that `clean` can remove them and nothing else.
fn leavings(name: &str, object_files: &[String]) -> Vec<String> {
    let products = ["ko", "o", "mod", "mod.c", "mod.o"].map(|suffix| format!("{name}.{suffix}"));
    let common = ["Module.symvers", "modules.order", ".module-common.o"].map(str::to_owned);
    let with_command = products
        .into_iter()
        .chain(common)
        .chain(object_files.iter().cloned());
    with_command
        .flat_map(|file| [format!("{}.cmd", hidden(&file)), file])
        .collect()
}

/// The path with a dot before its file name.
fn hidden(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, name)) => format!("{directory}/.{name}"),
        None => format!(".{path}"),
    }
}

fn kernel(series: &str) -> anyhow::Result<Kernel> {
    let numbers = series.split_once('.').and_then(|(version, patch_level)| {
        let number = version
            .parse::<u32>()
            .ok()?
            .checked_mul(1000)?
            .checked_add(patch_level.parse().ok()?)?;
        Some((format!("kernel_at_least_{version}_{patch_level}"), number))
    });
    match numbers {
        Some((cfg, number)) => Ok(Kernel {
            name: series.to_owned(),
            cfg,
            number,
        }),
        None => {
            anyhow::bail!("`series` holds {series:?}, which is not of the form VERSION.PATCHLEVEL")
        }
    }
}
