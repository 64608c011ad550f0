// SPDX-License-Identifier: GPL-2.0

//! Fetches Debian's packages and unpacks them; nothing of them runs, so that it works for any architecture.

use std::path::Path;

use anyhow::Context;
use xshell::{cmd, Shell};

use super::key::{PACKAGES, SUITE};
use crate::arch::Arch;
use crate::debian::{self, KEYRING};
use crate::process;
use crate::progress::Step;

/// What mmdebstrap leaves out: the packages' files stay for dpkg, and nothing has to run.
const SKIPPED: &str = "essential/unlink,cleanup/apt/cache,check/qemu";

/// Unpacks the system's packages into the directory, which must not be there yet, and leaves their files in its apt
/// cache.
pub(super) fn unpack(sh: &Shell, arch: Arch, directory: &Path) -> anyhow::Result<()> {
    let architecture = arch.debian();
    // An option each: a comma after a pattern would belong to the pattern.
    let packages = PACKAGES
        .iter()
        .map(|package| format!("--include={package}"));
    let sources = sources(&debian::mirror(sh)?);
    let step = Step::start(format!("fetching Debian {SUITE} for {arch}"));
    let cmd = cmd!(
        sh,
        "mmdebstrap --mode=root --variant=extract --skip={SKIPPED} --architectures={architecture} {packages...} {SUITE} {directory} {sources...}"
    );
    process::run_logged(&step, cmd, "rootfs-unpack")
        .with_context(|| format!("fetching Debian {SUITE} for {arch}"))?;
    step.done();
    Ok(())
}

/// The release with its updates, from the mirror that the host itself uses.
fn sources(mirror: &str) -> [String; 3] {
    let mirror = mirror.trim_end_matches('/');
    let source = |uri: &str, suite: &str| format!("deb [signed-by={KEYRING}] {uri} {suite} main");
    [
        source(mirror, SUITE),
        source(mirror, &format!("{SUITE}-updates")),
        source(&format!("{mirror}-security"), &format!("{SUITE}-security")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_updates_come_from_beside_the_mirror() {
        let [.., security] = sources("http://mirror/debian/");
        let end = "http://mirror/debian-security trixie-security main";
        assert!(security.ends_with(end), "{security}");
    }
}
