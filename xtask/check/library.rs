// SPDX-License-Identifier: GPL-2.0

//! The other modules of a target, read when a verdict needs them, and the cryptography that openssl lends.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::elf::Elf;
use super::loader::{self, Availability, Surroundings};
use super::modinfo::Modinfo;
use super::signature::Verifier;
use super::target::{packed, Target};

/// What is known of another module.
#[derive(Clone)]
struct Other {
    availability: Availability,
    license: Option<String>,
}

/// The modules of a target; each is judged once.
pub struct Library<'t> {
    target: &'t Target,
    /// Modules that will be loaded whatever the target has: those that are checked together with this one.
    companions: HashSet<String>,
    others: Mutex<HashMap<String, Other>>,
}

impl<'t> Library<'t> {
    /// The modules of a target, and those that are checked together.
    pub fn new(target: &'t Target, companions: HashSet<String>) -> Library<'t> {
        Library { target, companions, others: Mutex::default() }
    }

    fn other(&self, name: &str) -> Other {
        let lock = || self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = lock().get(name) {
            return other.clone();
        }
        // Until it is judged it counts as loading, which ends a circle of modules that need each other.
        lock().insert(String::from(name), Other { availability: Availability::Loads, license: None });
        let other = self.judge(name);
        lock().insert(String::from(name), other.clone());
        other
    }

    fn judge(&self, name: &str) -> Other {
        let other = |availability| Other { availability, license: None };
        if self.companions.contains(name) {
            return other(Availability::Loads);
        }
        let Some(installed) = &self.target.installed else {
            return other(Availability::Unknown);
        };
        let Some(path) = installed.files.get(name) else {
            let is_builtin = installed.builtin.contains(name);
            return other(if is_builtin { Availability::Loads } else { Availability::Absent });
        };
        let Some(bytes) = packed::read(path).ok().filter(|bytes| !bytes.is_empty()) else {
            return other(Availability::Unknown);
        };
        let findings = loader::judge(&bytes, self.target, self);
        let is_refused = loader::errno(&findings).is_some_and(|errno| errno != super::finding::EEXIST);
        let availability = if is_refused { Availability::Unfit } else { Availability::Loads };
        let elf = Elf::parse(&bytes);
        let modinfo = elf.and_then(|elf| elf.section_named(b".modinfo")).map(Modinfo::parse).unwrap_or_default();
        Other { availability, license: modinfo.text("license") }
    }
}

impl Surroundings for Library<'_> {
    fn availability(&self, module: &str) -> Availability {
        self.other(module).availability
    }

    fn license(&self, module: &str) -> Option<String> {
        self.other(module).license
    }

    fn verifier(&self) -> Option<&dyn Verifier> {
        Some(&OpenSsl)
    }
}

/// Verifies signatures with the `openssl` program.
struct OpenSsl;

impl Verifier for OpenSsl {
    fn verify(&self, content: &[u8], signature: &[u8], certificate: &[u8]) -> Option<bool> {
        let directory = xshell::Shell::new().ok()?.create_temp_dir().ok()?;
        let file = |name: &str, bytes: &[u8]| {
            let path = directory.path().join(name);
            fs::write(&path, bytes).ok().map(|()| path)
        };
        let signature = file("signature.der", signature)?;
        let certificate = pem_of(&file("certificate.der", certificate)?)?;
        let certificate = file("certificate.pem", &certificate)?;
        let content = file("content", content)?;
        let status = Command::new("openssl")
            .args(["cms", "-verify", "-binary", "-inform", "DER", "-noverify", "-nointern", "-in"])
            .arg(signature)
            .arg("-certfile")
            .arg(certificate)
            .arg("-content")
            .arg(content)
            .args(["-out", "/dev/null"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.ok().map(|status| status.success())
    }
}

/// A certificate as PEM, which is all that older versions of `openssl cms` take.
fn pem_of(certificate: &Path) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(["x509", "-inform", "DER", "-in"]).arg(certificate).output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// Writes to standard output; a reader that went away is no error.
pub fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
