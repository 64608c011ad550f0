// SPDX-License-Identifier: GPL-2.0

//! Which directories a target reads its configuration from.

use std::fmt;

use clap::ValueEnum;

use crate::install::Root;

/// A convention of where configuration goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// Below /usr/lib, where a system with systemd looks for what packages bring; /etc is the administrator's.
    Systemd,
    /// Below /etc, where every system looks.
    Etc,
}

/// The directories of a layout, from the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directories {
    /// Names of modules to load at boot.
    pub modules_load: &'static str,
    /// What modprobe is told.
    pub modprobe: &'static str,
    /// Rules of udev.
    pub udev: &'static str,
}

impl Layout {
    /// The convention of a root: that of systemd when it has systemd.
    pub fn of(root: &Root) -> Layout {
        let has_systemd = ["usr/lib/systemd/systemd", "lib/systemd/systemd"]
            .iter()
            .any(|program| root.has(program));
        match has_systemd {
            true => Layout::Systemd,
            false => Layout::Etc,
        }
    }

    /// The directories of the layout in a root. Where /lib is not a link to /usr/lib, older kmod and udev look in /lib:
    /// what the root has says which.
    pub fn directories(self, root: &Root) -> Directories {
        let is_split = root.has("lib") && !root.directory().join("lib").is_symlink();
        let choose = |split: &'static str, merged: &'static str| match is_split && root.has(split) {
            true => split,
            false => merged,
        };
        match self {
            Layout::Systemd => Directories {
                modules_load: "usr/lib/modules-load.d",
                modprobe: choose("lib/modprobe.d", "usr/lib/modprobe.d"),
                udev: choose("lib/udev/rules.d", "usr/lib/udev/rules.d"),
            },
            Layout::Etc => Directories {
                modules_load: "etc/modules-load.d",
                modprobe: "etc/modprobe.d",
                udev: "etc/udev/rules.d",
            },
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Layout::Systemd => "systemd",
            Layout::Etc => "etc",
        })
    }
}
