// SPDX-License-Identifier: GPL-2.0

//! Building a kernel.

use std::path::Path;

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::kernel::config;
use crate::kernel::key::Key;
use crate::kernel::make::Make;
use crate::kernel::prune;
use crate::kernel::stamp::Stamp;
use crate::process;
use crate::progress::{self, Step};
use crate::room::{self, Bytes};

/// About as many lines as make prints for a kernel of ours: the scale of the bar before the first build.
const LINES: u64 = 1900;

/// What the build directory of a kernel takes before it is pruned, about; with sanitizers it is more.
const ROOM: Bytes = Bytes::mib(900);

/// Who and when a kernel says that it was built by and at, so that two builds of the same inputs are alike.
const IDENTITY: [&str; 4] = [
    "KBUILD_BUILD_USER=xtask",
    "KBUILD_BUILD_HOST=localhost",
    "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
    "KBUILD_BUILD_VERSION=1",
];

/// Configures and builds the kernel in its build directory, which may hold an earlier attempt, and stamps it.
pub fn build(sh: &Shell, make: &Make<'_>, key: &Key) -> anyhow::Result<Stamp> {
    let directory = make.build;
    room::expect(
        sh,
        directory,
        room_left(sh, directory)?,
        "building a kernel",
    )?;
    Stamp::remove(directory)?;
    config::configure(sh, make, &key.fragment)?;
    let lines = compile(sh, make, &key.directory)?;
    let release = release(sh, directory)?;
    prune::prune(directory)?;
    let key = key.text.clone();
    let stamp = Stamp {
        key,
        release,
        lines,
    };
    stamp.write(directory)?;
    let size = size(sh, directory)?;
    progress::note(format!("the kernel is in {}, {size}", directory.display()));
    Ok(stamp)
}

/// What a build still takes, when an earlier attempt has left some of it.
fn room_left(sh: &Shell, build: &Path) -> anyhow::Result<Bytes> {
    let present = room::used(sh, build)?;
    Ok(Bytes(ROOM.0.saturating_sub(present.0)))
}

/// Makes the image and the modules; the number of lines that make printed.
fn compile(sh: &Shell, make: &Make<'_>, name: &str) -> anyhow::Result<u64> {
    let step = Step::counted(
        format!("building the kernel {name}"),
        expected_lines(make.build),
    );
    let cmd = make
        .command(sh)
        .args(IDENTITY)
        .arg(make.arch.image_target())
        .args(["vmlinux", "modules"]);
    let lines = process::run_logged(&step, cmd, &format!("kernel-{name}"))
        .context("compiling the kernel")?;
    step.done();
    Ok(lines)
}

/// As many lines as the longest complete build beside this one printed.
fn expected_lines(build: &Path) -> u64 {
    let siblings = build.parent().and_then(|parent| parent.read_dir().ok());
    let stamps = siblings
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Stamp::read(&entry.path()));
    stamps.map(|stamp| stamp.lines).max().unwrap_or(LINES)
}

/// The release that the kernel's build has settled on.
fn release(sh: &Shell, build: &Path) -> anyhow::Result<String> {
    let text = sh
        .read_file(build.join("include/config/kernel.release"))
        .context("reading the kernel's release")?;
    Ok(text.trim().to_owned())
}

/// How much of the disk the directory takes, for people.
pub fn size(sh: &Shell, directory: &Path) -> anyhow::Result<String> {
    let output = cmd!(sh, "du --summarize --human-readable {directory}")
        .quiet()
        .read()
        .context("measuring a directory")?;
    Ok(output.split_whitespace().next().unwrap_or("?").to_owned())
}
