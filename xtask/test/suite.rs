// SPDX-License-Identifier: GPL-2.0

//! What a suite is: where and how it runs, and what of it runs without being asked for.

use xshell::Shell;

use super::case::Outcome;
use super::usual::Part;
use crate::arch::Arch;
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
    /// What of it every change is tested with on a kernel. All of it runs when it is named, or with `--full`.
    pub usual: fn(&Target) -> Part,
    /// The tests that are its core, where that is less than all and it does not know itself.
    pub core: &'static [&'static str],
}

/// Where and how a suite runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// On the host, once.
    Host(fn(&Shell) -> anyhow::Result<Outcome>),
    /// On the host, once: all of it, or its core.
    HostInParts(fn(&Shell, Part) -> anyhow::Result<Outcome>),
    /// On a board with systemd, which takes minutes.
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
    /// In a virtual machine with Mesa's turnip, which takes minutes.
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
    /// Further words for the kernel's command line.
    pub parameters: &'static [&'static str],
    /// The same for x86_64 alone.
    pub parameters_x86_64: &'static [&'static str],
    /// How many times the usual a test may take, and the whole run.
    pub patience: u32,
    /// How many processors the machine has, unless the kernel looks for what they do to each other.
    pub processors: u32,
    /// Memory of the machine in MiB, where it is not the usual; a machine with sanitizers has more.
    pub memory: Option<u32>,
    /// The profile without which there is nothing to see; none where every kernel will do.
    pub profile: Option<Profile>,
}

impl Guest {
    /// Further words for the command line of a kernel of that architecture.
    pub(super) fn parameters_for(&self, arch: Arch) -> impl Iterator<Item = &'static &'static str> {
        let of_arch = match arch {
            Arch::Arm64 => &[],
            Arch::X86_64 => self.parameters_x86_64,
        };
        self.parameters.iter().chain(of_arch)
    }
}

/// A machine without the module: the tests insert it.
pub(super) const BARE: Guest = Guest {
    insert: false,
    programs: &[],
    modules: &[],
    parameters: &[],
    parameters_x86_64: &[],
    patience: 1,
    processors: 2,
    memory: None,
    profile: None,
};

/// A machine with the module in it.
pub(super) const INSERTED: Guest = Guest {
    insert: true,
    ..BARE
};

impl Suite {
    /// What of it is to run on the kernel; `named` when the command line names the suite, and `thorough` when it wants more
    /// than what every change is tested with.
    pub(super) fn part(&self, target: &Target, named: bool, thorough: bool) -> Part {
        match () {
            () if !self.kind.fits(target) => Part::Nothing,
            () if named => Part::Whole,
            () if target.profile != Profile::Default && !self.kind.is_of_the_kernel() => {
                Part::Nothing
            }
            () if thorough => Part::Whole,
            () => (self.usual)(target),
        }
    }
}

impl Kind {
    /// Whether there is anything to see on the kernel.
    fn fits(&self, target: &Target) -> bool {
        match self {
            Kind::Host(_) | Kind::HostInParts(_) => false,
            Kind::Guest(guest) => guest
                .profile
                .is_none_or(|profile| profile == target.profile),
            Kind::Sanitizers => target.profile != Profile::Default,
            Kind::DeviceTree(..) => target.arch == Arch::Arm64,
            _ => true,
        }
    }

    /// How much of it runs on the host; `wanted` when it is named or everything is.
    pub(super) fn part_on_host(&self, wanted: bool) -> Part {
        match self {
            Kind::HostInParts(_) if !wanted => Part::Core,
            Kind::Host(_) | Kind::HostInParts(_) => Part::Whole,
            _ => Part::Nothing,
        }
    }

    /// Whether a kernel with sanitizers shows more of it than another one. What concerns packages, boards, Mesa and the loader
    /// is the same on both.
    fn is_of_the_kernel(&self) -> bool {
        matches!(
            self,
            Kind::Guest(_) | Kind::DeviceTree(..) | Kind::Sanitizers
        )
    }
}
