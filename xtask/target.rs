// SPDX-License-Identifier: GPL-2.0

//! The options that name a kernel: architecture, series and profile.

use std::fmt;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use crate::arch::Arch;
use crate::kernel::series;

/// What the kernel is built to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, ValueEnum)]
pub enum Profile {
    /// As a product has it.
    #[default]
    Default,
    /// With every sanitizer and debugging check that Rust code can trip.
    Sanitize,
    /// With the detector of data races, which excludes the other sanitizers.
    Kcsan,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 3] = [Profile::Default, Profile::Sanitize, Profile::Kcsan];

    /// The name on the command line and in paths.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Default => "default",
            Profile::Sanitize => "sanitize",
            Profile::Kcsan => "kcsan",
        }
    }

    /// What its kernels want on their command line: checks that are built in but off.
    pub fn parameters(self) -> &'static [&'static str] {
        match self {
            Profile::Default | Profile::Kcsan => &[],
            Profile::Sanitize => &["page_poison=1", "kmemleak=on"],
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which kernel a command works with.
#[derive(Args, Clone, Debug)]
pub struct Target {
    /// Architecture of the kernel.
    #[arg(long, value_enum, default_value_t)]
    pub arch: Arch,
    /// Series of the kernel.
    #[arg(long, default_value = series::DEFAULT, value_parser = PossibleValuesParser::new(series::names()))]
    pub series: String,
    /// What the kernel is built to show.
    #[arg(long, value_enum, default_value_t)]
    pub profile: Profile,
}

impl Target {
    /// The options that name the same kernel on a command line.
    pub fn options(&self) -> String {
        let Target {
            arch,
            series,
            profile,
        } = self;
        format!("--arch {arch} --series {series} --profile {profile}")
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target {
            arch,
            series,
            profile,
        } = self;
        write!(f, "{arch} {series} {profile}")
    }
}
