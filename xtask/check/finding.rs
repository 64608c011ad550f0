// SPDX-License-Identifier: GPL-2.0

//! What a check finds: who says it, what follows from it, what the kernel logs, why, and what mends it.

use serde::Serialize;

/// An error number of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Errno {
    /// Its symbol.
    pub name: &'static str,
    /// Its number.
    pub number: i32,
    /// What `insmod` prints for it.
    pub text: &'static str,
}

const fn errno(name: &'static str, number: i32, text: &'static str) -> Errno {
    Errno { name, number, text }
}

/// Operation not permitted.
pub const EPERM: Errno = errno("EPERM", 1, "Operation not permitted");
/// No such file or directory; here, a symbol that is not found.
pub const ENOENT: Errno = errno("ENOENT", 2, "No such file or directory");
/// Exec format error; the file is no module for this kernel.
pub const ENOEXEC: Errno = errno("ENOEXEC", 8, "Exec format error");
/// Out of memory.
pub const ENOMEM: Errno = errno("ENOMEM", 12, "Cannot allocate memory");
/// File exists; the module is loaded already.
pub const EEXIST: Errno = errno("EEXIST", 17, "File exists");
/// Invalid argument.
pub const EINVAL: Errno = errno("EINVAL", 22, "Invalid argument");
/// Bad message; the signature is malformed.
pub const EBADMSG: Errno = errno("EBADMSG", 74, "Bad message");
/// Key was rejected by service.
pub const EKEYREJECTED: Errno = errno("EKEYREJECTED", 129, "Key was rejected by service");

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The kernel's module loader.
    Loader,
    /// `modprobe` and what calls it: udev, systemd-modules-load.
    Modprobe,
    /// Neither: this check is stricter than both.
    Stricter,
}

/// What follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The module is refused.
    Refused,
    /// The module loads, and something is wrong all the same.
    Warning,
    /// The target does not tell enough to say.
    Unknown,
    /// Worth knowing.
    Note,
}

/// Where in the loader it happens; the order of the variants is the loader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before anything is read: `may_init_module()` and the file itself.
    Permission,
    /// `module_sig_check()`.
    Signature,
    /// `elf_validity_cache_copy()`.
    Structure,
    /// `blacklisted()`.
    Blacklist,
    /// `check_modstruct_version()`.
    ModuleLayout,
    /// `check_modinfo()`.
    Vermagic,
    /// `module_patient_check_exists()`.
    Duplicate,
    /// `layout_and_allocate()`.
    Layout,
    /// `find_module_sections()` and `check_export_symbol_versions()`.
    Sections,
    /// `setup_modinfo()`.
    Modinfo,
    /// `simplify_symbols()`.
    Symbols,
    /// `apply_relocations()`.
    Relocations,
    /// `post_relocation()`.
    Finalize,
    /// `complete_formation()`.
    Formation,
    /// `mod_sysfs_setup()`.
    Sysfs,
    /// Nothing of the loader's.
    Outside,
}

/// The symbol that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SymbolFacts {
    /// Its name.
    pub name: String,
    /// The checksum that the module was built for.
    pub wanted: Option<String>,
    /// The checksum that the target has.
    pub had: Option<String>,
    /// Who exports it on the target.
    pub exporter: Option<String>,
}

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Who says it.
    pub source: Source,
    /// What follows from it.
    pub effect: Effect,
    /// Where in the loader it happens.
    pub stage: Stage,
    /// The rule, by a name that does not change.
    pub rule: &'static str,
    /// The error that the system call returns, where it refuses.
    pub errno: Option<Errno>,
    /// The lines that the kernel logs, as it prints them.
    pub log: Vec<String>,
    /// Why, in a sentence.
    pub cause: String,
    /// What to do about it; empty where there is nothing to do.
    pub mend: String,
    /// The symbol that it is about.
    pub symbol: Option<SymbolFacts>,
}

impl Finding {
    /// A finding without a log, a mend or a symbol.
    pub fn new(
        source: Source,
        effect: Effect,
        stage: Stage,
        rule: &'static str,
        cause: impl Into<String>,
    ) -> Finding {
        let (errno, log, mend, symbol) = (None, Vec::new(), String::new(), None);
        Finding {
            source,
            effect,
            stage,
            rule,
            errno,
            log,
            cause: cause.into(),
            mend,
            symbol,
        }
    }

    /// The loader refuses.
    pub fn refused(
        stage: Stage,
        rule: &'static str,
        errno: Errno,
        cause: impl Into<String>,
    ) -> Finding {
        let finding = Finding::new(Source::Loader, Effect::Refused, stage, rule, cause);
        Finding {
            errno: Some(errno),
            ..finding
        }
    }

    /// The loader goes on, with a word of warning.
    pub fn warning(stage: Stage, rule: &'static str, cause: impl Into<String>) -> Finding {
        Finding::new(Source::Loader, Effect::Warning, stage, rule, cause)
    }

    /// What the loader does depends on what the target does not tell.
    pub fn unknown(stage: Stage, rule: &'static str, cause: impl Into<String>) -> Finding {
        Finding::new(Source::Loader, Effect::Unknown, stage, rule, cause)
    }

    /// The loader does not check this, and the kernel would be damaged.
    pub fn unchecked(stage: Stage, rule: &'static str, cause: impl Into<String>) -> Finding {
        Finding::new(Source::Stricter, Effect::Refused, stage, rule, cause)
    }

    /// Adds a line that the kernel logs.
    pub fn log(mut self, line: impl Into<String>) -> Finding {
        self.log.push(line.into());
        self
    }

    /// Says what mends it.
    pub fn mend(self, mend: impl Into<String>) -> Finding {
        Finding {
            mend: mend.into(),
            ..self
        }
    }

    /// Says which symbol it is about.
    pub fn symbol(self, symbol: SymbolFacts) -> Finding {
        Finding {
            symbol: Some(symbol),
            ..self
        }
    }
}
