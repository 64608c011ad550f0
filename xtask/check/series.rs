// SPDX-License-Identifier: GPL-2.0

//! The rules of the module loader that differ between kernel series.

/// What a loader does where the series differ. Measured on 6.18.15, 7.2.12 and 7.3.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// The series whose rules these are.
    pub name: &'static str,
    /// A symbol that `__versions` does not list is refused, where there is no extended table.
    pub refuses_unlisted: bool,
    /// Exported symbols carry flags in `__kflagstab`; the tables of GPL-only symbols are gone.
    pub has_flag_table: bool,
    /// The types of the two string tables are checked.
    pub checks_string_tables: bool,
    /// The section index of a defined symbol is checked.
    pub checks_symbol_sections: bool,
    /// The extended version tables are read.
    pub reads_extended: bool,
    /// A relocation that overflows is told with its section and index (x86_64).
    pub tells_relocation_place: bool,
    /// `module:` namespaces exist: symbols that only the modules named there may use.
    pub has_module_namespaces: bool,
}

/// Linux 6.18.
pub static V6_18: Series = Series {
    name: "6.18",
    refuses_unlisted: false,
    has_flag_table: false,
    checks_string_tables: false,
    checks_symbol_sections: false,
    reads_extended: true,
    tells_relocation_place: false,
    has_module_namespaces: true,
};

/// Linux 7.2.
pub static V7_2: Series = Series {
    name: "7.2",
    refuses_unlisted: true,
    has_flag_table: true,
    checks_string_tables: true,
    checks_symbol_sections: true,
    tells_relocation_place: true,
    ..V6_18
};

/// Linux 7.3.
pub static V7_3: Series = Series {
    name: "7.3",
    ..V7_2
};

/// Linux before 6.14, which knows no extended tables.
static BEFORE_EXTENDED: Series = Series {
    name: "before 6.14",
    reads_extended: false,
    has_module_namespaces: false,
    ..V6_18
};

/// Version and patch level of a release such as `6.18.15-yocto`.
pub fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|character: char| !character.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

impl Series {
    /// The rules for a release: those of the newest measured series that is not newer than it.
    pub fn of_release(release: &str) -> &'static Series {
        match version(release) {
            Some(version) if version >= (7, 3) => &V7_3,
            Some(version) if version >= (7, 2) => &V7_2,
            Some(version) if version < (6, 14) => &BEFORE_EXTENDED,
            _ => &V6_18,
        }
    }

    /// Whether the rules were measured on the series of this release.
    pub fn is_measured_for(&self, release: &str) -> bool {
        version(release).is_some_and(|(major, minor)| self.name == format!("{major}.{minor}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_gets_the_rules_of_its_series() {
        assert_eq!(Series::of_release("6.18.15-g1234"), &V6_18);
        assert_eq!(Series::of_release("7.2.12+deb13-arm64"), &V7_2);
        assert_eq!(Series::of_release("7.3.0-rc1"), &V7_3);
        assert_eq!(Series::of_release("7.0.1").name, "6.18");
        assert!(!Series::of_release("6.12.1").reads_extended);
    }

    #[test]
    fn only_measured_series_are_called_so() {
        assert!(V6_18.is_measured_for("6.18.99"));
        assert!(!V6_18.is_measured_for("6.19.1"));
        assert!(!Series::of_release("7.4.0").is_measured_for("7.4.0"));
    }
}
