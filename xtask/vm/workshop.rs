// SPDX-License-Identifier: GPL-2.0

//! What virtual machines are made of, made once for each kernel: kernel, module, programs, accelerator.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use xshell::Shell;

use super::accelerator::{self, Choice};
use super::clock;
use super::programs::{self, Programs};
use super::{Entry, Job, Run};
use crate::build;
use crate::check;
use crate::fingerprint::{Files, Fingerprint};
use crate::host::{self, Need};
use crate::kernel::{self, config, Tree};
use crate::manifest::Manifest;
use crate::target::{Profile, Target};

/// How long a virtual machine may run: generous, because it only bounds what a hang costs.
const DEADLINE: Duration = Duration::from_secs(120);

/// How much slower a kernel with sanitizers is, at the most.
const SANITIZER_SLOWDOWN: u32 = 8;

/// What a verdict on a module reads of the kernel's build directory. The stamp is of the kernel's modules, too.
const OF_VERDICT: [&str; 9] = [
    ".config",
    "Module.symvers",
    "certs/signing_key.x509",
    "certs/x509_certificate_list",
    "include/config/kernel.release",
    "include/generated/utsrelease.h",
    "modules.order",
    "vmlinux",
    "xtask-stamp.json",
];

/// Everything for the machines of one kernel.
#[derive(Debug)]
pub struct Workshop {
    /// Which kernel.
    pub target: Target,
    /// The programs of the machine.
    programs: Programs,
    /// The kernel.
    tree: Tree,
    /// The module for it, once a suite has asked for it.
    module: OnceCell<PathBuf>,
    /// The same without debug information, which is what machines load.
    stripped: OnceCell<PathBuf>,
    /// What executes the machine's instructions.
    accelerator: Choice,
}

impl Workshop {
    /// Makes what is not made yet.
    pub fn open(sh: &Shell, target: &Target) -> anyhow::Result<Self> {
        host::ensure(sh, &[Need::Qemu(target.arch), Need::Guest(target.arch)])?;
        let tree = kernel::ensure(sh, target.arch, &target.series, target.profile)?;
        let programs = programs::ensure(sh, target.arch)?;
        let accelerator =
            accelerator::choose(sh, target.arch, &tree.image, &programs.path("init"))?;
        let Choice {
            accelerator: name,
            reason,
        } = &accelerator;
        eprintln!("accelerator for {}: {name} ({reason})", target.arch);
        Ok(Self {
            target: target.clone(),
            programs,
            tree,
            module: OnceCell::new(),
            stripped: OnceCell::new(),
            accelerator,
        })
    }

    /// A machine of this kernel with `program` as PID 1 and nothing else in it.
    pub fn machine(&self, name: &str, program: &str) -> Run {
        let Target {
            arch,
            series,
            profile,
        } = &self.target;
        let name = format!("{name}-{arch}-{series}-{profile}");
        let mut run = Run::new(name, *arch, &self.tree.image, self.programs.path(program));
        run.accelerator = self.accelerator.accelerator;
        run.deadline = Some(DEADLINE * self.slowdown());
        run.memory *= self.appetite();
        run.parameters
            .extend(profile.parameters().iter().map(|word| (*word).to_owned()));
        run
    }

    /// Has the machine's clock keep the time, as far as that is known to need help. Without it the clock of an x86_64 machine
    /// on a busy host stands while the host does something else: no good for measuring, but kind to tests that take long.
    pub fn keep_time(&self, run: &mut Run) {
        let config = config::read(&self.tree.build);
        let hz = config
            .ok()
            .and_then(|config| config.get("HZ")?.parse().ok());
        run.parameters
            .extend(clock::parameters(run.arch, run.accelerator, hz));
    }

    /// A machine of this kernel that runs the operating system of the disk.
    pub fn system(&self, name: &str, disk: &Path) -> Run {
        let mut run = self.machine(name, "init");
        run.init = "/sbin/init".into();
        run.disk = Some(disk.to_path_buf());
        run.job = Job::System;
        run
    }

    /// The kernel.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// By how much machines of this kernel are slower than others, at the most.
    pub fn slowdown(&self) -> u32 {
        match self.target.profile {
            Profile::Default => 1,
            Profile::Sanitize | Profile::Kcsan => SANITIZER_SLOWDOWN,
        }
    }

    /// By how much machines of this kernel need more memory than others: a sanitizer has notes on all of it.
    pub fn appetite(&self) -> u32 {
        match self.target.profile {
            Profile::Default => 1,
            Profile::Sanitize | Profile::Kcsan => 2,
        }
    }

    /// The module, where programs of the machine look for it.
    pub fn module_entry(&self, sh: &Shell) -> anyhow::Result<Entry> {
        let path = format!("/lib/modules/{}", module_file()?);
        Ok(Entry::file(path, self.stripped(sh)?))
    }

    /// The file of the module without debug information, as systems have it.
    pub fn stripped(&self, sh: &Shell) -> anyhow::Result<&Path> {
        if let Some(module) = self.stripped.get() {
            return Ok(module);
        }
        let module = build::strip::stripped(sh, &self.tree, self.module(sh)?)?;
        Ok(self.stripped.get_or_init(|| module))
    }

    /// The file of the module, which is built if need be.
    pub fn module(&self, sh: &Shell) -> anyhow::Result<&Path> {
        if let Some(module) = self.module.get() {
            return Ok(module);
        }
        let module = build::module(sh, &self.tree)
            .with_context(|| format!("building the module for {}", self.target))?;
        self.expect_to_load(&module)?;
        Ok(self.module.get_or_init(|| module))
    }

    /// Fails with the loader's verdict when the machine's kernel will not take the module. A good verdict is remembered.
    fn expect_to_load(&self, module: &Path) -> anyhow::Result<()> {
        let fingerprint = Fingerprint::at(module.with_extension("verdict.fingerprint"), &module);
        let inputs = OF_VERDICT.iter().map(|name| self.tree.build.join(name));
        let files = Files {
            inputs: inputs.chain([module.to_path_buf()]).collect(),
            ..Files::default()
        };
        fingerprint.ensure(|| self.judge(module), || Ok(Some(files)))
    }

    fn judge(&self, module: &Path) -> anyhow::Result<()> {
        let kernel = check::Target::from_tree(&self.tree.build)
            .context("reading what the kernel demands of modules")?;
        let report = check::verdict(module, &kernel).context("checking the module")?;
        anyhow::ensure!(report.loads(), "{report}");
        Ok(())
    }

    /// A module of the kernel itself, by its place in the build directory; among the machine's modules.
    pub fn kernel_module_entry(&self, place: &str) -> Entry {
        let file = place.rsplit('/').next().unwrap_or(place);
        Entry::file(format!("/lib/modules/{file}"), self.tree.build.join(place))
    }

    /// The argument by which PID 1 inserts the module, with these parameters.
    pub fn module_argument(&self, parameters: &[String]) -> anyhow::Result<String> {
        let words: Vec<_> = [module_file()?]
            .into_iter()
            .chain(parameters.iter().cloned())
            .collect();
        Ok(format!("--module={}", words.join(",")))
    }

    /// What executes the machine's instructions.
    pub fn accelerator(&self) -> super::Accelerator {
        self.accelerator.accelerator
    }

    /// The file of a program for the machine.
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.path(name)
    }

    /// A program of the machine, in `/bin`.
    pub fn program_entry(&self, name: &str) -> Entry {
        Entry::file(format!("/bin/{name}"), self.programs.path(name))
    }
}

/// The file name of the module.
fn module_file() -> anyhow::Result<String> {
    Ok(format!("{}.ko", Manifest::load()?.module.name))
}
