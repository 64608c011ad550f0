// SPDX-License-Identifier: GPL-2.0

//! Why a kernel tree cannot be built against: each cause with its mend.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::advice::{advised, misuse};

/// Why a module cannot be built for a kernel tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no such directory.
    Absent(PathBuf),
    /// The directory holds no kernel.
    NotAKernel(PathBuf),
    /// The kernel has no `.config`.
    Unconfigured(PathBuf),
    /// The kernel has a `.config` and nothing was made of it.
    Unprepared(PathBuf),
    /// The build directory names a source directory that is not there.
    SourceAbsent {
        /// The build directory.
        build: PathBuf,
        /// What it names.
        source: PathBuf,
    },
    /// The kernel is for an architecture that we do not know.
    UnknownArchitecture(PathBuf),
    /// The module does not support the kernel's series.
    UnsupportedSeries {
        /// The kernel's release.
        release: String,
        /// The series that the module supports.
        supported: Vec<String>,
    },
    /// The kernel has no loadable modules.
    NoModules,
    /// The kernel has no Rust.
    NoRust,
    /// The kernel lacks options, named without `CONFIG_`, that the module needs.
    MissingOptions(Vec<String>),
    /// The C compiler that built the kernel is not here.
    CompilerMissing {
        /// What it says of its version.
        wanted: String,
        /// What it is called.
        program: String,
    },
    /// The C compiler here is not the one that built the kernel.
    OtherCompiler {
        /// What the kernel's compiler says of its version.
        wanted: String,
        /// What the one here is called.
        program: String,
        /// What the one here says of its version.
        found: String,
    },
    /// No rustc here is the one that built the kernel.
    OtherRustc {
        /// What the kernel's rustc says of its version.
        wanted: String,
        /// What those here say of theirs.
        found: Vec<String>,
    },
    /// A headers package that was made without `rust/`.
    NoRustDirectory(PathBuf),
    /// Compiled crates of the kernel are missing.
    MissingCrates {
        /// Where they should be.
        directory: PathBuf,
        /// Their file names.
        files: Vec<String>,
    },
    /// Compiled procedural macros of the kernel are missing.
    MissingMacros {
        /// Where they should be.
        directory: PathBuf,
        /// Their file names.
        files: Vec<String>,
    },
    /// A compiled procedural macro is for another machine than this one.
    ForeignMacro(PathBuf),
    /// There is no list of the kernel's exported symbols.
    NoSymvers {
        /// Where it should be.
        path: PathBuf,
        /// Whether the kernel checks symbol versions, so that nothing would load without the list.
        modversions: bool,
    },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Absent(path) => match path.read_link() {
                Ok(to) => write!(f, "{} is a link to {}, which does not exist", path.display(), to.display()),
                Err(_) => write!(f, "{} does not exist", path.display()),
            },
            Cause::NotAKernel(path) => {
                write!(f, "{} is not a kernel's source or build directory", path.display())
            }
            Cause::Unconfigured(path) => write!(f, "the kernel in {} is not configured: no .config", path.display()),
            Cause::Unprepared(path) => write!(
                f,
                "the kernel in {} has a .config, but was never built: no include/config/auto.conf",
                path.display()
            ),
            Cause::SourceAbsent { build, source } => write!(
                f,
                "{} was built from the source in {}, which does not exist",
                build.display(),
                source.display()
            ),
            Cause::UnknownArchitecture(path) => {
                write!(f, "the kernel in {} is neither for arm64 nor for x86_64", path.display())
            }
            Cause::UnsupportedSeries { release, supported } => {
                write!(f, "the kernel is {release}; the module supports {}", supported.join(", "))
            }
            Cause::NoModules => write!(f, "the kernel was configured without CONFIG_MODULES"),
            Cause::NoRust => write!(f, "the kernel was configured without CONFIG_RUST"),
            Cause::MissingOptions(options) => {
                write!(f, "the kernel was configured without CONFIG_{}", options.join(", CONFIG_"))
            }
            Cause::CompilerMissing { wanted, program } => {
                write!(f, "the kernel was built by `{wanted}`, and there is no {program} here")
            }
            Cause::OtherCompiler { wanted, program, found } => {
                write!(f, "the kernel was built by `{wanted}`, and {program} here is `{found}`")
            }
            Cause::OtherRustc { wanted, found } if found.is_empty() => {
                write!(f, "the kernel was built by `{wanted}`, and there is no rustc here")
            }
            Cause::OtherRustc { wanted, found } => write!(
                f,
                "the kernel was built by `{wanted}`, and here is `{}`: compiled Rust crates serve the very same rustc only",
                found.join("`, `")
            ),
            Cause::NoRustDirectory(path) => write!(
                f,
                "{} has CONFIG_RUST but no rust/ directory: a headers package that was made without it",
                path.display()
            ),
            Cause::MissingCrates { directory, files } => {
                write!(f, "compiled crates are missing in {}: {}", directory.display(), files.join(", "))
            }
            Cause::MissingMacros { directory, files } => {
                write!(f, "compiled procedural macros are missing in {}: {}", directory.display(), files.join(", "))
            }
            Cause::ForeignMacro(path) => write!(
                f,
                "{} does not run on this machine ({}): the kernel was built on one of another architecture",
                path.display(),
                std::env::consts::ARCH
            ),
            Cause::NoSymvers { path, modversions: true } => {
                write!(f, "the kernel has CONFIG_MODVERSIONS, and {} does not exist", path.display())
            }
            Cause::NoSymvers { path, modversions: false } => write!(
                f,
                "{} does not exist: nothing says which symbols the kernel exports",
                path.display()
            ),
        }
    }
}

