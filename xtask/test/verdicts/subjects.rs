// SPDX-License-Identifier: GPL-2.0

//! The modules of the truth table, really built: for the kernel itself, and for kernels that are taken as far as
//! `modules_prepare` only.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{cmd, Shell};

use super::pair::{Key, Pair, Subject};
use crate::arch::Arch;
use crate::build;
use crate::kernel::make::Make;
use crate::kernel::{self, series, Tree};
use crate::process;
use crate::progress::Step;
use crate::project;
use crate::target::Profile;
use crate::test::surgery::Patient;

/// The modules, and what signs them.
#[derive(Debug)]
pub(super) struct Subjects {
    files: HashMap<Subject, PathBuf>,
    sign_file: PathBuf,
    kernel_key: PathBuf,
    stranger_key: PathBuf,
}

/// A kernel that modules can be built for, and no more.
struct Prepared<'a> {
    name: &'static str,
    arch: Arch,
    source: PathBuf,
    /// Lines that change its configuration.
    options: &'static [&'static str],
    /// Whether the symbols of the kernel itself are its own too.
    shares_symbols: bool,
    tree: &'a Tree,
}

impl Subjects {
    /// Builds what is not built yet.
    pub(super) fn build(sh: &Shell, tree: &Tree) -> Result<Subjects> {
        let directory = project::target()
            .join("verdicts")
            .join(format!("{}-{}", tree.arch, tree.release));
        sh.create_dir(&directory)?;
        let mut files = HashMap::new();
        let own = directory.join("own");
        compile(
            sh,
            tree.make(sh),
            &own,
            &format!("{} {}", tree.arch, tree.release),
        )?;
        files.insert(Subject::C, own.join("verdict_c.ko"));
        files.insert(Subject::Rust, own.join("verdict_rust.ko"));
        for (subject, prepared) in prepared(sh, tree)? {
            let build = prepared.ensure(sh, &directory)?;
            let output = directory.join(format!("for-{}", prepared.name));
            let make = prepared
                .make(&build)
                .command(sh)
                .arg("KBUILD_MODPOST_WARN=1");
            compile(sh, make, &output, prepared.name)?;
            files.insert(subject, output.join("verdict_c.ko"));
        }
        files.insert(Subject::Module, build::module(sh, tree)?);
        if let Some(other) = other_kernel(sh, tree)? {
            let output = directory.join("for-other-kernel");
            compile(sh, other.make(sh), &output, &other.release)?;
            files.insert(Subject::OtherKernelC, output.join("verdict_c.ko"));
            files.insert(Subject::OtherKernelRust, output.join("verdict_rust.ko"));
            files.insert(Subject::OtherKernelModule, build::module(sh, &other)?);
        }
        files.insert(
            Subject::Dependent,
            tree.build.join("drivers/gpu/drm/vgem/vgem.ko"),
        );
        files.insert(
            Subject::Dependency,
            tree.build.join("drivers/gpu/drm/drm_shmem_helper.ko"),
        );
        let (sign_file, kernel_key) = (
            tree.build.join("scripts/sign-file"),
            tree.build.join("certs/signing_key.pem"),
        );
        let stranger_key = stranger(sh, &directory)?;
        Ok(Subjects {
            files,
            sign_file,
            kernel_key,
            stranger_key,
        })
    }

    /// Whether there are modules of another series' whole kernel.
    pub(super) fn has_other_kernel(&self) -> bool {
        self.files.contains_key(&Subject::OtherKernelModule)
    }

    /// The file of a module.
    pub(super) fn path(&self, subject: Subject) -> Result<&Path> {
        let path = self
            .files
            .get(&subject)
            .with_context(|| format!("no {subject:?} was built"))?;
        anyhow::ensure!(path.exists(), "the build left no {}", path.display());
        Ok(path)
    }

    /// The module of a pair: changed, signed, and changed again.
    pub(super) fn prepare(&self, sh: &Shell, pair: &Pair, directory: &Path) -> Result<PathBuf> {
        let mut patient = Patient {
            bytes: fs::read(self.path(pair.subject)?)?,
        };
        (pair.change)(&mut patient)?;
        let file = directory.join(format!("{}.ko", pair.name));
        fs::write(&file, patient.bytes)?;
        if let Some(key) = pair.key {
            self.sign(sh, key, &file)?;
        }
        let mut bytes = fs::read(&file)?;
        (pair.finish)(&mut bytes);
        fs::write(&file, bytes)?;
        Ok(file)
    }

    fn sign(&self, sh: &Shell, key: Key, file: &Path) -> Result<()> {
        let sign_file = &self.sign_file;
        let key = match key {
            Key::Kernel => &self.kernel_key,
            Key::Stranger => &self.stranger_key,
        };
        cmd!(sh, "{sign_file} sha512 {key} {key} {file}")
            .quiet()
            .run()
            .context("signing the module")
    }
}

/// The kernel of another series, where tests use it anyway: on other architectures it would be built for a few pairs.
fn other_kernel(sh: &Shell, tree: &Tree) -> Result<Option<Tree>> {
    let mut others = series::ALL.iter().filter(|row| row.name != tree.series);
    let Some(other) = others.find(|row| row.tested_on.contains(&tree.arch)) else {
        return Ok(None);
    };
    kernel::ensure(sh, tree.arch, other.name, Profile::Default).map(Some)
}

