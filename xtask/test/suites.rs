// SPDX-License-Identifier: GPL-2.0

//! The table of suites. A suite of the virtual machine is a row here and a file of that name in `tests/suites/`.

use xshell::Shell;

use super::case::Outcome;
use super::suite::{Guest, Kind, Suite, BARE, INSERTED};
use super::usual::{self, Part};
use super::{autoload, deploy, host, install, package, stock, yocto};
use crate::target::{Profile, Target};

/// What of `stress` depends on the kernel more than on the driver: memory that ends, and modules that come and go.
const STRESS: &[&str] = &[
    "every_context_there_is_works_and_goes",
    "the_hog_is_killed_and_the_device_lives",
    "it_stays_while_the_gpu_works",
    "it_goes_between_two_who_open_it",
];

/// What of `vulkan` shows that a real client renders rightly: both generations of the GPU, memory that is shared, waiting,
/// and what there is no shader for. Each test starts turnip anew, which takes most of its time.
const VULKAN: &[&str] = &[
    "tiled_images_are_copied_to_and_from_buffers",
    "images_are_blitted",
    "the_picture_is_that_of_the_documentation",
    "timeline_semaphores_order_work",
    "processes_share_semaphores_and_memory",
    "a_draw_faults_when_strict",
    "a7xx_clears_tiled_images",
    "a7xx_draws_the_same_picture",
];

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
    suite(
        "yocto",
        "the layer, by BitBake's parser and with its tasks",
        Kind::HostInParts(yocto::run),
    ),
    suite(
        "kbuild",
        "the module compiles without a warning",
        Kind::Kbuild,
    )
    .usually(usual::on_each_series),
    suite(
        "install",
        "a root directory gets all of the module or nothing",
        Kind::Kernel(install::run),
    )
    .usually(usual::once),
    suite(
        "package",
        "dpkg and dkms take what is packaged, and give it back",
        Kind::Kernel(package::run),
    )
    .usually(usual::on_the_host_s_kernel),
    suite(
        "harness",
        "a virtual machine that goes wrong is noticed",
        Kind::Harness,
    )
    .usually(usual::once),
    suite(
        "verdicts",
        "what `check` predicts is what the kernel says",
        Kind::Verdicts,
    ),
    suite(
        "sanitizers",
        "whatever a module does wrong, the kernel notices",
        Kind::Sanitizers,
    )
    .usually(usual::everywhere),
    guest(
        "load",
        "the module comes and goes",
        Guest {
            // Each removal waits for grace periods, and does nothing the while: they are most of its time. And at boot the
            // kernel goes through all trace events to put numbers in for names in their formats, which nobody reads here.
            parameters: &[
                "rcupdate.rcu_expedited=1",
                "initcall_blacklist=trace_eval_init",
            ],
            // An x86 kernel watches the timer of the local APIC for a tenth of a second to learn its rate, and for another
            // to see whether that is right. Nothing here needs a finer clock than the PIT's. Where it finds one processor,
            // it rewrites each lock of itself and of every module, before 7.3, and QEMU translates them anew.
            parameters_x86_64: &["nolapic_timer", "noreplace-smp"],
            // Nothing here runs beside the test but what waits for it.
            processors: 1,
            ..BARE
        },
    ),
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
    guest("cve", "the holes that other drivers had", INSERTED).usually(usual::everywhere),
    guest(
        "fuzz",
        "calls made up from a seed leave the kernel well",
        Guest {
            programs: &["fuzz", "fuzz32"],
            ..INSERTED
        },
    )
    .usually(usual::everywhere),
    guest(
        "lifetime",
        "nothing outlives who made it",
        Guest {
            programs: &["client"],
            ..INSERTED
        },
    )
    .usually(usual::everywhere),
    guest(
        "stress",
        "much of everything, and nothing is left of it",
        Guest {
            programs: &["client"],
            patience: 3,
            memory: Some(256),
            ..INSERTED
        },
    )
    .usually(usual::whole_once)
    .core(STRESS),
    guest(
        "faults",
        "whatever fails in a call, nothing comes of it",
        Guest {
            profile: Some(Profile::Sanitize),
            patience: 2,
            ..INSERTED
        },
    )
    .usually(usual::everywhere),
    suite(
        "platform",
        "the device follows the device tree's node",
        Kind::DeviceTree("tests/device_trees/adreno.dtso", BARE),
    ),
    suite(
        "vulkan",
        "Mesa's turnip runs on it, and each byte is right",
        Kind::Mesa(INSERTED),
    )
    .usually(usual::core_on_each_architecture)
    .core(VULKAN),
    suite(
        "autoload",
        "a board with systemd comes up with the module",
        Kind::Board(autoload::run),
    )
    .usually(usual::core_once),
    suite(
        "deploy",
        "a board over ssh gets the module, or stays as it was",
        Kind::Board(deploy::run),
    )
    .usually(usual::core_once),
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