impl Cause {
    /// What to do about it.
    pub fn mend(&self) -> String {
        match self {
            Cause::Absent(path) => absent(path),
            Cause::NotAKernel(_) => {
                "name the build directory of a kernel, such as --kernel-src /lib/modules/$(uname -r)/build; or leave \
                 the option out, and a kernel is built for you"
                    .to_owned()
            }
            Cause::Unconfigured(path) => format!(
                "configure and build that kernel, or name its build directory: --kernel-src {} --kernel-build DIR",
                path.display()
            ),
            Cause::Unprepared(path) => format!("make -C {} (with the kernel's ARCH= and LLVM=)", path.display()),
            Cause::SourceAbsent { source, .. } => {
                format!("put the kernel's source back to {}, or install the package that has it", source.display())
            }
            Cause::UnknownArchitecture(_) => "name an arm64 or x86_64 kernel".to_owned(),
            Cause::UnsupportedSeries { supported, .. } => {
                format!("name a kernel of a supported series: {}", supported.join(", "))
            }
            Cause::NoModules => "set CONFIG_MODULES=y, and rebuild the kernel".to_owned(),
            Cause::NoRust => {
                "set CONFIG_RUST=y (`make rustavailable` says why it may not be offered), and rebuild the kernel"
                    .to_owned()
            }
            Cause::MissingOptions(_) => "set these options, and rebuild the kernel".to_owned(),
            Cause::CompilerMissing { .. } | Cause::OtherCompiler { .. } => {
                "install that compiler, or rebuild the kernel with the one that is here".to_owned()
            }
            Cause::OtherRustc { .. } => {
                "install that rustc and name it: RUSTC=PATH; or rebuild the kernel with the one that is here".to_owned()
            }
            Cause::NoRustDirectory(_) => {
                "name the kernel's full build directory, or have the package ship rust/*.rmeta and rust/*.so".to_owned()
            }
            Cause::MissingCrates { .. } | Cause::MissingMacros { .. } => {
                "`make prepare` in the kernel's build directory makes them; a headers package must ship them".to_owned()
            }
            Cause::ForeignMacro(_) => {
                "build on a machine like the kernel's, or run `make prepare` in the kernel's build directory here"
                    .to_owned()
            }
            Cause::NoSymvers { .. } => {
                "`make vmlinux modules` in the kernel's build directory makes it; modules_prepare alone does not"
                    .to_owned()
            }
        }
    }

    /// The failure for people, with its mend.
    pub fn into_error(self) -> anyhow::Error {
        let mend = self.mend();
        match self {
            Cause::Absent(_) | Cause::NotAKernel(_) => misuse(self, mend),
            _ => advised(self, mend),
        }
    }
}

impl std::error::Error for Cause {}

/// What to do about a directory that does not exist: `/lib/modules/RELEASE/build` comes with the headers of that kernel.
fn absent(path: &Path) -> String {
    let release = path
        .strip_prefix("/usr")
        .unwrap_or(path)
        .to_str()
        .and_then(|path| path.trim_start_matches('/').strip_prefix("lib/modules/"))
        .and_then(|path| path.split('/').next());
    match release {
        Some(release) => format!(
            "install the headers of that kernel (on Debian: apt-get install linux-headers-{release}); or leave the \
             option out, and a kernel is built for you"
        ),
        None => "name the build directory of a kernel with --kernel-src; or leave the option out, and a kernel is \
                 built for you"
            .to_owned(),
    }
}
