// SPDX-License-Identifier: GPL-2.0

//! What the loader says of a module's signature: `module_sig_check()` and lockdown. A kernel that does not enforce
//! signatures takes a module without one, or with one by a key that it does not know; it never takes one whose
//! signature is by a key that it knows and does not fit.

use super::super::finding::{Errno, Finding, Stage, EBADMSG, EKEYREJECTED, EPERM};
use super::super::signature::{self, Malformed, Message, Signed, MARKER};
use super::Judge;

/// How the verification of a signature ends, as far as the loader lets it go on.
enum Outcome {
    /// By a trusted key, and it fits.
    Good,
    /// Not good; fatal only where signatures are enforced.
    Tolerable(Tolerable),
    /// Not good, whatever is enforced.
    Fatal(Box<Finding>),
    /// It depends on what the target does not tell.
    Unknown(String),
}

/// A signature that is missing, or that the kernel cannot judge.
struct Tolerable {
    /// What the kernel calls it.
    reason: &'static str,
    /// A line that it has logged already.
    log: Option<&'static str>,
    cause: String,
}

impl Judge<'_> {
    /// `module_sig_check()`: the module without its signature, as the steps that follow see it.
    pub(super) fn signature<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if bytes.is_empty() {
            return None;
        }
        if self.target.option("MODULE_SIG") != Some(true) {
            self.without_signatures();
            return Some(bytes);
        }
        let (outcome, module) = self.outcome(bytes);
        match outcome {
            Outcome::Good => {}
            Outcome::Tolerable(tolerable) => self.tolerate(tolerable),
            Outcome::Unknown(cause) => {
                self.push(Finding::unknown(Stage::Signature, "signature", cause))
            }
            Outcome::Fatal(finding) => self.push(*finding),
        }
        Some(module)
    }

    fn without_signatures(&mut self) {
        if self.target.config.is_none() {
            let cause = "whether the target checks signatures is not known (no configuration)";
            self.push(Finding::unknown(Stage::Signature, "signature", cause));
        }
    }

    fn outcome<'b>(&self, bytes: &'b [u8]) -> (Outcome, &'b [u8]) {
        match signature::split(bytes) {
            None => (
                tolerable("unsigned module", "the module is not signed"),
                bytes,
            ),
            Some(Ok(signed)) => (self.verify(&signed), signed.module),
            Some(Err(malformed)) => (
                malformed_trailer(malformed),
                bytes.strip_suffix(MARKER).unwrap_or(bytes),
            ),
        }
    }

    fn verify(&self, signed: &Signed<'_>) -> Outcome {
        let Some(message) = Message::parse(signed.message) else {
            return fatal(
                EBADMSG,
                "signature-malformed",
                "the signature is no PKCS#7 message",
                None,
            );
        };
        if message.has_attributes {
            let line = "PKCS7: Invalid module sig (has authattrs)";
            return fatal(
                EKEYREJECTED,
                "signature-attributes",
                "the signature has signed attributes",
                Some(line),
            );
        }
        let signer = message.signer_name();
        let Some(certificates) = &self.target.certificates else {
            return Outcome::Unknown(format!("whether the target trusts the signer ({signer}) is not known: no certificate of it is at hand"));
        };
        let Some(certificate) = certificates
            .iter()
            .find(|certificate| message.is_by(certificate))
        else {
            let cause =
                format!("the module is signed by a key that the target does not have ({signer})");
            return tolerable("module with unavailable key", cause);
        };
        let verifier = self.surroundings.verifier();
        match verifier.and_then(|verifier| verifier.verify(signed.module, signed.message, certificate)) {
            Some(true) => Outcome::Good,
            Some(false) => fatal(
                EKEYREJECTED,
                "signature-mismatch",
                "the module was changed after it was signed; the kernel refuses it whether or not it enforces signatures",
                None,
            ),
            None => Outcome::Unknown(String::from("the signature names a key of the target; it was not verified here (no openssl)")),
        }
    }

    /// A signature that only an enforcing or locked-down kernel minds.
    fn tolerate(&mut self, tolerable: Tolerable) {
        const MEND: &str =
            "sign it with a key that the target trusts: `cargo xtask install --sign KEY CERT`, or the kernel's scripts/sign-file";
        let Tolerable { reason, log, cause } = tolerable;
        let logged = |mut finding: Finding| {
            finding.log.splice(0..0, log.map(String::from));
            finding
        };
        match self.target.enforces_signatures() {
            Some(true) => {
                let line = format!("Loading of {reason} is rejected");
                let cause = format!("{cause}, and the target enforces signatures");
                let finding =
                    Finding::refused(Stage::Signature, "signature-required", EKEYREJECTED, cause);
                return self.push(logged(finding.log(line).mend(MEND)));
            }
            None => {
                let cause = format!("{cause}; whether the target enforces signatures is not known");
                return self.push(Finding::unknown(Stage::Signature, "signature", cause));
            }
            Some(false) => {}
        }
        if self.target.is_locked_down() == Some(true) {
            let cause = format!("{cause}, and the target is locked down");
            let line =
                "Lockdown: …: unsigned module loading is restricted; see man kernel_lockdown.7";
            let finding = Finding::refused(Stage::Signature, "lockdown", EPERM, cause);
            return self.push(logged(finding.log(line).mend(MEND)));
        }
        let cause =
            format!("{cause}; the target does not enforce signatures and loads it, tainted");
        self.push(logged(Finding::warning(
            Stage::Signature,
            "unsigned",
            cause,
        )));
    }
}

fn tolerable(reason: &'static str, cause: impl Into<String>) -> Outcome {
    Outcome::Tolerable(Tolerable {
        reason,
        log: None,
        cause: cause.into(),
    })
}

fn fatal(errno: Errno, rule: &'static str, cause: &str, log: Option<&str>) -> Outcome {
    let finding = Finding::refused(Stage::Signature, rule, errno, cause)
        .mend("sign the module again, as the last step");
    Outcome::Fatal(Box::new(log.into_iter().fold(finding, Finding::log)))
}

fn malformed_trailer(malformed: Malformed) -> Outcome {
    const RULE: &str = "signature-trailer";
    match malformed {
        Malformed::Length => fatal(
            EBADMSG,
            RULE,
            "the lengths in the signature's trailer do not fit the file",
            None,
        ),
        Malformed::Kind => Outcome::Tolerable(Tolerable {
            reason: "module with unsupported crypto",
            log: Some("module: not signed with expected PKCS#7 message"),
            cause: String::from("the signature is of another kind than PKCS#7"),
        }),
        Malformed::Parameters => {
            let line = "module: PKCS#7 signature info has unexpected non-zero params";
            fatal(
                EBADMSG,
                RULE,
                "the signature's trailer has fields set that must be zero",
                Some(line),
            )
        }
    }
}
