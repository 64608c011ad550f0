// SPDX-License-Identifier: GPL-2.0

//! What the operating system consists of, and what it depends on.

use xshell::Shell;

use crate::arch::Arch;
use crate::kernel::digest;

/// Debian's release.
pub(super) const SUITE: &str = "trixie";

/// The packages: what a board has that boots with systemd and is reached over ssh, and what Debian itself needs.
pub(super) const PACKAGES: &[&str] = &[
    "?essential",
    "?priority(required)",
    "systemd-sysv",
    "udev",
    "kmod",
    "dbus",
    "openssh-server",
    "sudo",
    "iproute2",
];

/// The script that makes a system of the unpacked packages.
pub(super) const CONFIGURE: &str = include_str!("configure.sh");

/// Moves when the way the system is put together changes in a manner that its other inputs do not show.
const RECIPE: u32 = 1;

/// The name of the system's file in the cache, unique for what it is made of. Debian's archive is not part of it: a
/// stable release changes little.
pub(super) fn name(sh: &Shell, arch: Arch) -> anyhow::Result<String> {
    let packages = PACKAGES.join(" ");
    let text = format!("recipe {RECIPE}\narch {arch}\nsuite {SUITE}\n{packages}\n{CONFIGURE}");
    let digest = digest::of_text(sh, &text)?;
    let short = digest.get(..8).unwrap_or(&digest);
    Ok(format!("{SUITE}-{arch}-{short}.tar"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_architecture_has_a_name_of_its_own() {
        let sh = Shell::new().unwrap();
        let [arm64, x86_64] = Arch::ALL.map(|arch| name(&sh, arch).unwrap());
        assert_ne!(arm64, x86_64);
        assert!(arm64.starts_with("trixie-arm64-"), "{arm64}");
    }
}
