// SPDX-License-Identifier: GPL-2.0

//! One run of a virtual machine.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::Context;

use super::accelerator::Accelerator;
use super::device_tree::Overlay;
use super::directory::Directory;
use super::initramfs::{self, Entry};
use super::machine::Machine;
use super::qemu;
use super::report::Report;
use crate::arch::Arch;

/// What PID 1 does, and so what the outside world is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// It runs tests and reports them on the console.
    Tests,
    /// It runs a program whose output goes to our stdout.
    Command,
    /// It runs a program whose output the caller reads: [`Machine::take_output`].
    Stream,
    /// It runs a program on our terminal and leaves a shell there.
    Terminal,
    /// It is the init of an operating system, which is talked to over the network.
    System,
}

/// A virtual machine that is ready to be started.
#[derive(Clone, Debug)]
pub struct Run {
    /// Names the directory of the logs.
    pub name: String,
    /// The machine's architecture.
    pub arch: Arch,
    /// The kernel's image.
    pub image: PathBuf,
    /// The program that is PID 1: a file of the host that goes into the initramfs, or its place on the disk.
    pub init: PathBuf,
    /// The image of the root file system, which the machine writes to; where there is none, an initramfs is made.
    pub disk: Option<PathBuf>,
    /// Its arguments; it finds them in `/etc/arguments`, each ended by a zero byte.
    pub arguments: Vec<String>,
    /// Further files of the initramfs.
    pub files: Vec<Entry>,
    /// Further words for the kernel's command line.
    pub parameters: Vec<String>,
    /// Further arguments of QEMU: drives, networks.
    pub devices: Vec<String>,
    /// What its device tree has beside QEMU's own.
    pub device_tree: Option<Overlay>,
    /// What PID 1 does.
    pub job: Job,
    /// Memory, in MiB.
    pub memory: u32,
    /// Whether the host may back the memory by huge pages: those are dear to begin with, and good for whoever works on much
    /// memory for long.
    pub huge_pages: bool,
    /// How many processors.
    pub processors: u32,
    /// When a machine that has not ended by itself is ended; `None` is never.
    pub deadline: Option<Duration>,
    /// What executes the machine's instructions.
    pub accelerator: Accelerator,
}

impl Run {
    /// A machine that runs tests, with the usual resources.
    pub fn new(
        name: impl Into<String>,
        arch: Arch,
        image: impl Into<PathBuf>,
        init: impl Into<PathBuf>,
    ) -> Self {
        Self {
            name: name.into(),
            arch,
            image: image.into(),
            init: init.into(),
            disk: None,
            arguments: vec![],
            files: vec![],
            parameters: vec![],
            devices: vec![],
            device_tree: None,
            job: Job::Tests,
            memory: 512,
            huge_pages: false,
            processors: 2,
            deadline: Some(Duration::from_secs(120)),
            accelerator: Accelerator::Tcg,
        }
    }

    /// Gives the machine a virtio-serial port of that name; what it writes there goes to the file.
    pub fn add_port(&mut self, name: &str, file: &Path) {
        self.devices.extend(qemu::port(name, file));
    }

    /// Runs the machine to its end or to the deadline. The report says what came of it; an error means that there was
    /// nothing to report on.
    pub fn execute(&self) -> anyhow::Result<Report> {
        self.boot()?.finish()
    }

    /// Starts the machine and leaves it running.
    pub fn boot(&self) -> anyhow::Result<Machine> {
        let directory = Directory::create(&self.name)?;
        if self.disk.is_none() {
            initramfs::write(&directory.initramfs(), &self.entries())?;
        }
        if let Some(overlay) = &self.device_tree {
            overlay.apply(self, &directory)?;
        }
        let child = self.start(&directory)?;
        Ok(Machine::new(self.clone(), child, directory))
    }

    fn entries(&self) -> Vec<Entry> {
        let words: String = self
            .arguments
            .iter()
            .flat_map(|word| [word, "\0"])
            .collect();
        let mut entries = vec![
            Entry::file("/init", &self.init),
            Entry::text("/etc/arguments", words),
        ];
        entries.extend(self.files.iter().cloned());
        entries
    }

    fn start(&self, directory: &Directory) -> anyhow::Result<Child> {
        let mut command = qemu::command(self, directory);
        let (input, output) = match self.job {
            Job::Tests | Job::System => (Stdio::null(), Stdio::null()),
            // At the end of its input QEMU would unplug the port that the program writes to; a pipe that nobody closes
            // has no end.
            Job::Command => (Stdio::piped(), Stdio::inherit()),
            Job::Stream => (Stdio::piped(), Stdio::piped()),
            Job::Terminal => (Stdio::inherit(), Stdio::inherit()),
        };
        command
            .stdin(input)
            .stdout(output)
            .stderr(directory.create_errors()?);
        command
            .spawn()
            .with_context(|| format!("starting {}", self.arch.qemu()))
    }
}
