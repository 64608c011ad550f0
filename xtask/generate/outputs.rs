// SPDX-License-Identifier: GPL-2.0

//! The generated files. A new one is one more row.

/// A generated file.
pub struct Output {
    /// Its path from the repository's root; a template too.
    pub path: &'static str,
    /// The template of its text.
    pub template: &'static str,
}

/// Every generated file.
pub const ALL: &[Output] = &[
    Output {
        path: "Makefile",
        template: include_str!("templates/Makefile.jinja"),
    },
    Output {
        path: "Kbuild",
        template: include_str!("templates/Kbuild.jinja"),
    },
];
