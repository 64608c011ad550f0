// SPDX-License-Identifier: GPL-2.0

//! What executes a machine's instructions. That `/dev/kvm` is there says little: on some hosts it can be opened, and
//! then an ordinary kernel hangs on it. So a kernel is booted on it, once, and the outcome is remembered.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{bail, Context};
use serde::{Deserialize, Serialize};
use xshell::Shell;

use super::run::Run;
use crate::arch::Arch;
use crate::project;
use crate::toolchain;

/// The environment variable that decides instead of the probe: `kvm` or `tcg`.
pub const VARIABLE: &str = "KGSL_SHIM_ACCEL";

/// How long the probe may take: several times what a boot takes without acceleration.
const DEADLINE: Duration = Duration::from_secs(10);

/// An accelerator of QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accelerator {
    /// The processor itself.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

impl fmt::Display for Accelerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Accelerator::Kvm => "kvm",
            Accelerator::Tcg => "tcg",
        })
    }
}

/// An accelerator and why it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The accelerator.
    pub accelerator: Accelerator,
    /// Why it was chosen.
    pub reason: String,
}

impl Choice {
    fn new(accelerator: Accelerator, reason: impl Into<String>) -> Self {
        Self {
            accelerator,
            reason: reason.into(),
        }
    }
}

/// What the probe found, and on what host.
#[derive(Serialize, Deserialize)]
struct Remembered {
    host: String,
    choice: Choice,
}

/// Chooses the accelerator for machines of the architecture; the probe boots the kernel with `init` as PID 1.
pub fn choose(sh: &Shell, arch: Arch, image: &Path, init: &Path) -> anyhow::Result<Choice> {
    if let Some(choice) = decided(arch)? {
        return Ok(choice);
    }
    let host = host(sh, arch)?;
    let file = file(arch)?;
    if let Some(choice) = recall(&file, &host) {
        return Ok(choice);
    }
    let choice = probe(arch, image, init)?;
    remember(
        &file,
        &Remembered {
            host,
            choice: choice.clone(),
        },
    )?;
    Ok(choice)
}

/// What needs no probe.
fn decided(arch: Arch) -> anyhow::Result<Option<Choice>> {
    let named = std::env::var(VARIABLE).unwrap_or_default();
    match named.as_str() {
        "" => {}
        "kvm" => {
            return Ok(Some(Choice::new(
                Accelerator::Kvm,
                format!("{VARIABLE} says so"),
            )))
        }
        "tcg" => {
            return Ok(Some(Choice::new(
                Accelerator::Tcg,
                format!("{VARIABLE} says so"),
            )))
        }
        _ => bail!("{VARIABLE}={named}: it is kvm or tcg"),
    }
    if !arch.is_host() {
        let reason = format!("an {arch} machine on an {} host", std::env::consts::ARCH);
        return Ok(Some(Choice::new(Accelerator::Tcg, reason)));
    }
    let opened = OpenOptions::new().read(true).write(true).open("/dev/kvm");
    Ok(opened.err().map(|error| {
        Choice::new(
            Accelerator::Tcg,
            format!("/dev/kvm cannot be opened: {error}"),
        )
    }))
}

/// What the outcome of the probe depends on.
fn host(sh: &Shell, arch: Arch) -> anyhow::Result<String> {
    let version = toolchain::first_line(sh, Path::new(arch.qemu()))?;
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")
        .context("reading the host's kernel release")?;
    Ok(format!("{version} on Linux {}", kernel.trim()))
}

fn probe(arch: Arch, image: &Path, init: &Path) -> anyhow::Result<Choice> {
    eprintln!("accelerator: booting a kernel on /dev/kvm to see whether it works");
    let mut run = Run::new(format!("probe-{arch}"), arch, image, init);
    run.arguments = vec!["--test=harness.passes".to_owned()];
    run.accelerator = Accelerator::Kvm;
    run.deadline = Some(DEADLINE);
    let report = run.execute().context("probing /dev/kvm")?;
    Ok(match report.problems.first() {
        None => Choice::new(Accelerator::Kvm, "a kernel booted on it"),
        Some(problem) => {
            let problem = problem.to_string();
            let reason = problem.lines().next().unwrap_or_default();
            Choice::new(Accelerator::Tcg, format!("on kvm, {reason}"))
        }
    })
}

fn file(arch: Arch) -> anyhow::Result<PathBuf> {
    Ok(project::cache()?
        .join("accelerator")
        .join(format!("{arch}.json")))
}

fn recall(file: &Path, host: &str) -> Option<Choice> {
    let text = fs::read_to_string(file).ok()?;
    let remembered: Remembered = serde_json::from_str(&text).ok()?;
    (remembered.host == host).then_some(remembered.choice)
}

fn remember(file: &Path, remembered: &Remembered) -> anyhow::Result<()> {
    let directory = file
        .parent()
        .context("the accelerator's file has no directory")?;
    fs::create_dir_all(directory).with_context(|| format!("creating {}", directory.display()))?;
    fs::write(file, serde_json::to_string_pretty(remembered)?)
        .with_context(|| format!("writing {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_recalled_on_the_same_host_only() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("cache/x.json");
        let choice = Choice::new(Accelerator::Kvm, "a kernel booted on it");
        remember(
            &file,
            &Remembered {
                host: "A".to_owned(),
                choice: choice.clone(),
            },
        )
        .unwrap();
        assert_eq!(recall(&file, "A"), Some(choice));
        assert_eq!(recall(&file, "B"), None);
    }

    #[test]
    fn a_damaged_memory_is_no_memory() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("x.json");
        fs::write(&file, "{").unwrap();
        assert_eq!(recall(&file, "A"), None);
    }
}
