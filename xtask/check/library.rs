// SPDX-License-Identifier: GPL-2.0

//! The other modules of a target, read when a verdict needs them, and the cryptography that openssl lends.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Context, Result};

use super::elf::Elf;
use super::finding::EEXIST;
use super::loader::{Availability, Surroundings};
use super::modinfo::Modinfo;
use super::signature::Verifier;
use super::target::{image, packed, parameters, Target};
use super::verdict::{self, Report};

/// What is known of another module.
#[derive(Clone)]
struct Other {
    availability: Availability,
    license: Option<String>,
}

impl Other {
    fn unread(availability: Availability) -> Other {
        Other {
            availability,
            license: None,
        }
    }

    /// What the verdict on a module says of it to those that need it.
    fn of_report(report: &Report, bytes: &[u8]) -> Other {
        // That it is loaded already does not keep others from using it.
        let is_refused = report.errno.is_some_and(|errno| errno != EEXIST);
        let availability = if is_refused {
            Availability::Unfit
        } else {
            Availability::Loads
        };
        let elf = Elf::parse(bytes);
        let modinfo = elf
            .and_then(|elf| elf.section_named(b".modinfo"))
            .map(Modinfo::parse)
            .unwrap_or_default();
        Other {
            availability,
            license: modinfo.text("license"),
        }
    }
}

thread_local! {
    /// The modules that this thread is judging, each because the one before needs it.
    static JUDGING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The modules of a target; each is judged once.
pub struct Library<'t> {
    target: &'t Target,
    /// The files of modules that the target does not have, and that are checked together.
    companions: HashMap<String, PathBuf>,
    /// The files that are to be reported on, by their canonical paths.
    wanted: HashMap<PathBuf, PathBuf>,
    others: Mutex<HashMap<String, Other>>,
    /// Verdicts on wanted files that another module asked for first.
    reports: Mutex<HashMap<PathBuf, Report>>,
    /// The kernel itself, uncompressed.
    kernel: OnceLock<Option<Vec<u8>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'t> Library<'t> {
    /// The modules of a target. `companions` will be loaded together; `wanted` are the files to be reported on.
    pub fn new(
        target: &'t Target,
        companions: HashMap<String, PathBuf>,
        wanted: &[PathBuf],
    ) -> Library<'t> {
        let canonical = |path: &PathBuf| Some((path.canonicalize().ok()?, path.clone()));
        Library {
            target,
            companions,
            wanted: wanted.iter().filter_map(canonical).collect(),
            others: Mutex::default(),
            reports: Mutex::default(),
            kernel: OnceLock::new(),
        }
    }

    /// The verdict on a file.
    pub fn report(&self, file: &Path) -> Result<Report> {
        if let Some(report) = lock(&self.reports).remove(file) {
            return Ok(report);
        }
        let bytes = packed::read(file).context("reading the module")?;
        let report = verdict::judge(&file.display().to_string(), &bytes, self.target, self);
        if self
            .installed_file(&report.name)
            .is_some_and(|path| self.wanted_as(&path).as_deref() == Some(file))
        {
            lock(&self.others).insert(report.name.clone(), Other::of_report(&report, &bytes));
        }
        Ok(report)
    }

    fn installed_file(&self, name: &str) -> Option<PathBuf> {
        self.target.installed.as_ref()?.files.get(name).cloned()
    }

    /// The name under which a file is to be reported on, if it is.
    fn wanted_as(&self, path: &Path) -> Option<PathBuf> {
        self.wanted.get(&path.canonicalize().ok()?).cloned()
    }

    fn other(&self, name: &str) -> Other {
        if let Some(other) = lock(&self.others).get(name) {
            return other.clone();
        }
        // Modules that need each other in a circle: each counts as loading for the other.
        if JUDGING.with_borrow(|judging| judging.iter().any(|other| other == name)) {
            return Other::unread(Availability::Loads);
        }
        JUDGING.with_borrow_mut(|judging| judging.push(String::from(name)));
        let other = self.judge(name);
        JUDGING.with_borrow_mut(Vec::pop);
        lock(&self.others).insert(String::from(name), other.clone());
        other
    }

    fn judge(&self, name: &str) -> Other {
        match (self.companions.get(name), &self.target.installed) {
            (Some(path), _) => self.judge_file(path),
            (None, Some(installed)) => match installed.files.get(name) {
                Some(path) => self.judge_file(path),
                None if installed.builtin.contains(name) => Other::unread(Availability::Loads),
                None => Other::unread(Availability::Absent),
            },
            (None, None) => Other::unread(Availability::Unknown),
        }
    }

    fn judge_file(&self, path: &Path) -> Other {
        let Some(bytes) = packed::read(path).ok().filter(|bytes| !bytes.is_empty()) else {
            return Other::unread(Availability::Unknown);
        };
        let wanted = self.wanted_as(path);
        let file = wanted.as_deref().unwrap_or(path).display().to_string();
        let report = verdict::judge(&file, &bytes, self.target, self);
        let other = Other::of_report(&report, &bytes);
        if let Some(wanted) = wanted {
            lock(&self.reports).insert(wanted, report);
        }
        other
    }

    fn kernel(&self) -> Option<&[u8]> {
        let read = || {
            let bytes = packed::read(self.target.kernel.as_ref()?).ok()?;
            Some(image::kernel(bytes).bytes)
        };
        self.kernel.get_or_init(read).as_deref()
    }
}

impl Surroundings for Library<'_> {
    fn availability(&self, module: &str) -> Availability {
        self.other(module).availability
    }

    fn license(&self, module: &str) -> Option<String> {
        self.other(module).license
    }

    fn has_directory(&self, module: &str) -> Option<bool> {
        let parameters = self
            .target
            .installed
            .as_ref()?
            .builtin_parameters
            .get(module)?;
        Some(parameters::has_directory(
            self.kernel()?,
            module,
            parameters,
        ))
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
            .args([
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-noverify",
                "-nointern",
                "-in",
            ])
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
    let output = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-in"])
        .arg(certificate)
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

/// Writes to standard output; a reader that went away is no error.
pub fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
