// SPDX-License-Identifier: GPL-2.0

//! A last look at what the kernel has lost, on kernels that keep count.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::ktap::Outcome;

const FILE: &str = "/sys/kernel/debug/kmemleak";

/// The kernel reports no object that is younger than five seconds.
const MINIMUM_AGE: Duration = Duration::from_secs(6);

/// Whether the kernel looks for leaks.
pub(super) fn present() -> bool {
    Path::new(FILE).exists()
}

/// Has the kernel search its memory; fails with what it has found.
pub(super) fn scan() -> Outcome {
    match try_scan() {
        Ok(found) if found.is_empty() => Outcome::Passed,
        Ok(found) => Outcome::Failed(format!("memory was leaked:\n{found}")),
        Err(error) => Outcome::Failed(format!("{FILE}: {error}")),
    }
}

fn try_scan() -> std::io::Result<String> {
    thread::sleep(MINIMUM_AGE);
    // An object counts as lost when two searches in a row have found no pointer to it.
    fs::write(FILE, "scan")?;
    fs::write(FILE, "scan")?;
    fs::read_to_string(FILE)
}
