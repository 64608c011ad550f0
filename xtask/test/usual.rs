// SPDX-License-Identifier: GPL-2.0

//! What every change is tested with. Each promise is proved on one kernel at least, and on each kernel what depends on the
//! kernel; the rest runs with `--full`, or when it is named.

use crate::arch::Arch;
use crate::kernel::series;
use crate::target::{Profile, Target};

/// How much of a suite runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// What proves most in the least time.
    Core,
    /// Nothing of it.
    Nothing,
}

/// All of it on every kernel, those with sanitizers included.
pub(super) fn everywhere(_: &Target) -> Part {
    Part::Whole
}

/// All of it on every kernel without sanitizers.
pub(super) fn on_each_kernel(target: &Target) -> Part {
    match target.profile {
        Profile::Default => Part::Whole,
        Profile::Sanitize | Profile::Kcsan => Part::Nothing,
    }
}

/// All of it on one kernel of each series.
pub(super) fn on_each_series(target: &Target) -> Part {
    match target.arch == Arch::default() {
        true => on_each_kernel(target),
        false => Part::Nothing,
    }
}

/// All of it on the first kernel: what it shows is the tool's.
pub(super) fn once(target: &Target) -> Part {
    match is_first(target) {
        true => Part::Whole,
        false => Part::Nothing,
    }
}

/// Its core on the first kernel.
pub(super) fn core_once(target: &Target) -> Part {
    match is_first(target) {
        true => Part::Core,
        false => Part::Nothing,
    }
}

/// All of it on the first kernel, and its core on the others without sanitizers.
pub(super) fn whole_once(target: &Target) -> Part {
    match target.profile {
        Profile::Default if is_first(target) => Part::Whole,
        Profile::Default => Part::Core,
        Profile::Sanitize | Profile::Kcsan => Part::Nothing,
    }
}

/// All of it on the kernel of this machine's own architecture, whose programs this machine can run.
pub(super) fn on_the_host_s_kernel(target: &Target) -> Part {
    match is_of_first_series(target) && target.arch.is_host() {
        true => Part::Whole,
        false => Part::Nothing,
    }
}

/// Its core on each architecture.
pub(super) fn core_on_each_architecture(target: &Target) -> Part {
    match is_of_first_series(target) {
        true => Part::Core,
        false => Part::Nothing,
    }
}

/// Whether it is the kernel that commands use when none is named.
fn is_first(target: &Target) -> bool {
    is_of_first_series(target) && target.arch == Arch::default()
}

fn is_of_first_series(target: &Target) -> bool {
    target.series == series::DEFAULT && target.profile == Profile::Default
}
