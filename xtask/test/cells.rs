// SPDX-License-Identifier: GPL-2.0

//! On which kernels suites run: the cells of series and architecture.

use crate::arch::Arch;
use crate::kernel::series;
use crate::target::{Profile, Target};

/// What an option of the command line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice<T> {
    /// It was not given.
    Unsaid,
    /// Every one there is.
    All,
    /// This one.
    One(T),
}

impl<T: Copy + PartialEq> Choice<T> {
    fn allows(self, value: T) -> bool {
        match self {
            Choice::One(wanted) => wanted == value,
            Choice::Unsaid | Choice::All => true,
        }
    }
}

/// The kernels that the options mean. Without a series they are those that every change is tested on; a series that is
/// named, or `all`, or `full`, means all that the options allow.
pub(super) fn choose(
    arch: Choice<Arch>,
    series: Choice<&str>,
    profile: Profile,
    full: bool,
) -> Vec<Target> {
    let everything = full || series != Choice::Unsaid;
    let rows = series::ALL.iter().filter(|row| series.allows(row.name));
    let cells = rows.flat_map(|row| Arch::ALL.map(|arch| (row, arch)));
    cells
        .filter(|(row, each)| arch.allows(*each) && (everything || row.tested_on.contains(each)))
        .map(|(row, arch)| Target {
            arch,
            series: row.name.to_owned(),
            profile,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(arch: Choice<Arch>, series: Choice<&str>, full: bool) -> Vec<String> {
        let chosen = choose(arch, series, Profile::Default, full);
        let name = |target: &Target| format!("{} {}", target.series, target.arch);
        chosen.iter().map(name).collect()
    }

    #[test]
    fn the_default_is_what_every_change_is_tested_on() {
        assert_eq!(
            cells(Choice::Unsaid, Choice::Unsaid, false),
            ["6.18 arm64", "6.18 x86_64", "7.2 arm64"]
        );
        assert_eq!(
            cells(Choice::One(Arch::X86_64), Choice::Unsaid, false),
            ["6.18 x86_64"]
        );
        assert_eq!(
            cells(Choice::One(Arch::Arm64), Choice::Unsaid, false),
            ["6.18 arm64", "7.2 arm64"]
        );
    }

    #[test]
    fn everything_is_every_series_on_every_architecture() {
        let all = Arch::ALL.len() * series::ALL.len();
        assert_eq!(cells(Choice::Unsaid, Choice::All, false).len(), all);
        assert_eq!(cells(Choice::All, Choice::All, false).len(), all);
        assert_eq!(cells(Choice::Unsaid, Choice::Unsaid, true).len(), all);
    }

    #[test]
    fn what_is_named_is_run_wherever_it_is_tested_otherwise() {
        assert_eq!(
            cells(Choice::One(Arch::X86_64), Choice::One("7.2"), false),
            ["7.2 x86_64"]
        );
        assert_eq!(
            cells(Choice::Unsaid, Choice::One("7.2"), false),
            ["7.2 arm64", "7.2 x86_64"]
        );
    }
}