const fn suite(name: &'static str, about: &'static str, kind: Kind) -> Suite {
    Suite {
        name,
        about,
        kind,
        usual: usual::on_each_kernel,
        core: &[],
    }
}

const fn host(
    name: &'static str,
    about: &'static str,
    run: fn(&Shell) -> anyhow::Result<Outcome>,
) -> Suite {
    suite(name, about, Kind::Host(run))
}

const fn guest(name: &'static str, about: &'static str, guest: Guest) -> Suite {
    suite(name, about, Kind::Guest(guest))
}

impl Suite {
    /// The same suite, of which another part is what every change is tested with.
    const fn usually(self, usual: fn(&Target) -> Part) -> Suite {
        Suite { usual, ..self }
    }

    /// The same suite with these tests as its core.
    const fn core(self, core: &'static [&'static str]) -> Suite {
        Suite { core, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Arch;
    use crate::kernel::series;
    use crate::project;
    use crate::test::names;
    use std::collections::BTreeSet;

    fn running(arch: Arch, profile: Profile, thorough: bool) -> Vec<&'static str> {
        let target = Target {
            arch,
            series: series::DEFAULT.to_owned(),
            profile,
        };
        let runs = |suite: &&Suite| suite.part(&target, false, thorough) != Part::Nothing;
        ALL.iter().filter(runs).map(|suite| suite.name).collect()
    }

    #[test]
    fn a_kernel_with_sanitizers_is_for_machines() {
        let every_change = running(Arch::Arm64, Profile::Sanitize, false);
        assert!(every_change.contains(&"sanitizers") && every_change.contains(&"faults"));
        assert!(!every_change.contains(&"demo") && !every_change.contains(&"vulkan"));
        let thorough = running(Arch::Arm64, Profile::Sanitize, true);
        assert!(thorough.contains(&"demo") && !thorough.contains(&"vulkan"));
        let default = running(Arch::Arm64, Profile::Default, false);
        assert!(default.contains(&"vulkan") && !default.contains(&"faults"));
    }

    #[test]
    fn what_is_the_tool_s_runs_on_one_kernel_unless_everything_is_wanted() {
        let [first, other] =
            [Arch::Arm64, Arch::X86_64].map(|arch| running(arch, Profile::Default, false));
        for name in ["harness", "install", "deploy"] {
            assert!(first.contains(&name) && !other.contains(&name), "{name}");
        }
        assert!(other.contains(&"verdicts") && other.contains(&"load"));
        let everything = running(Arch::X86_64, Profile::Default, true);
        for suite in ALL {
            let fits = !matches!(
                suite.kind,
                Kind::Host(_) | Kind::HostInParts(_) | Kind::DeviceTree(..) | Kind::Sanitizers
            );
            let runs = everything.contains(&suite.name);
            assert_eq!(runs, fits && suite.name != "faults", "{}", suite.name);
        }
    }

    #[test]
    fn each_suite_runs_on_one_kernel_at_least() {
        let profiles = [Profile::Default, Profile::Sanitize];
        let all = profiles.map(|profile| Arch::ALL.map(|arch| running(arch, profile, false)));
        let all: BTreeSet<_> = all.iter().flatten().flatten().collect();
        for suite in ALL {
            let on_host = suite.kind.part_on_host(false) != Part::Nothing;
            assert!(on_host || all.contains(&suite.name), "{}", suite.name);
        }
    }

    #[test]
    fn a_core_is_of_tests_that_there_are() {
        for suite in ALL {
            let known = names::of_suite(suite.name).unwrap();
            for test in suite.core {
                assert!(known.iter().any(|name| name == test), "{test}");
            }
        }
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
