// SPDX-License-Identifier: GPL-2.0

//! The module by which the kernel's own memset and memcpy are measured; built for each kernel.

use anyhow::Context;
use xshell::Shell;

use crate::vm::{Entry, Workshop};

/// Builds it; its file in the virtual machine.
pub(super) fn entry(sh: &Shell, workshop: &Workshop) -> anyhow::Result<Entry> {
    let path = workshop
        .build_extra_module(sh, "peer", "memory_peer")
        .context("building the module to compare with")?;
    Ok(Entry::file("/lib/modules/memory_peer.ko", path))
}
