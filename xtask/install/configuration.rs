// SPDX-License-Identifier: GPL-2.0

//! The configuration files of the module, with their places in a root directory.

use std::path::PathBuf;

use anyhow::{anyhow, Result};

use crate::advice::Advise;
use crate::generate::{outputs, render};
use crate::install::{Layout, Options, Root};
use crate::manifest::Manifest;

/// The files: place and text.
pub fn files(
    root: &Root,
    manifest: &Manifest,
    layout: Layout,
    options: &Options,
) -> Result<Vec<(PathBuf, String)>> {
    let directories = layout.directories(root);
    let mut wanted = vec![
        (directories.modprobe, &outputs::MODPROBE),
        (directories.udev, &outputs::UDEV),
    ];
    if !options.no_autoload {
        wanted.push((directories.modules_load, &outputs::MODULES_LOAD));
    }
    let mut files = Vec::new();
    for (directory, output) in wanted {
        let file = render::file(manifest, output)?;
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        if !file.text.is_empty() {
            files.push((root.place(&format!("{directory}/{name}"))?, file.text));
        }
    }
    files.extend(parameters(root, manifest, &options.parameters)?);
    Ok(files)
}

/// The parameters that the user sets. They are the administrator's matter: /etc, whatever the layout.
fn parameters(
    root: &Root,
    manifest: &Manifest,
    parameters: &[String],
) -> Result<Option<(PathBuf, String)>> {
    if parameters.is_empty() {
        return Ok(None);
    }
    for parameter in parameters {
        check_parameter(manifest, parameter)?;
    }
    let file = render::file(manifest, &outputs::OPTIONS)?;
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let text = format!(
        "{}options {} {}\n",
        file.text,
        manifest.module.name,
        parameters.join(" ")
    );
    Ok(Some((root.place(&format!("etc/modprobe.d/{name}"))?, text)))
}

fn check_parameter(manifest: &Manifest, parameter: &str) -> Result<()> {
    let known = &manifest.module.parameters;
    let is_known = parameter
        .split_once('=')
        .is_some_and(|(name, _)| known.iter().any(|known| known.name == name));
    if is_known && !parameter.contains(['\n', '\\', '#']) {
        return Ok(());
    }
    let names: Vec<&str> = known.iter().map(|known| known.name.as_str()).collect();
    Err(anyhow!(
        "{parameter:?} sets no parameter of {}",
        manifest.module.name
    ))
    .advise(format!(
        "NAME=VALUE with one of these names: {}",
        names.join(", ")
    ))
}
