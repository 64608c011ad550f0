// SPDX-License-Identifier: GPL-2.0

//! `install` and `uninstall` on root directories as targets have them, with the kernel's own modules_install, the real
//! depmod and the real modprobe: what arrives, what goes, and what is left after each kind of failure.

mod arrivals;
mod bench;
mod failures;
mod kernels;
mod misuse;
mod signatures;

use anyhow::Result;
use xshell::Shell;

use self::bench::Bench;
use super::case::Outcome;
use super::selection;
use crate::advice;
use crate::build;
use crate::vm::Workshop;

/// A test: its name, and what it does in a directory of its own.
type Case = (&'static str, fn(&Bench<'_>) -> Result<()>);

/// Every test.
const CASES: &[Case] = &[
    ("empty-root", arrivals::empty_root),
    ("systemd-root", arrivals::systemd_root),
    ("parameters", arrivals::parameters),
    ("signature", signatures::signature),
    ("compressed", signatures::compressed),
    ("two-kernels", kernels::two_kernels),
    ("depmod-fails", failures::depmod_fails),
    ("not-found-afterwards", failures::not_found_afterwards),
    ("killed", failures::killed),
    ("disk-full", failures::disk_full),
    ("read-only", failures::read_only),
    ("blacklisted", failures::blacklisted),
    ("refused-by-check", failures::refused_by_check),
    ("in-the-way", failures::in_the_way),
    ("misuse", misuse::misuse),
];

/// Runs every test for one kernel.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    let module = build::module(sh, workshop.tree())?;
    let mut outcome = Outcome::default();
    for (name, case) in CASES {
        let bench = Bench::new(sh, workshop, &module)?;
        outcome.join(match case(&bench) {
            Ok(()) => Outcome::passed(format!("install.{name}")),
            Err(error) => Outcome::failed(
                format!("install.{name}"),
                advice::describe(&error),
                format!(
                    "cargo xtask test install {}",
                    selection::options(&workshop.target)
                ),
            ),
        });
    }
    Ok(outcome)
}
