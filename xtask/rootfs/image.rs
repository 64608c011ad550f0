// SPDX-License-Identifier: GPL-2.0

//! Images of file systems, written without mounting anything.

use std::fs;
use std::path::Path;

use anyhow::Context;
use xshell::{cmd, Shell};

/// The size of an image; most of it is a hole.
const SIZE: u64 = 2 << 30;

/// Writes an ext4 file system with the contents of the directory, owners and modes as they are there.
pub fn write(sh: &Shell, directory: &Path, image: &Path) -> anyhow::Result<()> {
    let file = fs::File::create(image).with_context(|| format!("creating {}", image.display()))?;
    file.set_len(SIZE)
        .with_context(|| format!("sizing {}", image.display()))?;
    cmd!(sh, "mke2fs -q -F -t ext4 -d {directory} {image}")
        .quiet()
        .ignore_stderr()
        .run()
        .context("writing the root file system")
}
