// SPDX-License-Identifier: GPL-2.0

//! What arrives in a root directory, stays the same, and goes again.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use anyhow::{ensure, Context, Result};

use super::bench::{expect_error, expect_same, expect_same_content, Bench};
use crate::install::{Layout, Options};
use crate::manifest::Manifest;

/// A staging directory with nothing in it is filled, and is empty afterwards.
pub(super) fn empty_root(bench: &Bench<'_>) -> Result<()> {
    let installed = bench.install(Options::default())?;
    ensure!(installed.layout == Layout::Etc && installed.changed);
    for file in &installed.files {
        let mode = fs::metadata(file)
            .with_context(|| format!("{} is missing", file.display()))?
            .permissions()
            .mode();
        ensure!(mode & 0o7777 == 0o644, "{}: mode {mode:o}", file.display());
    }
    unchanged(bench)?;
    bench.uninstall()?;
    let left = bench.snapshot()?;
    ensure!(left.is_empty(), "left behind: {left:?}");
    expect_error(bench.uninstall(), "is not installed")
}

/// A system with systemd and the kernel's own modules is afterwards as it was, byte for byte.
pub(super) fn systemd_root(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let before = bench.snapshot()?;
    let installed = bench.install(Options::default())?;
    ensure!(installed.layout == Layout::Systemd);
    let name = Manifest::load()?.module.name;
    let wanted = [
        format!("usr/lib/modules-load.d/{name}.conf"),
        format!("usr/lib/modprobe.d/{name}.conf"),
        format!("usr/lib/udev/rules.d/60-{name}.rules"),
        format!("lib/modules/{}/updates/{name}.ko", installed.release),
    ];
    for file in wanted {
        ensure!(bench.root().join(&file).is_file(), "{file} is missing");
    }
    ensure!(
        bench.modules().join("kernel").is_dir(),
        "the kernel's own modules are gone"
    );
    unchanged(bench)?;
    bench.uninstall()?;
    expect_same_content(&before, &bench.snapshot()?)
}

/// A second installation changes nothing, not even a time.
fn unchanged(bench: &Bench<'_>) -> Result<()> {
    let before = bench.snapshot()?;
    let again = bench.install(Options::default())?;
    ensure!(
        !again.changed,
        "the second installation has changed something"
    );
    expect_same(&before, &bench.snapshot()?)
}

/// Parameters go to a file that modprobe reads; without them, a second installation takes it away.
pub(super) fn parameters(bench: &Bench<'_>) -> Result<()> {
    let module = Manifest::load()?.module;
    let parameter = module
        .parameters
        .first()
        .context("the module has no parameter")?;
    let parameters = vec![format!("{}=value", parameter.name)];
    let options = Options {
        parameters,
        no_autoload: true,
        ..Options::default()
    };
    bench.install(options)?;
    let place = format!("etc/modprobe.d/{}-options.conf", module.name);
    let text = fs::read_to_string(bench.root().join(&place))?;
    let line = format!("\noptions {} {}=value\n", module.name, parameter.name);
    ensure!(text.contains(&line), "{text}");
    ensure!(!bench.root().join("etc/modules-load.d").exists());
    bench.install(Options::default())?;
    ensure!(!bench.root().join(&place).exists());
    let unknown = Options {
        parameters: vec!["colour=red".to_owned()],
        ..Options::default()
    };
    expect_error(bench.install(unknown), "sets no parameter")
}
