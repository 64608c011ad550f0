// SPDX-License-Identifier: GPL-2.0

//! The driver from the cache, or built into it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use super::lock::Lock;
use super::{fetch, options, python, userland};
use crate::arch::Arch;
use crate::host::{self, Need};
use crate::kernel::digest;
use crate::kernel::ensure::lock;
use crate::parallel;
use crate::process;
use crate::progress::Step;
use crate::project;

/// The driver's file name.
const FILE: &str = "libvulkan_freedreno.so";

/// turnip for the architecture; built when the cache does not have it.
pub(super) fn ensure(sh: &Shell, arch: Arch) -> anyhow::Result<PathBuf> {
    host::ensure(sh, &[Need::Mesa(arch)])?;
    let pins = Lock::load()?;
    let name = directory_name(sh, &pins, arch)?;
    let parent = project::cache()?.join("mesa");
    let driver = parent.join(&name).join(FILE);
    if driver.is_file() {
        return Ok(driver);
    }
    let _lock = lock(&parent, &name)?;
    if !driver.is_file() {
        let version = &pins.source.version;
        build(sh, &pins, arch, &parent.join(&name))
            .with_context(|| format!("building Mesa {version} for {arch}"))?;
    }
    Ok(driver)
}

/// A name for people, with a digest of everything that the driver depends on.
fn directory_name(sh: &Shell, pins: &Lock, arch: Arch) -> anyhow::Result<String> {
    let version = &pins.source.version;
    let mut text = format!("recipe {}\n{pins:?}\narch {arch}\n", options::RECIPE);
    let compiler = options::cpp_compiler(arch);
    let output = cmd!(sh, "{compiler} --version").env("LC_ALL", "C").quiet();
    let output = output
        .read()
        .with_context(|| format!("asking {compiler} for its version"))?;
    // A write to a String cannot fail.
    let _ = writeln!(text, "{}", output.lines().next().unwrap_or_default());
    text.push_str(&options::OPTIONS.join("\n"));
    text.push_str(&options::machine_file(arch, Path::new("")));
    let digest = digest::of_text(sh, &text)?;
    let short = digest.get(..8).unwrap_or(&digest);
    Ok(format!("{version}-{arch}-{short}"))
}

/// Builds the driver into the directory, which keeps nothing else of the build.
fn build(sh: &Shell, pins: &Lock, arch: Arch, directory: &Path) -> anyhow::Result<()> {
    let source = fetch::source(sh, &pins.source)?;
    let programs = python::ensure(sh, pins)?;
    let development = userland::ensure(sh, arch)?.development;
    sh.create_dir(directory)?;
    let build = directory.join("build");
    sh.remove_path(&build)?;
    let path = search_path(&programs)?;
    let _path = sh.push_env("PATH", path);
    let machine_file = directory.join("machine-file");
    sh.write_file(&machine_file, options::machine_file(arch, &development))?;
    configure(sh, arch, &source, &machine_file, &build)?;
    compile(sh, arch, &pins.source.version, &build)?;
    std::fs::rename(build.join(options::DRIVER), directory.join(FILE))
        .context("moving the driver into the cache")?;
    Ok(sh.remove_path(&build)?)
}

/// `PATH` with the programs of the Python environment first.
fn search_path(programs: &Path) -> anyhow::Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::iter::once(programs.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(directories).context("extending PATH")
}

fn configure(
    sh: &Shell,
    arch: Arch,
    source: &Path,
    machine_file: &Path,
    build: &Path,
) -> anyhow::Result<()> {
    let mut meson = cmd!(sh, "meson setup {build} {source}").args(options::OPTIONS);
    // Flags that the user has set for other programs would make another driver under the same name.
    for variable in ["CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS"] {
        meson = meson.env_remove(variable);
    }
    // A native file serves where programs of the architecture run: meson then may run what it builds.
    let kind = match arch.is_host() {
        true => "--native-file",
        false => "--cross-file",
    };
    meson = meson.arg(kind).arg(machine_file);
    let step = Step::start(format!("configuring Mesa for {arch}"));
    process::run_logged(&step, meson, &format!("mesa-configure-{arch}"))?;
    step.done();
    Ok(())
}

fn compile(sh: &Shell, arch: Arch, version: &str, build: &Path) -> anyhow::Result<()> {
    let jobs = parallel::processors().to_string();
    let driver = options::DRIVER;
    let ninja = cmd!(sh, "ninja -C {build} -j {jobs} {driver}");
    let step = Step::counted(format!("building Mesa {version} for {arch}"), 100);
    process::run_observed(&step, ninja, &format!("mesa-build-{arch}"), |step, line| {
        if let Some(percent) = percent(line) {
            step.set_position(percent);
        }
    })?;
    step.done();
    Ok(())
}

/// How far ninja says that it is: `[61/612] Compiling ...`.
fn percent(line: &str) -> Option<u64> {
    let (done, total) = line.strip_prefix('[')?.split_once(']')?.0.split_once('/')?;
    let (done, total): (u64, u64) = (done.parse().ok()?, total.parse().ok()?);
    (done * 100).checked_div(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninja_says_how_far_it_is() {
        assert_eq!(percent("[61/610] Compiling C object a.o"), Some(10));
        for other in [
            "ninja: Entering directory `build'",
            "[a/b]",
            "[1]",
            "[1/0] x",
        ] {
            assert_eq!(percent(other), None, "{other}");
        }
    }
}
