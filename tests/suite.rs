// SPDX-License-Identifier: GPL-2.0

//! Suites of tests: plain functions that panic when they fail.

use std::process;

/// The exit status of a test that could not be run here, as in the kernel's own self tests.
pub const SKIPPED: i32 = 4;

/// One test.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// The function's name.
    pub name: &'static str,
    /// Panics when the test fails.
    pub run: fn(),
}

/// Tests that belong together and run in one virtual machine.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// The name of the suite.
    pub name: &'static str,
    /// Its tests, group by group, in the order in which they run.
    pub groups: &'static [&'static [Test]],
}

/// A table of tests from their functions.
#[macro_export]
macro_rules! tests {
    ($($test:ident),* $(,)?) => {
        &[$($crate::suite::Test { name: stringify!($test), run: $test }),*]
    };
}

impl Suite {
    /// Every test.
    pub fn tests(&self) -> impl Iterator<Item = &'static Test> {
        self.groups.iter().copied().flatten()
    }

    /// The test of that name.
    pub fn test(&self, name: &str) -> Option<&'static Test> {
        self.tests().find(|test| test.name == name)
    }
}

/// Ends the test that calls it as skipped, with the reason.
pub fn skip(reason: &str) -> ! {
    println!("SKIP {reason}");
    process::exit(SKIPPED)
}
