// SPDX-License-Identifier: GPL-2.0

//! One test per cause, each on a damaged copy of a real kernel: as much of the cached one as a module's build reads.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use xshell::{cmd, Shell};

use super::cause::Cause;
use super::preflight::examine;
use crate::arch::Arch;
use crate::kernel::{self, series, Tree};
use crate::manifest::{Manifest, Module};
use crate::project;
use crate::target::Profile;

/// What the examination reads of a kernel's build directory, beside `rust/`.
const EXAMINED: &[&str] = &[
    "Makefile",
    ".config",
    "Module.symvers",
    "source",
    "include/config/auto.conf",
    "include/config/kernel.release",
];

/// What a module's build reads as well.
const BUILT_WITH: &[&str] = &["scripts", "include", "arch/arm64/include/generated"];

/// A minimal copy of a kernel's build directory. Files are hard links to the original's: a damaged one is replaced,
/// never written to.
struct Copy {
    directory: TempDir,
    sh: Shell,
    module: Module,
}

impl Copy {
    /// A copy of what the examination reads.
    fn new() -> Copy {
        Copy::of(EXAMINED)
    }

    fn of(parts: &[&str]) -> Copy {
        let sh = project::shell().unwrap();
        let tree = kernel::ensure(&sh, Arch::Arm64, series::DEFAULT, Profile::Default).unwrap();
        // Hard links want the same file system.
        let directory = tempfile::tempdir_in(project::cache().unwrap()).unwrap();
        copy(&sh, &tree, parts, directory.path());
        Copy {
            directory,
            sh,
            module: Manifest::load().unwrap().module,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn remove(&self, name: &str) {
        self.sh.remove_path(self.path(name)).unwrap();
    }

    fn replace(&self, name: &str, contents: impl AsRef<[u8]>) {
        self.remove(name);
        fs::write(self.path(name), contents).unwrap();
    }

    /// Replaces a piece of the file, which must be there.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        self.replace(name, text.replace(from, to));
    }

    /// Takes an option out of the `.config`.
    fn unset(&self, option: &str) {
        self.edit(
            ".config",
            &format!("\nCONFIG_{option}=y\n"),
            &format!("\n# CONFIG_{option} is not set\n"),
        );
    }

    fn examine(&self) -> Result<Tree, Cause> {
        examine(&self.sh, &self.module, self.directory.path(), None)
    }

    fn cause(&self) -> Cause {
        self.examine().expect_err("the damage was not noticed")
    }
}

fn copy(sh: &Shell, tree: &Tree, parts: &[&str], to: &Path) {
    let _in = sh.push_dir(&tree.build);
    let crates = fs::read_dir(tree.build.join("rust"))
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            (name.ends_with(".rmeta") || name.ends_with(".so")).then(|| format!("rust/{name}"))
        });
    let files: Vec<String> = parts
        .iter()
        .map(|part| (*part).to_owned())
        .chain(crates)
        .collect();
    cmd!(sh, "cp --archive --link --parents {files...} {to}")
        .quiet()
        .run()
        .unwrap();
}

#[test]
fn an_undamaged_copy_passes_and_builds_the_module() {
    let copy = Copy::of(&[EXAMINED, BUILT_WITH].concat());
    let tree = copy.examine().unwrap();
    assert_eq!(
        (tree.arch, tree.series.as_str()),
        (Arch::Arm64, series::DEFAULT)
    );
    assert_eq!(tree.build, copy.directory.path().canonicalize().unwrap());
    assert_ne!(tree.source, tree.build);
    let module = super::module(&copy.sh, &tree).unwrap();
    assert!(module.is_file());
    copy.sh.remove_path(module.parent().unwrap()).unwrap();
}

#[test]
fn an_absent_directory() {
    let copy = Copy::new();
    let absent = copy.path("absent");
    assert_eq!(
        examine(&copy.sh, &copy.module, &absent, None).unwrap_err(),
        Cause::Absent(absent.clone())
    );
    // The link of a kernel whose headers are gone.
    let link = copy.path("link");
    std::os::unix::fs::symlink(&absent, &link).unwrap();
    let text = Cause::Absent(link).to_string();
    assert!(
        text.contains("link to") && text.contains("absent"),
        "{text}"
    );
}

#[test]
fn an_absent_build_link_of_a_release_names_its_headers() {
    let cause = Cause::Absent("/lib/modules/6.18.15-test/build".into());
    let mend = cause.mend();
    assert!(mend.contains("linux-headers-6.18.15-test"), "{mend}");
    assert!(!mend.contains("--kernel-src"), "{mend}");
}

#[test]
fn a_directory_without_a_kernel() {
    let copy = Copy::new();
    copy.remove("Makefile");
    copy.remove("source");
    assert!(matches!(copy.cause(), Cause::NotAKernel(_)));
}

#[test]
fn an_unconfigured_kernel() {
    let copy = Copy::new();
    copy.remove(".config");
    assert!(matches!(copy.cause(), Cause::Unconfigured(_)));
    let source = fs::canonicalize(copy.path("source")).unwrap();
    let cause = examine(&copy.sh, &copy.module, &source, None).unwrap_err();
    assert_eq!(cause, Cause::Unconfigured(source));
}

