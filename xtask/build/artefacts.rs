// SPDX-License-Identifier: GPL-2.0

//! What a kernel's build leaves in `rust/` that a module's build reads: compiled crates, and procedural macros, which
//! are shared libraries that run on the building machine.

use std::path::Path;

use crate::arch::Arch;
use crate::build::cause::Cause;
use crate::kernel::config::Config;

/// The files of a series, from `rust/`.
struct Artefacts {
    /// The first series that has them, as version and patch level.
    since: (u32, u32),
    crates: &'static [&'static str],
    macros: &'static [&'static str],
}

/// The newest series first.
const ARTEFACTS: &[Artefacts] = &[
    Artefacts {
        since: (7, 2),
        crates: &[
            "bindings",
            "build_error",
            "compiler_builtins",
            "core",
            "ffi",
            "kernel",
            "pin_init",
            "uapi",
            "zerocopy",
        ],
        macros: &["macros", "pin_init_internal", "zerocopy_derive"],
    },
    Artefacts {
        since: (0, 0),
        crates: &[
            "bindings",
            "build_error",
            "compiler_builtins",
            "core",
            "ffi",
            "kernel",
            "pin_init",
            "uapi",
        ],
        macros: &["macros", "pin_init_internal"],
    },
];

/// Checks that everything is there and fit for this machine.
pub fn check(build: &Path, series: &str, config: &Config) -> Result<(), Cause> {
    let directory = build.join("rust");
    if !directory.is_dir() {
        return Err(Cause::NoRustDirectory(build.to_owned()));
    }
    let Some(artefacts) = of_series(series) else {
        return Ok(());
    };
    let mut crates: Vec<String> = artefacts
        .crates
        .iter()
        .map(|name| format!("lib{name}.rmeta"))
        .collect();
    if config.is_set("RUST_INLINE_HELPERS") {
        crates.push("helpers/helpers_module.bc".to_owned());
    }
    let macros: Vec<String> = artefacts
        .macros
        .iter()
        .map(|name| format!("lib{name}.so"))
        .collect();
    let missing = |files: &[String]| -> Vec<String> {
        files
            .iter()
            .filter(|file| !directory.join(file).is_file())
            .cloned()
            .collect()
    };
    match (missing(&crates), missing(&macros)) {
        (files, _) if !files.is_empty() => Err(Cause::MissingCrates { directory, files }),
        (_, files) if !files.is_empty() => Err(Cause::MissingMacros { directory, files }),
        _ => check_machine(&directory, &macros),
    }
}

fn of_series(series: &str) -> Option<&'static Artefacts> {
    let (version, patch_level) = series.split_once('.')?;
    let number = (version.parse().ok()?, patch_level.parse().ok()?);
    ARTEFACTS.iter().find(|artefacts| artefacts.since <= number)
}

/// Each procedural macro must be for the machine that rustc runs on.
fn check_machine(directory: &Path, macros: &[String]) -> Result<(), Cause> {
    let Some(host) = Arch::host() else {
        return Ok(());
    };
    let foreign = macros
        .iter()
        .map(|file| directory.join(file))
        .find(|path| machine(path) != Some(host.elf_machine()));
    foreign.map_or(Ok(()), |path| Err(Cause::ForeignMacro(path)))
}

/// `e_machine` of a 64-bit little-endian ELF file.
fn machine(path: &Path) -> Option<u16> {
    use std::io::Read;
    let mut header = [0; 20];
    std::fs::File::open(path)
        .ok()?
        .read_exact(&mut header)
        .ok()?;
    let [magic @ .., low, high] = header;
    magic
        .starts_with(&object::elf::ELFMAG)
        .then(|| u16::from_le_bytes([low, high]))
}
