// SPDX-License-Identifier: GPL-2.0

//! virtme-ng, the usual way to boot a kernel on the host's own files, doing the load test's job: boot the same image, insert
//! the same module, look for its node, remove it, and end.

use std::path::{Path, PathBuf};
use std::process::Command;

use xshell::Shell;

use crate::manifest::{Manifest, Module};
use crate::progress;
use crate::python::Environment;
use crate::vm::{shell, Accelerator, Workshop};

/// virtme-ng and what it needs, from the Python package index.
const REQUIREMENTS: [&str; 7] = [
    "virtme-ng==1.42",
    "argcomplete==3.7.2",
    "requests==2.34.2",
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "idna==3.20",
    "urllib3==2.8.0",
];

/// What the job says when all of it went well. Where the host has no udev, virtme-ng has no other way to tell.
const PASSED: &str = "the-load-test-has-passed";

/// The command that does the job, and succeeds when the module came and went. `None` where virtme-ng cannot be had, or the
/// kernel is not for the host's architecture, whose programs virtme-ng runs.
pub(super) fn command(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Option<Command>> {
    if !workshop.target.arch.is_host() {
        return Ok(None);
    }
    let program = match ensure(sh) {
        Ok(program) => program,
        Err(error) => {
            progress::note(format!("nothing to compare the load test with: {error:#}"));
            return Ok(None);
        }
    };
    let job = job(sh, workshop)?;
    let script = format!(
        "said=$(\"$@\" 2>&1); case $said in *{PASSED}*) ;; *) printf '%s\\n' \"$said\" | tail -n 20 >&2; exit 1;; esac"
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(&program);
    command.args(arguments(workshop, &job));
    // It finds its other half by PATH.
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let directories = program.parent().map(Path::to_path_buf).into_iter();
    let path = std::env::join_paths(directories.chain(std::env::split_paths(&inherited)))?;
    command.env("PATH", path);
    Ok(Some(command))
}

/// virtme-ng's arguments. It has no better way of showing the kernel's log, which is shown by ours as well.
fn arguments(workshop: &Workshop, job: &str) -> Vec<String> {
    let image = workshop.tree().image.display().to_string();
    let words = [
        "--run",
        &image,
        "--verbose",
        "--cpus",
        "2",
        "--memory",
        "512M",
        // Our kernels have no ACPI, and so no other way to end a machine.
        "--append",
        "reboot=t",
    ];
    let accelerator = match workshop.accelerator() {
        Accelerator::Kvm => None,
        Accelerator::Tcg => Some("--disable-kvm"),
    };
    words
        .into_iter()
        .chain(accelerator)
        .chain(["--", job])
        .map(str::to_owned)
        .collect()
}

/// What a shell in the machine does.
fn job(sh: &Shell, workshop: &Workshop) -> anyhow::Result<String> {
    let module = workshop.stripped(sh)?;
    let busybox = shell::ensure(sh, workshop.target.arch)?;
    let Module { name, udev, .. } = Manifest::load()?.module;
    let looks: Vec<String> = udev
        .iter()
        .map(|node| format!("test -c /dev/{} && ", node.kernel))
        .collect();
    Ok(format!(
        "insmod {} && {}rmmod {name} && echo {PASSED}; {} reboot -f",
        module.display(),
        looks.concat(),
        busybox.display()
    ))
}

/// The program; installed when the cache does not have it.
fn ensure(sh: &Shell) -> anyhow::Result<PathBuf> {
    let programs = Environment {
        name: "virtme",
        about: "virtme-ng",
        requirements: &REQUIREMENTS.map(str::to_owned),
    }
    .ensure(sh)?;
    Ok(programs.join("vng"))
}