#[test]
fn a_kernel_that_was_never_built() {
    let copy = Copy::new();
    copy.remove("include/config/auto.conf");
    assert!(matches!(copy.cause(), Cause::Unprepared(_)));
}

#[test]
fn a_kernel_whose_source_is_gone() {
    let copy = Copy::new();
    copy.replace("Makefile", "include /nonexistent/linux/Makefile\n");
    assert!(matches!(copy.cause(), Cause::SourceAbsent { .. }));
}

#[test]
fn an_architecture_that_is_unknown() {
    let copy = Copy::new();
    copy.unset("ARM64");
    assert!(matches!(copy.cause(), Cause::UnknownArchitecture(_)));
}

#[test]
fn a_series_that_the_module_does_not_support() {
    let copy = Copy::new();
    copy.replace("include/config/kernel.release", "5.15.1-headers\n");
    let cause = copy.cause();
    assert!(
        matches!(&cause, Cause::UnsupportedSeries { release, .. } if release == "5.15.1-headers"),
        "{cause:?}"
    );
}

#[test]
fn a_kernel_without_modules() {
    let copy = Copy::new();
    copy.unset("MODULES");
    assert_eq!(copy.cause(), Cause::NoModules);
}

#[test]
fn a_kernel_without_rust() {
    let copy = Copy::new();
    copy.unset("RUST");
    assert_eq!(copy.cause(), Cause::NoRust);
}

#[test]
fn a_kernel_without_an_option_that_the_module_requires() {
    let copy = Copy::new();
    copy.unset("SYNC_FILE");
    assert_eq!(
        copy.cause(),
        Cause::MissingOptions(vec!["SYNC_FILE".to_owned()])
    );
}

/// Makes the kernel claim another compiler.
fn claim(copy: &Copy, option: &str, text: &str) {
    let config = fs::read_to_string(copy.path(".config")).unwrap();
    let prefix = format!("CONFIG_{option}=");
    let line = config
        .lines()
        .find(|line| line.starts_with(&prefix))
        .unwrap()
        .to_owned();
    copy.edit(".config", &line, &format!("{prefix}\"{text}\""));
}

#[test]
fn a_c_compiler_that_is_not_here() {
    let copy = Copy::new();
    claim(&copy, "CC_VERSION_TEXT", "riscv64-nowhere-gcc (GCC) 99.1.0");
    let cause = copy.cause();
    assert!(
        matches!(&cause, Cause::CompilerMissing { program, .. } if program == "riscv64-nowhere-gcc"),
        "{cause:?}"
    );
}

#[test]
fn a_c_compiler_of_another_version() {
    let copy = Copy::new();
    claim(&copy, "CC_VERSION_TEXT", "Debian clang version 19.0.0 (0)");
    assert!(matches!(copy.cause(), Cause::OtherCompiler { .. }));
}

#[test]
fn a_rustc_of_another_version() {
    let copy = Copy::new();
    claim(
        &copy,
        "RUSTC_VERSION_TEXT",
        "rustc 1.99.0 (000000000 2030-01-01)",
    );
    let cause = copy.cause();
    assert!(
        matches!(&cause, Cause::OtherRustc { found, .. } if !found.is_empty()),
        "{cause:?}"
    );
    assert!(cause.mend().contains("RUSTC="));
}

#[test]
fn headers_without_rust() {
    let copy = Copy::new();
    copy.remove("rust");
    assert!(matches!(copy.cause(), Cause::NoRustDirectory(_)));
}

#[test]
fn a_missing_crate() {
    let copy = Copy::new();
    copy.remove("rust/libpin_init.rmeta");
    let cause = copy.cause();
    assert!(
        matches!(&cause, Cause::MissingCrates { files, .. } if *files == ["libpin_init.rmeta"]),
        "{cause:?}"
    );
}

#[test]
fn a_missing_procedural_macro() {
    let copy = Copy::new();
    copy.remove("rust/libmacros.so");
    let cause = copy.cause();
    assert!(
        matches!(&cause, Cause::MissingMacros { files, .. } if *files == ["libmacros.so"]),
        "{cause:?}"
    );
}

#[test]
fn a_procedural_macro_of_another_machine() {
    let copy = Copy::new();
    let mut elf = fs::read(copy.path("rust/libmacros.so")).unwrap();
    let foreign = Arch::ALL.into_iter().find(|arch| !arch.is_host()).unwrap();
    elf[18..20].copy_from_slice(&foreign.elf_machine().to_le_bytes());
    copy.replace("rust/libmacros.so", elf);
    assert_eq!(
        copy.cause(),
        Cause::ForeignMacro(copy.path("rust/libmacros.so").canonicalize().unwrap())
    );
}

#[test]
fn symbol_versions_without_module_symvers() {
    let copy = Copy::new();
    copy.remove("Module.symvers");
    assert!(matches!(
        copy.cause(),
        Cause::NoSymvers {
            modversions: true,
            ..
        }
    ));
    copy.unset("MODVERSIONS");
    assert!(matches!(
        copy.cause(),
        Cause::NoSymvers {
            modversions: false,
            ..
        }
    ));
}

#[test]
fn every_cause_reaches_the_user_with_its_mend() {
    let error = Cause::NoRust.into_error();
    let text = crate::advice::describe(&error);
    assert!(
        text.contains("without CONFIG_RUST") && text.contains("next: set CONFIG_RUST=y"),
        "{text}"
    );
}
