// SPDX-License-Identifier: GPL-2.0

//! One row of the truth table: a module, what is done to it, and the kernel's state when it is loaded.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::check::target::Running;
use crate::check::Target;
use crate::test::surgery::Patient;

/// A module that was really built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// The C module, for the kernel itself.
    C,
    /// The Rust module, for the kernel itself.
    Rust,
    /// The C module, built for a kernel that differs in its release only.
    OtherRelease,
    /// The C module, built for another configuration: not preemptible, and not SMP where that can be.
    OtherConfiguration,
    /// The C module, built for the other series.
    OtherSeries,
    /// The C module, built for the other architecture.
    OtherArchitecture,
    /// The project's own module, for the kernel itself.
    Module,
    /// The C module, built for the whole kernel of the other series, with that kernel's symbol versions.
    OtherKernelC,
    /// The Rust module, built for that kernel.
    OtherKernelRust,
    /// The project's own module, built for that kernel.
    OtherKernelModule,
    /// A module of the kernel's own tree that needs another one.
    Dependent,
    /// That other one.
    Dependency,
}

/// Whose key signs a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// The kernel's own.
    Kernel,
    /// One that the kernel does not know.
    Stranger,
}

/// One row.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) name: &'static str,
    pub(super) subject: Subject,
    /// What is done to the module before it is signed.
    pub(super) change: fn(&mut Patient) -> Result<()>,
    /// Who signs it then.
    pub(super) key: Option<Key>,
    /// What is done to the file after that.
    pub(super) finish: fn(&mut Vec<u8>),
    /// Words for the kernel's command line.
    pub(super) parameters: &'static [&'static str],
    /// What is inserted before it; the module itself when it is to be inserted twice.
    pub(super) before: Before,
}

/// What is inserted before the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// What it needs.
    Needed,
    /// The module itself.
    Itself,
}

impl Pair {
    /// A module as it was built.
    pub(super) fn new(name: &'static str, subject: Subject) -> Pair {
        Pair {
            name,
            subject,
            change: |_| Ok(()),
            key: None,
            finish: |_| (),
            parameters: &[],
            before: Before::Nothing,
        }
    }

    /// The module is changed.
    pub(super) fn change(self, change: fn(&mut Patient) -> Result<()>) -> Pair {
        Pair { change, ..self }
    }

    /// The module is signed after that.
    pub(super) fn signed(self, key: Key) -> Pair {
        Pair {
            key: Some(key),
            ..self
        }
    }

    /// The file is changed after that.
    pub(super) fn finish(self, finish: fn(&mut Vec<u8>)) -> Pair {
        Pair { finish, ..self }
    }

    /// The kernel is started with these words.
    pub(super) fn parameters(self, parameters: &'static [&'static str]) -> Pair {
        Pair { parameters, ..self }
    }

    /// This is inserted before it.
    pub(super) fn before(self, before: Before) -> Pair {
        Pair { before, ..self }
    }

    /// The target as `check` would find it: the kernel with this command line, and with what is inserted before.
    pub(super) fn target(&self, kernel: &Target) -> Target {
        let mut target = kernel.clone();
        target.command_line = Some(self.parameters.join(" "));
        if self.before == Before::Itself {
            let loaded = BTreeSet::from([String::from("verdict_c")]);
            target.running = Some(Running {
                loaded: loaded.clone(),
                directories: loaded,
                ..Running::default()
            });
        }
        if let (Before::Nothing, Some(installed)) = (self.before, &mut target.installed) {
            installed.files.clear();
        }
        target
    }
}
