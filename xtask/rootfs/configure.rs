// SPDX-License-Identifier: GPL-2.0

//! Has the packages' own maintainer scripts make a system of them, in a virtual machine of their architecture: no
//! emulation of single programs, and nothing of the host is involved.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use xshell::Shell;

use super::{image, key};
use crate::progress::Step;
use crate::vm::Workshop;

/// The script's place in the system.
const SCRIPT: &str = "configure.sh";

/// How long it may take; without acceleration and on a busy host it takes minutes.
const DEADLINE: Duration = Duration::from_secs(1800);

/// Memory of the machine, in MiB.
const MEMORY: u32 = 1024;

/// Writes the archive of the system that the unpacked packages in the directory make.
pub(super) fn configure(
    sh: &Shell,
    workshop: &Workshop,
    directory: &Path,
    archive: &Path,
) -> anyhow::Result<()> {
    let script = directory.join(SCRIPT);
    fs::write(&script, key::CONFIGURE).with_context(|| format!("writing {}", script.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
        .context("making the script executable")?;
    let image = archive.with_extension("disk");
    image::write(sh, directory, &image)?;
    let arch = workshop.target.arch;
    let step = Step::start(format!(
        "running the maintainer scripts in an {arch} machine"
    ));
    let mut run = workshop.system(&format!("configure-{arch}"), &image);
    run.init = format!("/{SCRIPT}").into();
    run.deadline = Some(DEADLINE);
    run.memory = MEMORY;
    let backend = format!("file,id=archive,path={}", archive.display());
    let port = "virtserialport,chardev=archive,name=archive";
    run.devices = ["-chardev", &backend, "-device", port]
        .map(str::to_owned)
        .into();
    let report = run.execute()?;
    let removing = || format!("removing {}", image.display());
    fs::remove_file(&image).with_context(removing)?;
    anyhow::ensure!(
        report.passed(),
        "the packages' scripts did not come to their end; the end of {}:\n{}",
        report.console().display(),
        report.console_tail()
    );
    step.done();
    Ok(())
}
