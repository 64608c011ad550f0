// SPDX-License-Identifier: GPL-2.0

//! How fast `check` judges a whole tree of modules, in one process, beside a loop over `modinfo` and
//! `modprobe --show-modversions`; and how much memory it takes. Each way of compression is measured on the same
//! modules.
//!
//! ```text
//! cargo bench --package xtask --bench check -- ROOT
//! ```
//!
//! ROOT is the root directory of a target with modules: `/`, or what `cargo xtask test stock` has unpacked.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{bail, Context, Result};
use xshell::Shell;
use xtask::check::target::open::Options;
use xtask::check::target::packed;
use xtask::check::{self, Target};

/// How many modules the loop over other programs is measured on; it would take minutes on all of them.
const SAMPLE: usize = 200;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match arguments.as_slice() {
        [root] => compare(Path::new(root)),
        // A process of its own for each measurement, so that its peak memory is that of the measurement alone.
        [mode, root, modules] if mode == "--one" => one(root, Path::new(modules)),
        // `cargo bench` of the whole workspace names no tree.
        [] => Ok(()),
        _ => bail!("usage: cargo bench --package xtask --bench check -- ROOT"),
    }
}

/// Measures every way of compression, and the loop.
fn compare(root: &Path) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let original = packed::modules_under(root);
    println!("{} modules of {}", original.len(), root.display());
    for suffix in ["", ".gz", ".xz", ".zst"] {
        let directory = scratch.path().join(format!("ko{suffix}"));
        let size = pack(&original, suffix, &directory)?;
        let name = format!(".ko{suffix}");
        print!("{name:8} {:4} MiB  ", size >> 20);
        std::io::stdout().flush()?;
        measure(root, &directory)?;
        fs::remove_dir_all(&directory)?;
    }
    let step = (original.len() / SAMPLE).max(1);
    let sample: Vec<&PathBuf> = original.iter().step_by(step).collect();
    let elapsed = loop_over(&sample)?;
    let speed = sample.len() as f64 / elapsed.as_secs_f64();
    println!(
        "modinfo + modprobe --show-modversions: {speed:.0} modules/s, on {} of them",
        sample.len()
    );
    Ok(())
}

/// Writes every module with this compression; the size of all of them in bytes.
fn pack(modules: &[PathBuf], suffix: &str, directory: &Path) -> Result<u64> {
    fs::create_dir_all(directory)?;
    let mut names: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    let mut size = 0;
    for module in modules {
        let name = module
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let plain = name.split_once(".ko").map_or(name, |(name, _)| name);
        let path = directory.join(format!("{plain}.ko"));
        fs::write(&path, packed::read(module)?)?;
        names.insert(path, Vec::new());
    }
    let files: Vec<PathBuf> = names.into_keys().collect();
    let program: &[&str] = match suffix {
        ".gz" => &["gzip"],
        ".xz" => &["xz", "--check=crc32", "--lzma2=dict=2MiB"],
        ".zst" => &["zstd", "--quiet", "--rm"],
        _ => &[],
    };
    for chunk in files.chunks(500).filter(|_| !program.is_empty()) {
        let status = Command::new(program[0])
            .args(&program[1..])
            .args(chunk)
            .status();
        let status = status.with_context(|| format!("starting {}", program[0]))?;
        anyhow::ensure!(status.success(), "{} failed", program[0]);
    }
    for entry in fs::read_dir(directory)? {
        size += entry?.metadata()?.len();
    }
    Ok(size)
}

/// Measures one directory in a process of its own.
fn measure(root: &Path, modules: &Path) -> Result<()> {
    let program = std::env::current_exe()?;
    let status = Command::new(program)
        .arg("--one")
        .arg(root)
        .arg(modules)
        .status()?;
    anyhow::ensure!(status.success(), "the measurement failed");
    Ok(())
}

/// Judges a directory of modules against the target, and tells speed and peak memory.
fn one(root: &str, modules: &Path) -> Result<()> {
    let modules = packed::modules_under(modules);
    let started = Instant::now();
    let mut target = Target::open(&Shell::new()?, root, &Options::default())?;
    let installed = target.installed.get_or_insert_default();
    // The modules that others need are those of the directory that is measured.
    installed.files = modules
        .iter()
        .map(|path| {
            (
                check::modinfo::normalize(&path.to_string_lossy()),
                path.clone(),
            )
        })
        .collect();
    let opened = started.elapsed();
    let reports = check::verdicts(&modules, target)?;
    let elapsed = started.elapsed();
    let refused = reports.iter().filter(|report| !report.loads()).count();
    println!(
        "{:6.0} modules/s  {:.2} s, {:.2} s of it for the target  peak {} MiB  {refused} refused",
        reports.len() as f64 / elapsed.as_secs_f64(),
        elapsed.as_secs_f64(),
        opened.as_secs_f64(),
        peak_memory()?
    );
    Ok(())
}

/// The peak of this process's memory in MiB.
fn peak_memory() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("no VmHWM")?;
    let number = line.split_whitespace().next().context("an empty VmHWM")?;
    Ok(number.parse::<u64>()?.div_ceil(1024))
}

/// What one has to do without `check`: two programs for each module, and a join that this does not even do.
fn loop_over(modules: &[&PathBuf]) -> Result<Duration> {
    let started = Instant::now();
    for module in modules {
        for (program, arguments) in [
            ("modinfo", &[][..]),
            ("modprobe", &["--show-modversions"][..]),
        ] {
            let mut command = Command::new(program);
            let status = command
                .args(arguments)
                .arg(module)
                .stdout(Stdio::null())
                .status();
            let status = status.with_context(|| format!("starting {program}"))?;
            anyhow::ensure!(status.success(), "{program} failed on {}", module.display());
        }
    }
    Ok(started.elapsed())
}
