// SPDX-License-Identifier: GPL-2.0

//! The modules of the truth table, really built: for the kernel itself, and for other kernels.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{cmd, Shell};

use super::pair::{Key, Pair, Subject};
use super::prepared;
use crate::build;
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
        for (subject, prepared) in prepared::all(sh, tree)? {
            let build = prepared.ensure(sh)?;
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
