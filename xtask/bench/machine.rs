// SPDX-License-Identifier: GPL-2.0

//! The description of a machine, without which a number says nothing.

use std::fs;

use serde::{Deserialize, Serialize};
use xshell::{cmd, Shell};

use crate::vm::Workshop;

/// Where something was measured, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    /// The host's processor.
    pub(super) processor: String,
    /// How many of them.
    pub(super) processors: usize,
    /// How busy the host was when the run began: the load average of a minute.
    pub(super) load: String,
    /// What executes the virtual machine's instructions.
    pub(super) accelerator: String,
    /// The version of QEMU.
    pub(super) qemu: String,
    /// The virtual machine's architecture.
    pub(super) arch: String,
    /// Its kernel.
    pub(super) kernel: String,
    /// The state of the module's source.
    pub(super) source: String,
}

impl Machine {
    /// Describes this machine.
    pub(super) fn describe(sh: &Shell, workshop: &Workshop) -> Self {
        let qemu = workshop.target.arch.qemu();
        let version = cmd!(sh, "{qemu} --version").quiet().read();
        let source = cmd!(sh, "git describe --always --dirty")
            .quiet()
            .ignore_stderr()
            .read();
        Self {
            processor: processor(),
            processors: crate::parallel::processors(),
            load: load(),
            accelerator: workshop.accelerator().to_string(),
            qemu: first_line(version.unwrap_or_default()),
            arch: workshop.target.arch.to_string(),
            kernel: format!("{} ({})", workshop.tree().release, workshop.target.profile),
            source: source.unwrap_or_else(|_| "unknown".to_owned()),
        }
    }

    /// Whether times of both may be compared.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let key = |machine: &Self| {
            (
                machine.processor.clone(),
                machine.processors,
                machine.accelerator.clone(),
                machine.qemu.clone(),
                machine.arch.clone(),
                machine.kernel.clone(),
            )
        };
        key(self) == key(other)
    }

    /// The description in a few lines.
    pub(super) fn text(&self) -> String {
        format!(
            "{} x {}, load {}\n{}, accelerator {}\n{} kernel {}, source {}\n",
            self.processors,
            self.processor,
            self.load,
            self.qemu,
            self.accelerator,
            self.arch,
            self.kernel,
            self.source
        )
    }
}

/// What the host's kernel calls the processor: x86 has a name for it, arm64 numbers.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))
            .map(|value| value.trim().to_owned())
    };
    value("model name")
        .or_else(|| value("CPU part").map(|part| format!("CPU part {part}")))
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn first_line(text: String) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
