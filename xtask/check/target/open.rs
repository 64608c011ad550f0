// SPDX-License-Identifier: GPL-2.0

//! Finds out what kind of place a target is, and reads it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail, Context, Result};
use xshell::Shell;

use super::{image, modules, packed, remote, sysroot, tree, vmlinux, Target};
use crate::advice::{misuse, Advise};
use crate::check::machine::Machine;
use crate::check::signature;
use crate::ssh::{self, Host};

/// What the user says of a target beside naming it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Its release, where the place holds several or does not tell.
    pub release: Option<String>,
    /// Its machine, where the place does not tell.
    pub machine: Option<&'static Machine>,
    /// Its command line.
    pub command_line: Option<String>,
    /// Certificates that it trusts, DER or PEM.
    pub certificates: Vec<PathBuf>,
    /// How to connect to it, where it is another machine.
    pub ssh: ssh::Options,
}

impl Target {
    /// Reads a kernel's build or headers tree.
    pub fn from_tree(directory: impl AsRef<Path>) -> Result<Target> {
        let directory = directory.as_ref();
        let target = tree::read(directory)
            .with_context(|| format!("reading the kernel tree {}", directory.display()))?;
        Ok(Target {
            origin: directory.display().to_string(),
            ..target
        })
    }

    /// Reads any kind of target: a path, or `ssh://HOST`.
    pub fn open(sh: &Shell, name: &str, options: &Options) -> Result<Target> {
        let mut target = match name.strip_prefix("ssh://") {
            Some(_) => {
                Host::connect(sh, name, &options.ssh).and_then(|host| remote::read(sh, &host))
            }
            None => open_path(Path::new(name), options),
        }
        .with_context(|| format!("reading the target {name}"))?;
        target.origin = String::from(name);
        apply(options, &mut target)?;
        Ok(target)
    }
}

fn open_path(path: &Path, options: &Options) -> Result<Target> {
    let release = options.release.as_deref();
    if !path.exists() {
        return Err(misuse(
            anyhow!("there is no {}", path.display()),
            "name a kernel tree, a root directory, a Module.symvers, a vmlinux, a boot image, ssh://HOST or a directory of modules",
        ));
    }
    if path.is_file() {
        return open_file(path);
    }
    match () {
        () if tree::is_tree(path) => tree::read(path),
        () if sysroot::is_sysroot(path) => sysroot::read(path, release),
        () if !packed::modules_under(path).is_empty() => modules::read(path),
        () => Err(anyhow::anyhow!(
            "{} is neither a kernel tree, nor a root directory, nor does it hold modules",
            path.display()
        ))
        .advise("name the directory that holds .config and Module.symvers, or lib/modules"),
    }
}

fn open_file(path: &Path) -> Result<Target> {
    let bytes = fs::read(path)?;
    if bytes.starts_with(b"0x")
        || path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().contains("symvers"))
    {
        let mut target = Target {
            kind: "Module.symvers",
            ..Target::default()
        };
        target.exports = tree::symvers(path, &mut target.gaps)?;
        target
            .gaps
            .push(String::from("configuration: a Module.symvers has none"));
        return Ok(target);
    }
    let mut target = Target {
        kind: "vmlinux",
        kernel: Some(path.to_path_buf()),
        ..Target::default()
    };
    let kernel = image::kernel(packed::unpack(bytes)?);
    target.machine = kernel.machine;
    vmlinux::read(&kernel.bytes, &mut target);
    if target.exports.is_empty() {
        target.kind = "boot image";
        target.gaps.push(String::from(
            "exports: the image does not tell what it exports",
        ));
    }
    if target.config.is_none() {
        target.gaps.push(String::from(
            "configuration: the kernel has no CONFIG_IKCONFIG",
        ));
    }
    if target.release.is_none() {
        bail!(
            "{} is no kernel: it has no `Linux version` banner",
            path.display()
        );
    }
    Ok(target)
}

/// What the user says wins over what the place tells.
fn apply(options: &Options, target: &mut Target) -> Result<()> {
    if options.release.is_some() {
        target.release.clone_from(&options.release);
    }
    target.machine = options.machine.or(target.machine);
    if options.command_line.is_some() {
        target.command_line.clone_from(&options.command_line);
    }
    for path in &options.certificates {
        let bytes = fs::read(path).map_err(|error| {
            let error = anyhow!("the certificate {} cannot be read: {error}", path.display());
            misuse(error, "name a certificate, DER or PEM, with --certificate")
        })?;
        let found = if bytes.starts_with(b"-----") {
            pem(&bytes)
        } else {
            signature::certificates(&bytes)
        };
        if found.is_empty() {
            bail!("{} holds no X.509 certificate", path.display());
        }
        target
            .certificates
            .get_or_insert_with(Vec::new)
            .extend(found);
    }
    Ok(())
}

/// The certificates in a PEM file.
fn pem(text: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    let parts = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    let bodies = parts.filter_map(|part| part.split("-----END").next());
    bodies.filter_map(base64).collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
    {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits = (bits << 6) | u32::try_from(digit).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_is_read() {
        let text = b"x\n-----BEGIN CERTIFICATE-----\naGVs\nbG8=\n-----END CERTIFICATE-----\n";
        assert_eq!(pem(text), [b"hello".to_vec()]);
    }
}
