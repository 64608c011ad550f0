// SPDX-License-Identifier: GPL-2.0

//! Which distribution this machine runs, from /etc/os-release.

/// A distribution, as far as package names differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Debian 12 (bookworm).
    Debian12,
    /// Debian 13 (trixie).
    Debian13,
    /// Any other, by its own name.
    Other(String),
}

impl Distribution {
    /// The distribution of this machine.
    pub fn detect() -> Distribution {
        Distribution::parse(&std::fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    /// The distribution that an os-release file describes.
    fn parse(text: &str) -> Distribution {
        let field = |name: &str| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_default().trim_matches('"').to_owned()
        };
        match (field("ID").as_str(), field("VERSION_ID").as_str()) {
            ("debian", "12") => Distribution::Debian12,
            ("debian", "13") => Distribution::Debian13,
            _ => Distribution::Other(field("PRETTY_NAME")),
        }
    }

    /// The name for people.
    pub fn name(&self) -> &str {
        match self {
            Distribution::Debian12 => "Debian 12",
            Distribution::Debian13 => "Debian 13",
            Distribution::Other(name) if name.is_empty() => "an unknown distribution",
            Distribution::Other(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn os_release_names_the_distribution() {
        let debian =
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";
        assert_eq!(Distribution::parse(debian), Distribution::Debian12);
        assert_eq!(
            Distribution::parse(&debian.replace("12", "13")),
            Distribution::Debian13
        );
        let other = "ID=fedora\nVERSION_ID=44\nPRETTY_NAME=\"Fedora Linux 44\"\n";
        assert_eq!(
            Distribution::parse(other),
            Distribution::Other("Fedora Linux 44".to_owned())
        );
        assert_eq!(Distribution::parse("").name(), "an unknown distribution");
    }
}
