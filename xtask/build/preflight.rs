// SPDX-License-Identifier: GPL-2.0

//! The examination of a kernel tree before a module is built against it: what would surface as E0463, as a broken link
//! or as a refused module becomes one error with its cause and its mend.

use std::path::Path;

use xshell::Shell;

use crate::arch::Arch;
use crate::build::artefacts;
use crate::build::cause::Cause;
use crate::build::compiler;
use crate::build::directories::{self, Directories};
use crate::kernel::config::{self, Config};
use crate::kernel::{series, Tree};
use crate::manifest::Module;

/// Examines the kernel in the directory, with its build directory if that is named too, for the module.
pub fn examine(
    sh: &Shell,
    module: &Module,
    kernel: &Path,
    build: Option<&Path>,
) -> Result<Tree, Cause> {
    let Directories { source, build } = directories::find(kernel, build)?;
    let config = config::read(&build).map_err(|_| Cause::Unconfigured(build.clone()))?;
    let arch = architecture(&build, &config)?;
    let release = release(&build)?;
    let series = series::of_release(&release);
    check_series(module, &series, &release)?;
    check_options(module, &config)?;
    let toolchain = compiler::find(sh, arch, &config)?;
    artefacts::check(&build, &series, &config)?;
    check_symvers(&build, &config)?;
    let image = build.join(arch.image_path());
    Ok(Tree {
        arch,
        series,
        release,
        source,
        build,
        image,
        toolchain,
    })
}

fn architecture(build: &Path, config: &Config) -> Result<Arch, Cause> {
    let arch = Arch::ALL
        .into_iter()
        .find(|arch| config.is_set(arch.config_option()));
    arch.ok_or_else(|| Cause::UnknownArchitecture(build.to_owned()))
}

/// The release that the kernel's build settled on.
fn release(build: &Path) -> Result<String, Cause> {
    let text = std::fs::read_to_string(build.join("include/config/kernel.release"));
    text.map(|text| text.trim().to_owned())
        .map_err(|_| Cause::Unprepared(build.to_owned()))
}

fn check_series(module: &Module, series: &str, release: &str) -> Result<(), Cause> {
    if module.series.iter().any(|supported| supported == series) {
        return Ok(());
    }
    Err(Cause::UnsupportedSeries {
        release: release.to_owned(),
        supported: module.series.clone(),
    })
}

fn check_options(module: &Module, config: &Config) -> Result<(), Cause> {
    if !config.is_set("MODULES") {
        return Err(Cause::NoModules);
    }
    if !config.is_set("RUST") {
        return Err(Cause::NoRust);
    }
    let missing: Vec<String> = module
        .required_options
        .iter()
        .filter(|name| !config.is_set(name))
        .cloned()
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Cause::MissingOptions(missing)),
    }
}

fn check_symvers(build: &Path, config: &Config) -> Result<(), Cause> {
    let path = build.join("Module.symvers");
    match path.is_file() {
        true => Ok(()),
        false => Err(Cause::NoSymvers {
            path,
            modversions: config.is_set("MODVERSIONS"),
        }),
    }
}
