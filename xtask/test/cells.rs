// SPDX-License-Identifier: GPL-2.0

//! On which kernels suites run: the cells of series and architecture.

use crate::arch::Arch;
use crate::kernel::series::{self, Series};
use crate::target::{Profile, Target};

/// What an option of the command line names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Choice<T> {
    /// It was not given.
    #[default]
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

/// What the options of the command line say of the kernels; by default, nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Their architecture.
    pub arch: Choice<Arch>,
    /// Their series.
    pub series: Choice<&'a str>,
    /// Their profile.
    pub profile: Choice<Profile>,
    /// Whether everything is wanted.
    pub full: bool,
}

/// The kernels that the options mean. Without a series they are those that every change is tested on; a series that is
/// named, or `all`, means all architectures that the options allow, and `full` whatever there is.
pub(super) fn choose(wanted: &Wanted<'_>) -> Vec<Target> {
    let rows = series::ALL.iter();
    let cells = Profile::ALL
        .iter()
        .flat_map(|profile| rows.clone().map(move |row| (row, *profile)))
        .flat_map(|(row, profile)| Arch::ALL.map(|arch| (row, arch, profile)));
    cells
        .filter(|(row, arch, profile)| wanted.includes(row, *arch, *profile))
        .map(|(row, arch, profile)| Target {
            arch,
            series: row.name.to_owned(),
            profile,
        })
        .collect()
}

impl Wanted<'_> {
    fn includes(&self, row: &Series, arch: Arch, profile: Profile) -> bool {
        let allowed =
            self.arch.allows(arch) && self.series.allows(row.name) && self.profile.allows(profile);
        allowed && (self.is_chosen(row, arch, profile) || self.is_of_all(row, arch, profile))
    }

    /// Whether the kernel is one of those that the options choose.
    fn is_chosen(&self, row: &Series, arch: Arch, profile: Profile) -> bool {
        let usual = match profile {
            Profile::Default => row.tested_on.contains(&arch),
            Profile::Sanitize => is_first(row, arch),
            Profile::Kcsan => false,
        };
        match (self.profile, self.series) {
            (Choice::Unsaid, Choice::Unsaid) => usual,
            (Choice::Unsaid, _) | (_, Choice::Unsaid) if profile == Profile::Default => {
                usual || self.series != Choice::Unsaid
            }
            (Choice::Unsaid, _) => false,
            (_, Choice::Unsaid) if self.arch == Choice::Unsaid => is_first(row, arch),
            (_, Choice::Unsaid) => row.name == series::DEFAULT,
            _ => true,
        }
    }

    /// Whether the kernel is one of all that there are: for races one is enough, for only C code shows them.
    fn is_of_all(&self, row: &Series, arch: Arch, profile: Profile) -> bool {
        self.full && (profile != Profile::Kcsan || is_first(row, arch))
    }
}

/// Whether it is the kernel that commands use when none is named.
fn is_first(row: &Series, arch: Arch) -> bool {
    row.name == series::DEFAULT && arch == Arch::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(wanted: Wanted<'_>) -> Vec<String> {
        let name =
            |target: &Target| format!("{} {} {}", target.series, target.arch, target.profile);
        choose(&wanted).iter().map(name).collect()
    }

    const NOTHING: Wanted<'_> = Wanted {
        arch: Choice::Unsaid,
        series: Choice::Unsaid,
        profile: Choice::Unsaid,
        full: false,
    };

    #[test]
    fn the_default_is_what_every_change_is_tested_on() {
        let default = [
            "6.18 arm64 default",
            "6.18 x86_64 default",
            "7.2 arm64 default",
        ];
        let all = [&default[..], &["6.18 arm64 sanitize"]].concat();
        assert_eq!(cells(NOTHING), all);
        let profile = Choice::One(Profile::Default);
        assert_eq!(cells(Wanted { profile, ..NOTHING }), default);
        let arch = Choice::One(Arch::X86_64);
        assert_eq!(cells(Wanted { arch, ..NOTHING }), ["6.18 x86_64 default"]);
    }

    #[test]
    fn a_series_that_is_named_is_run_without_sanitizers() {
        let series = Choice::One("7.2");
        let both = ["7.2 arm64 default", "7.2 x86_64 default"];
        assert_eq!(cells(Wanted { series, ..NOTHING }), both);
        let series = Choice::All;
        let all = cells(Wanted { series, ..NOTHING });
        assert_eq!(all.len(), Arch::ALL.len() * series::ALL.len());
    }

    #[test]
    fn a_profile_that_is_named_is_run() {
        let profile = Choice::One(Profile::Sanitize);
        assert_eq!(
            cells(Wanted { profile, ..NOTHING }),
            ["6.18 arm64 sanitize"]
        );
        let arch = Choice::One(Arch::X86_64);
        let series = Choice::One("7.2");
        let one = Wanted {
            arch,
            series,
            profile,
            full: false,
        };
        assert_eq!(cells(one), ["7.2 x86_64 sanitize"]);
        let profile = Choice::One(Profile::Kcsan);
        assert_eq!(cells(Wanted { profile, ..NOTHING }), ["6.18 arm64 kcsan"]);
    }

    #[test]
    fn everything_is_every_kernel_and_one_for_races() {
        let all = cells(Wanted {
            full: true,
            ..NOTHING
        });
        assert_eq!(all.len(), 2 * Arch::ALL.len() * series::ALL.len() + 1);
    }
}