/// The kernels for which a module is built beside the one that runs.
fn prepared<'a>(sh: &Shell, tree: &'a Tree) -> Result<Vec<(Subject, Prepared<'a>)>> {
    let other_series = series::names()
        .into_iter()
        .find(|name| *name != tree.series)
        .unwrap_or_default();
    let other_arch = Arch::ALL
        .into_iter()
        .find(|arch| *arch != tree.arch)
        .unwrap_or_default();
    let own = || tree.source.clone();
    let prepare = |name, arch, source, options, shares_symbols| Prepared {
        name,
        arch,
        source,
        options,
        shares_symbols,
        tree,
    };
    let unpreemptible: &[&str] = match tree.arch {
        Arch::Arm64 => &["CONFIG_PREEMPT_NONE=y", "# CONFIG_PREEMPT is not set"],
        Arch::X86_64 => &[
            "CONFIG_PREEMPT_NONE=y",
            "# CONFIG_PREEMPT is not set",
            "# CONFIG_SMP is not set",
        ],
    };
    let other = kernel::ensure_source(sh, other_series)?.directory;
    Ok(vec![
        (
            Subject::OtherRelease,
            prepare(
                "release",
                tree.arch,
                own(),
                &["CONFIG_LOCALVERSION=\"-other\""],
                true,
            ),
        ),
        (
            Subject::OtherConfiguration,
            prepare("configuration", tree.arch, own(), unpreemptible, true),
        ),
        (
            Subject::OtherSeries,
            prepare("series", tree.arch, other, &[], false),
        ),
        (
            Subject::OtherArchitecture,
            prepare("architecture", other_arch, own(), &[], false),
        ),
    ])
}

impl Prepared<'_> {
    fn make<'a>(&'a self, build: &'a Path) -> Make<'a> {
        Make {
            source: &self.source,
            build,
            arch: self.arch,
            toolchain: &self.tree.toolchain,
        }
    }

    /// Prepares the kernel, as far as it is not prepared.
    fn ensure(&self, sh: &Shell, directory: &Path) -> Result<PathBuf> {
        let build = directory.join(format!("kernel-{}", self.name));
        let done = build.join("prepared");
        if done.exists() {
            return Ok(build);
        }
        let step = Step::start(format!(
            "preparing a kernel of another {} for {}",
            self.name, self.tree.arch
        ));
        sh.create_dir(&build)?;
        let base = kernel::config::fragment(self.arch, Profile::Default);
        // Rust is left out, which is what takes long to prepare; nothing that the loader looks at depends on it.
        let keep = |line: &&str| !line.starts_with("CONFIG_RUST") && !self.changes(line);
        let lines = base
            .lines()
            .filter(keep)
            .chain(self.options.iter().copied());
        let fragment: String = lines.flat_map(|line| [line, "\n"]).collect();
        let path = build.join("fragment.config");
        fs::write(&path, fragment)?;
        let configure = self
            .make(&build)
            .command(sh)
            .arg(format!("KCONFIG_ALLCONFIG={}", path.display()))
            .arg("allnoconfig");
        process::run_logged(&step, configure, "verdicts-configure")?;
        process::run_logged(
            &step,
            self.make(&build).command(sh).arg("modules_prepare"),
            "verdicts-prepare",
        )?;
        if self.shares_symbols {
            fs::copy(
                self.tree.build.join("Module.symvers"),
                build.join("Module.symvers"),
            )?;
        }
        fs::write(&done, "")?;
        step.done();
        Ok(build)
    }

    /// Whether a line of the configuration is one that is changed.
    fn changes(&self, line: &str) -> bool {
        let option = |line: &str| {
            line.trim_start_matches("# ")
                .split(['=', ' '])
                .next()
                .map(String::from)
        };
        self.options
            .iter()
            .any(|changed| option(changed) == option(line))
    }
}

/// Compiles the modules in a directory of their own.
fn compile(sh: &Shell, make: xshell::Cmd<'_>, output: &Path, name: &str) -> Result<()> {
    let step = Step::start(format!("building the modules of `verdicts` for {name}"));
    sh.create_dir(output)?;
    let sources = project::root().join("tests/verdicts");
    let make = make
        .arg(format!("M={}", sources.display()))
        .arg(format!("MO={}", output.display()))
        .arg("modules");
    process::run_logged(&step, make, "verdicts-modules")
        .with_context(|| format!("building modules for {name}"))?;
    step.done();
    Ok(())
}

/// A key that no kernel knows, with its certificate.
fn stranger(sh: &Shell, directory: &Path) -> Result<PathBuf> {
    let key = directory.join("stranger.pem");
    if !key.exists() {
        let subject = "/CN=a stranger";
        cmd!(sh, "openssl req -new -x509 -newkey rsa:2048 -nodes -days 36500 -batch -sha512 -subj {subject} -keyout {key} -out {key}.crt")
            .quiet()
            .ignore_stderr()
            .run()
            .context("making a key")?;
        let certificate = fs::read(format!("{}.crt", key.display()))?;
        let mut bytes = fs::read(&key)?;
        bytes.extend_from_slice(&certificate);
        fs::write(&key, bytes)?;
    }
    Ok(key)
}
