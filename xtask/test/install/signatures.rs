// SPDX-License-Identifier: GPL-2.0

//! Signed and compressed modules.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use xshell::cmd;

use super::bench::{expect_error, Bench};
use super::kernels::variant;
use crate::check::signature::{self, Message};
use crate::check::target::packed;
use crate::install::{Options, Signer};

/// A key whose signatures differ each time, and its certificate.
fn signer(bench: &Bench<'_>) -> Result<Signer> {
    let (key, certificate) = (bench.beside("it's a key.pem"), bench.beside("$cert.pem"));
    let openssl = cmd!(
        bench.sh,
        "openssl req -new -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch -subj /CN=tester -keyout {key} -out {certificate}"
    );
    openssl
        .quiet()
        .ignore_stderr()
        .run()
        .context("making a key")?;
    let key = key.display().to_string();
    Ok(Signer { key, certificate })
}

/// Who signed the module that was installed.
fn signed_by(module: &Path) -> Result<String> {
    let bytes = packed::read(module)?;
    let signed = signature::split(&bytes)
        .and_then(Result::ok)
        .context("the module is not signed")?;
    let message = Message::parse(signed.message).context("the signature is malformed")?;
    Ok(message.signer_name())
}

fn with(signer: &Signer) -> Options {
    Options {
        signer: Some(signer.clone()),
        strip: true,
        ..Options::default()
    }
}

/// The named key signs, after stripping, and a second installation leaves the first one's signature.
pub(super) fn signature(bench: &Bench<'_>) -> Result<()> {
    let signer = signer(bench)?;
    let installed = bench.install(with(&signer))?;
    let module = installed.files.first().context("no file")?;
    ensure!(
        signed_by(module)?.starts_with("tester,"),
        "{}",
        signed_by(module)?
    );
    let (stripped, built) = (
        std::fs::metadata(module)?.len(),
        std::fs::metadata(&bench.module)?.len(),
    );
    ensure!(stripped < built, "{stripped} of {built} bytes are left");
    ensure!(!bench.install(with(&signer))?.changed, "signed again");
    let absent = Signer {
        key: "/nonexistent.pem".to_owned(),
        ..signer
    };
    expect_error(
        bench.install(with(&absent)),
        "/nonexistent.pem cannot be read",
    )
}

/// A kernel that compresses its modules gets a compressed one, signed before.
pub(super) fn compressed(bench: &Bench<'_>) -> Result<()> {
    const OPTIONS: &str =
        "CONFIG_MODULE_COMPRESS=y\nCONFIG_MODULE_COMPRESS_ALL=y\nCONFIG_MODULE_COMPRESS_ZSTD=y\n";
    let release = &bench.tree().release;
    let tree = variant(bench, release, OPTIONS)?;
    let signer = signer(bench)?;
    let installed = bench.install_for(&tree, with(&signer))?;
    let module: &PathBuf = installed.files.first().context("no file")?;
    ensure!(
        module.display().to_string().ends_with(".ko.zst"),
        "{module:?}"
    );
    ensure!(signed_by(module)?.starts_with("tester,"));
    ensure!(!bench.install_for(&tree, with(&signer))?.changed);
    let plain = bench.install(Options::default())?;
    ensure!(!module.exists(), "the compressed module is still there");
    ensure!(plain.files.first().is_some_and(|file| file.exists()));
    bench.uninstall()?;
    ensure!(bench.snapshot()?.is_empty());
    Ok(())
}
