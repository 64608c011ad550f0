// SPDX-License-Identifier: GPL-2.0

//! Kbuild's `modules_install`, into a staging directory: it strips, signs and compresses as the kernel is configured.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, ensure, Context, Result};
use xshell::{Cmd, Shell};

use crate::advice::Advise;
use crate::check::signature::{self, Message};
use crate::check::target::packed;
use crate::kernel::{config, Tree};
use crate::process;
use crate::progress::Step;
use crate::project;

/// A key and its certificate, to sign the module with instead of the key of the kernel's build.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The private key: a PEM file, or a `pkcs11:` address.
    pub key: String,
    /// The certificate: a PEM or DER file.
    pub certificate: PathBuf,
}

impl Signer {
    /// The two words of `--sign`, if it was given.
    pub fn of_words(words: &[String]) -> Option<Signer> {
        let [key, certificate] = words else {
            return None;
        };
        Some(Signer {
            key: key.clone(),
            certificate: PathBuf::from(certificate),
        })
    }
}

/// Installs the module below the directory; the path of what was installed.
pub fn run(
    sh: &Shell,
    tree: &Tree,
    module: &Path,
    signer: Option<&Signer>,
    strip: bool,
    directory: &Path,
) -> Result<PathBuf> {
    let built = module.parent().context("the module has no directory")?;
    let step = Step::start("running modules_install");
    let mut cmd = tree
        .make(sh)
        .arg(format!("M={}", project::root().display()))
        .arg(format!("MO={}", built.display()))
        .arg(format!("INSTALL_MOD_PATH={}", directory.display()))
        .args(["INSTALL_MOD_DIR=updates", "DEPMOD=true", "modules_install"])
        .env_remove("INSTALL_MOD_STRIP");
    if strip {
        cmd = cmd.arg("INSTALL_MOD_STRIP=1");
    }
    if let Some(signer) = signer {
        cmd = signed(cmd, tree, signer)?;
    }
    process::run_logged(&step, cmd, "modules-install").context("running modules_install")?;
    step.done();
    let modules = packed::modules_under(directory);
    let installed = modules.first().cloned();
    ensure!(
        modules.len() == 1,
        "modules_install left {} modules in its directory",
        modules.len()
    );
    installed.context("modules_install left no module")
}

/// The command, with the signer's key in the place of the kernel's. The step that signs is Kbuild's own, because it
/// comes after stripping and before compression.
fn signed<'s>(cmd: Cmd<'s>, tree: &Tree, signer: &Signer) -> Result<Cmd<'s>> {
    let sign_file = tree.build.join("scripts/sign-file");
    if !process::is_executable(&sign_file) {
        return Err(anyhow!("{} is missing", sign_file.display()))
            .advise("build the kernel with CONFIG_MODULE_SIG, which builds it");
    }
    let config = config::read(&tree.build)?;
    let hash = config.text("MODULE_SIG_HASH").unwrap_or("sha256");
    let Signer { key, certificate } = signer;
    if !key.starts_with("pkcs11:") {
        readable(Path::new(key))?;
    }
    readable(certificate)?;
    let quoted = [
        sign_file.display().to_string(),
        hash.to_owned(),
        absolute(key)?,
        absolute(&certificate.display().to_string())?,
    ]
    .map(|word| quote(&word));
    Ok(cmd.arg(format!("cmd_sign={} $@", quoted.join(" "))))
}

fn readable(path: &Path) -> Result<()> {
    std::fs::File::open(path)
        .map(drop)
        .with_context(|| format!("{} cannot be read", path.display()))
        .advise("name the key and the certificate with --sign KEY CERT")
}

/// The path from the root of this machine, for make runs elsewhere.
fn absolute(path: &str) -> Result<String> {
    if path.starts_with("pkcs11:") {
        return Ok(path.to_owned());
    }
    let absolute = std::fs::canonicalize(path).with_context(|| format!("reading {path}"))?;
    Ok(absolute.display().to_string())
}

/// A word of a shell command in a variable of make.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''").replace('$', "$$"))
}

/// Whether both are the same module, signed by the same key.
pub fn is_signed_alike(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (packed::read(one), packed::read(other)) else {
        return false;
    };
    let (Some(Ok(one)), Some(Ok(other))) = (signature::split(&one), signature::split(&other))
    else {
        return false;
    };
    let (one_message, other_message) = (Message::parse(one.message), Message::parse(other.message));
    let signers = one_message.zip(other_message);
    one.module == other.module && signers.is_some_and(|(one, other)| one.signer == other.signer)
}
