// SPDX-License-Identifier: GPL-2.0

//! The table of suites. A suite of the virtual machine is a row here and a file of that name in `tests/suites/`.

use xshell::Shell;

use super::case::Outcome;
use super::{autoload, deploy, host, install, package, stock, yocto};
use crate::arch::Arch;
use crate::kernel::series;
use crate::target::{Profile, Target};
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
    /// In virtual machines with a module that does wrong, for each kernel that can notice.
    Sanitizers,
    /// In a virtual machine, for each kernel.
    Guest(Guest),
    /// In a virtual machine whose device tree has these nodes too, for each kernel that has device trees.
    DeviceTree(&'static str, Guest),
    /// In a virtual machine with Mesa's turnip, which takes minutes: the default series, and others when it is named or
    /// everything is wanted.
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
    /// How many times the usual a test may take, and the whole run.
    pub patience: u32,
    /// Memory of the machine in MiB, where it is not the usual; a machine with sanitizers has more.
    pub memory: Option<u32>,
    /// The profile without which there is nothing to see; none where every kernel will do.
    pub profile: Option<Profile>,
    /// Whether every change is tested with it on the kernel with sanitizers, too.
    pub sanitized: bool,
}

/// A machine without the module: the tests insert it.
const BARE: Guest = Guest {
    insert: false,
    programs: &[],
    modules: &[],
    patience: 1,
    memory: None,
    profile: None,
    sanitized: false,
};

/// A machine with the module in it.
const INSERTED: Guest = Guest {
    insert: true,
    ..BARE
};

/// The same, and on the kernel with sanitizers.
const SANITIZED: Guest = Guest {
    sanitized: true,
    ..INSERTED
};

impl Kind {
    /// Whether it is to run on the kernel; `named` when the command line names the suite, and `thorough` when it wants more
    /// than what every change is tested with.
    pub(super) fn is_for(&self, target: &Target, named: bool, thorough: bool) -> bool {
        let sanitized = target.profile != Profile::Default;
        match self {
            Kind::Host(_) => false,
            Kind::Guest(guest) => {
                let wanted = !sanitized || named || thorough || guest.sanitized;
                wanted
                    && guest
                        .profile
                        .is_none_or(|profile| profile == target.profile)
            }
            Kind::Sanitizers => sanitized,
            Kind::DeviceTree(..) if target.arch != Arch::Arm64 => false,
            Kind::DeviceTree(..) => !sanitized || named || thorough,
            // What concerns packages, boards, Mesa and the loader is the same on every profile.
            _ if sanitized => named,
            Kind::Board(_) => {
                named || (target.arch == Arch::Arm64 && target.series == series::DEFAULT)
            }
            Kind::Mesa(_) => named || thorough || target.series == series::DEFAULT,
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
    Suite {
        name: "sanitizers",
        about: "whatever a module does wrong, the kernel notices",
        kind: Kind::Sanitizers,
    },
    guest("load", "the module comes and goes", BARE),
    guest(
        "demo",
        "the demo client sees what the GPU wrote",
        Guest {
            programs: &["demo"],
            ..INSERTED
        },
    ),
    guest("abi", "each ioctl, and each way to misuse it", INSERTED),
    guest(
        "compat",
        "32-bit programs are served",
        Guest {
            programs: &["client32"],
            ..INSERTED
        },
    ),
    guest(
        "memory",
        "objects live, are shared and go",
        Guest {
            programs: &["client"],
            modules: &[
                "drivers/gpu/drm/drm_shmem_helper.ko",
                "drivers/gpu/drm/vgem/vgem.ko",
            ],
            ..INSERTED
        },
    ),
    guest(
        "sync",
        "fences order work and tell of it",
        Guest {
            programs: &["client"],
            ..INSERTED
        },
    ),
    guest(
        "timeline",
        "timelines move, are waited for and go",
        INSERTED,
    ),
    guest(
        "command",
        "every way to submit, and what comes of it",
        INSERTED,
    ),
    guest("device", "what the device says of itself", INSERTED),
    guest("perfcounter", "counters count what streams do", INSERTED),
    guest(
        "observe",
        "what the device tells of itself is true",
        INSERTED,
    ),
    guest("race", "calls that race leave everything whole", INSERTED),
    guest("cve", "the holes that other drivers had", SANITIZED),
    guest(
        "fuzz",
        "calls made up from a seed leave the kernel well",
        Guest {
            programs: &["fuzz", "fuzz32"],
            ..SANITIZED
        },
    ),
    guest(
        "lifetime",
        "nothing outlives who made it",
        Guest {
            programs: &["client"],
            ..SANITIZED
        },
    ),
    guest(
        "stress",
        "much of everything, and nothing is left of it",
        Guest {
            programs: &["client"],
            patience: 3,
            memory: Some(256),
            ..INSERTED
        },
    ),
    guest(
        "faults",
        "whatever fails in a call, nothing comes of it",
        Guest {
            profile: Some(Profile::Sanitize),
            patience: 2,
            ..SANITIZED
        },
    ),
    Suite {
        name: "platform",
        about: "the device follows the device tree's node",
        kind: Kind::DeviceTree("tests/device_trees/adreno.dtso", BARE),
    },
    Suite {
        name: "vulkan",
        about: "Mesa's turnip runs on it, and each byte is right",
        kind: Kind::Mesa(INSERTED),
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
    guest(
        "endurance",
        "the module is loaded and unloaded a thousand times",
        Guest {
            patience: 20,
            ..INSERTED
        },
    ),
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
    fn a_kernel_with_sanitizers_is_for_machines() {
        let target = |profile| Target {
            arch: Arch::Arm64,
            series: series::DEFAULT.to_owned(),
            profile,
        };
        let names = |profile, thorough| {
            let target = target(profile);
            let suites = ALL
                .iter()
                .filter(|suite| suite.kind.is_for(&target, false, thorough));
            suites.map(|suite| suite.name).collect::<Vec<_>>()
        };
        let every_change = names(Profile::Sanitize, false);
        assert!(every_change.contains(&"sanitizers") && every_change.contains(&"faults"));
        assert!(!every_change.contains(&"demo") && !every_change.contains(&"vulkan"));
        let thorough = names(Profile::Sanitize, true);
        assert!(thorough.contains(&"demo") && !thorough.contains(&"vulkan"));
        let default = names(Profile::Default, false);
        assert!(default.contains(&"vulkan") && !default.contains(&"faults"));
    }

    #[test]
    fn every_suite_of_the_guest_has_its_row() {
        let directory = project::root().join("tests/suites");
        let files = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let names = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
        let files: BTreeSet<_> = names.filter(|name| name != "mod").collect();
        let of_guest = ALL.iter().chain(FULL).filter(|suite| {
            matches!(
                suite.kind,
                Kind::Guest(_)
                    | Kind::DeviceTree(..)
                    | Kind::Mesa(_)
                    | Kind::Harness
                    | Kind::Sanitizers
            )
        });
        assert_eq!(files, of_guest.map(|suite| suite.name.to_owned()).collect());
    }
}
