// SPDX-License-Identifier: GPL-2.0

//! Installing packages with apt-get, without questions.

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::arch::Arch;
use crate::host::distribution::Distribution;
use crate::host::packages::Package;
use crate::process;
use crate::progress::Step;

/// Whether this process may install packages.
pub fn is_root(sh: &Shell) -> bool {
    cmd!(sh, "id --user")
        .quiet()
        .read()
        .is_ok_and(|id| id == "0")
}

/// The foreign architectures that the packages belong to.
fn foreign(packages: &[Package]) -> Vec<Arch> {
    let mut foreign: Vec<Arch> = packages
        .iter()
        .filter_map(|package| package.foreign)
        .collect();
    foreign.sort();
    foreign.dedup();
    foreign
}

/// What apt-get is asked for. Debian 12's QEMU conflicts with a qemu-utils from backports, which the trailing dash
/// keeps out of the same transaction.
fn requests(distribution: &Distribution, packages: &[Package]) -> Vec<String> {
    let mut requests: Vec<String> = packages.iter().map(Package::qualified).collect();
    let qemu = packages
        .iter()
        .any(|package| package.name.starts_with("qemu-system"));
    if qemu && *distribution == Distribution::Debian12 {
        requests.push("qemu-utils-".to_owned());
    }
    requests
}

/// The options of `apt-get install`: it never removes what the user has, unless the request itself does.
fn options(requests: &[String]) -> Vec<&'static str> {
    let mut options = vec!["--yes", "--quiet", "--no-install-recommends"];
    if !requests.iter().any(|request| request.ends_with('-')) {
        options.push("--no-remove");
    }
    options
}

/// The commands that install the packages, for people to type.
pub fn commands(distribution: &Distribution, packages: &[Package]) -> String {
    let add = foreign(packages)
        .into_iter()
        .map(|arch| format!("dpkg --add-architecture {}", arch.debian()));
    let update = ["apt-get update".to_owned()];
    let requests = requests(distribution, packages);
    let (options, requests) = (options(&requests).join(" "), requests.join(" "));
    let install = [format!("apt-get install {options} {requests}")];
    let commands: Vec<String> = add
        .chain(update)
        .chain(install)
        .map(|command| format!("sudo {command}"))
        .collect();
    commands.join(" && ")
}

/// Installs the packages.
pub fn install(
    sh: &Shell,
    distribution: &Distribution,
    packages: &[Package],
) -> anyhow::Result<()> {
    let step = Step::start(format!("installing {} host packages", packages.len()));
    let _noninteractive = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
    for arch in foreign(packages) {
        let arch = arch.debian();
        cmd!(sh, "dpkg --add-architecture {arch}")
            .quiet()
            .run()
            .context("adding a foreign architecture")?;
    }
    let update = cmd!(sh, "apt-get --quiet update");
    process::run_logged(&step, update, "apt-update").context("updating the package lists")?;
    let requests = requests(distribution, packages);
    let options = options(&requests);
    let install = cmd!(sh, "apt-get install {options...} {requests...}");
    process::run_logged(&step, install, "apt-install").context("installing host packages")?;
    step.done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::need::Need;
    use crate::host::packages::packages;

    #[test]
    fn debian_12_keeps_qemu_utils_out_of_the_transaction() {
        let of = |distribution| {
            requests(
                &distribution,
                &packages(&distribution, Need::Qemu(Arch::Arm64)),
            )
        };
        assert_eq!(
            of(Distribution::Debian12),
            ["qemu-system-arm", "qemu-utils-"]
        );
        assert_eq!(of(Distribution::Debian13), ["qemu-system-arm"]);
    }

    #[test]
    fn a_foreign_library_adds_its_architecture() {
        let foreign = Arch::ALL.into_iter().find(|arch| !arch.is_host()).unwrap();
        let packages = packages(&Distribution::Debian13, Need::Guest(foreign));
        let commands = commands(&Distribution::Debian13, &packages);
        assert!(
            commands.starts_with(&format!(
                "sudo dpkg --add-architecture {}",
                foreign.debian()
            )),
            "{commands}"
        );
    }
}
