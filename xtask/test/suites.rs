// SPDX-License-Identifier: GPL-2.0

//! The table of suites. A suite of the virtual machine is a row here and a file of that name in `tests/suites/`.

use xshell::Shell;

use super::case::Outcome;
use super::{autoload, deploy, host, install, package, stock, yocto};
use crate::arch::Arch;
use crate::kernel::series;
use crate::target::Target;
use crate::vm::Workshop;

/// A suite.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suite {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub about: &'static str,
    /// Where and how it runs.
    pub kind: Kind,
}

/// Where and how a suite runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// On the host, once.
    Host(fn(&Shell) -> anyhow::Result<Outcome>),
    /// On a board with systemd, which takes minutes: arm64 of the default series, and others when it is named.
    Board(fn(&Shell, &Workshop) -> anyhow::Result<Outcome>),
    /// On the host, for each kernel.
    Kernel(fn(&Shell, &Workshop) -> anyhow::Result<Outcome>),
    /// A build of the module, for each kernel.
    Kbuild,
    /// In virtual machines that go wrong on purpose, for each kernel.
    Harness,
    /// In virtual machines that load changed modules, for each kernel.
    Verdicts,
    /// In a virtual machine, for each kernel.
    Guest(Guest),
    /// In a virtual machine whose device tree has these nodes too, for each kernel that has device trees.
    DeviceTree(&'static str, Guest),
    /// In a virtual machine with Mesa's turnip, for each kernel.
    Mesa(Guest),
}

/// What a suite needs in its virtual machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guest {
    /// Whether the module is inserted before the tests and removed after them; otherwise they do it themselves.
    pub insert: bool,
    /// Programs that the tests start, in `/bin`.
    pub programs: &'static [&'static str],
    /// Modules of the kernel that the tests insert, by their place in its build directory.
    pub modules: &'static [&'static str],
}

impl Kind {
    /// Whether there is anything to run on the kernel; `named` when the command line names the suite.
    pub(super) fn is_for(&self, target: &Target, named: bool) -> bool {
        match self {
            Kind::Host(_) => false,
            Kind::DeviceTree(..) => target.arch == Arch::Arm64,
            Kind::Board(_) => {
                named || (target.arch == Arch::Arm64 && target.series == series::DEFAULT)
            }
            _ => true,
        }
    }
}

/// Every suite, in the order in which they run: what is quickest to fail comes first.
pub(super) const ALL: &[Suite] = &[
    host(
        "rustfmt",
        "every Rust file is formatted",
        host::lints::rustfmt,
    ),
    host(
        "clippy",
        "no lint of clippy or rustc fires",
        host::lints::clippy,
    ),
    host(
        "generate",
        "generated files are up to date",
        host::generated::check,
    ),
    host("host", "the tests of every crate", host::cargo::test),
    host(
        "misuse",
        "a wrong command line is told from a failure",
        host::misuse::run,
    ),
    host(
        "yocto",
        "the layer, by BitBake's parser and with its tasks",
        yocto::run,
    ),
    Suite {
        name: "kbuild",
        about: "the module compiles without a warning",
        kind: Kind::Kbuild,
    },
    Suite {
        name: "install",
        about: "a root directory gets all of the module or nothing",
        kind: Kind::Kernel(install::run),
    },
    Suite {
        name: "package",
        about: "dpkg and dkms take what is packaged, and give it back",
        kind: Kind::Kernel(package::run),
    },
    Suite {
        name: "harness",
        about: "a virtual machine that goes wrong is noticed",
        kind: Kind::Harness,
    },
    Suite {
        name: "verdicts",
        about: "what `check` predicts is what the kernel says",
        kind: Kind::Verdicts,
    },
    guest(
        "load",
        "the module comes and goes",
        Guest {
            insert: false,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "demo",
        "the demo client sees what the GPU wrote",
        Guest {
            insert: true,
            programs: &["demo"],
            modules: &[],
        },
    ),
    guest(
        "abi",
        "each ioctl, and each way to misuse it",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "compat",
        "32-bit programs are served",
        Guest {
            insert: true,
            programs: &["client32"],
            modules: &[],
        },
    ),
    guest(
        "memory",
        "objects live, are shared and go",
        Guest {
            insert: true,
            programs: &["client"],
            modules: &[
                "drivers/gpu/drm/drm_shmem_helper.ko",
                "drivers/gpu/drm/vgem/vgem.ko",
            ],
        },
    ),
    guest(
        "sync",
        "fences order work and tell of it",
        Guest {
            insert: true,
            programs: &["client"],
            modules: &[],
        },
    ),
    guest(
        "timeline",
        "timelines move, are waited for and go",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "command",
        "every way to submit, and what comes of it",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "device",
        "what the device says of itself",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "perfcounter",
        "counters count what streams do",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "observe",
        "what the device tells of itself is true",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "race",
        "calls that race leave everything whole",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "cve",
        "the holes that other drivers had",
        Guest {
            insert: true,
            programs: &[],
            modules: &[],
        },
    ),
    guest(
        "fuzz",
        "calls made up from a seed leave the kernel well",
        Guest {
            insert: true,
            programs: &["fuzz"],
            modules: &[],
        },
    ),
    guest(
        "lifetime",
        "nothing outlives who made it",
        Guest {
            insert: true,
            programs: &["client"],
            modules: &[],
        },
    ),
    Suite {
        name: "platform",
        about: "the device follows the device tree's node",
        kind: Kind::DeviceTree(
            "tests/device_trees/adreno.dtso",
            Guest {
                insert: false,
                programs: &[],
                modules: &[],
            },
        ),
    },
    Suite {
        name: "vulkan",
        about: "Mesa's turnip runs on it, and each byte is right",
        kind: Kind::Mesa(Guest {
            insert: true,
            programs: &[],
            modules: &[],
        }),
    },
    Suite {
        name: "autoload",
        about: "a board with systemd comes up with the module",
        kind: Kind::Board(autoload::run),
    },
    Suite {
        name: "deploy",
        about: "a board over ssh gets the module, or stays as it was",
        kind: Kind::Board(deploy::run),
    },
];

/// What takes long and fetches much; it runs when it is named, or with `--full`.
pub(super) const FULL: &[Suite] = &[
    host(
        "stock",
        "check agrees with Debian's own kernels, module by module",
        stock::run,
    ),
    host(
        "yocto-gcc",
        "Yocto's tasks on a kernel that GCC built",
        yocto::run_gcc,
    ),
];

const fn host(
    name: &'static str,
    about: &'static str,
    run: fn(&Shell) -> anyhow::Result<Outcome>,
) -> Suite {
    Suite {
        name,
        about,
        kind: Kind::Host(run),
    }
}

const fn guest(name: &'static str, about: &'static str, guest: Guest) -> Suite {
    Suite {
        name,
        about,
        kind: Kind::Guest(guest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;
    use std::collections::BTreeSet;

    #[test]
    fn every_suite_of_the_guest_has_its_row() {
        let directory = project::root().join("tests/suites");
        let files = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let names = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
        let files: BTreeSet<_> = names.filter(|name| name != "mod").collect();
        let of_guest = ALL.iter().filter(|suite| {
            matches!(
                suite.kind,
                Kind::Guest(_) | Kind::DeviceTree(..) | Kind::Mesa(_) | Kind::Harness
            )
        });
        assert_eq!(files, of_guest.map(|suite| suite.name.to_owned()).collect());
    }
}
