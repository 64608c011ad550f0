// SPDX-License-Identifier: GPL-2.0

//! What a Vulkan program needs in the virtual machine besides the driver: Debian 13's Vulkan loader, vulkaninfo and
//! libraries, unpacked, not installed. The one library that the driver itself is built against comes from there, too.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{cmd, Shell};

use crate::arch::Arch;
use crate::debian::{Apt, Source};
use crate::kernel::ensure::lock;
use crate::process;
use crate::progress::Step;
use crate::project;

/// What is fetched with everything that it depends on.
const PACKAGES: &[&str] = &[
    "vulkan-tools",
    "libvulkan1",
    "libstdc++6",
    "libc6",
    "zlib1g",
];

/// What the driver is built against.
const DEVELOPMENT: &[&str] = &["zlib1g-dev", "zlib1g"];

/// Where the packages come from.
const SOURCE: Source = Source {
    archive: "",
    suites: "trixie",
    sources: false,
};

/// The unpacked packages of one architecture.
#[derive(Debug)]
pub(super) struct Userland {
    /// The root directory of the programs and libraries.
    pub(super) root: PathBuf,
    /// The root directory of the headers and libraries to build against.
    pub(super) development: PathBuf,
}

/// The packages; fetched and unpacked when the cache does not have them.
pub(super) fn ensure(sh: &Shell, arch: Arch) -> anyhow::Result<Userland> {
    let parent = project::cache()?.join("userland");
    let directory = parent.join(arch.name());
    let _lock = lock(&parent, arch.name())?;
    if !directory.is_dir() {
        fetch(
            sh,
            arch,
            &parent.join(format!("{arch}.partial")),
            &directory,
        )
        .with_context(|| format!("fetching the Vulkan loader for {arch}"))?;
    }
    Ok(Userland {
        root: directory.join("root"),
        development: directory.join("development"),
    })
}

fn fetch(sh: &Shell, arch: Arch, partial: &Path, directory: &Path) -> anyhow::Result<()> {
    sh.remove_path(partial)?;
    let apt = Apt::open(
        sh,
        &partial.join("apt"),
        "Vulkan programs",
        &[SOURCE],
        &[arch],
    )?;
    sh.write_file(partial.join("status"), "")?;
    let private = Private {
        sh,
        apt,
        arch,
        directory: partial.to_owned(),
    };
    let complete = partial.join("complete");
    let install = [
        "--yes",
        "--download-only",
        "--no-install-recommends",
        "install",
    ];
    private.unpack(&install, PACKAGES, &complete.join("root"))?;
    private.unpack(&["download"], DEVELOPMENT, &complete.join("development"))?;
    std::fs::rename(&complete, directory).context("moving the packages into the cache")?;
    Ok(sh.remove_path(partial)?)
}

/// apt on a machine of the architecture on which nothing is installed, so that all dependencies are resolved.
struct Private<'s> {
    sh: &'s Shell,
    apt: Apt<'s>,
    arch: Arch,
    directory: PathBuf,
}

impl Private<'_> {
    /// Has apt fetch packages, and unpacks what it has fetched.
    fn unpack(&self, action: &[&str], packages: &[&str], root: &Path) -> anyhow::Result<()> {
        let (sh, arch) = (self.sh, self.arch);
        let archives = self.directory.join("archives");
        sh.remove_path(&archives)?;
        sh.create_dir(archives.join("partial"))?;
        let step = Step::start(format!("fetching {} for {arch}", packages.join(", ")));
        let get = self.apt.command("apt-get").args(self.options(&archives));
        let _in = sh.push_dir(&archives);
        process::run_logged(&step, get.args(action).args(packages), "vulkan-fetch")?;
        step.done();
        sh.create_dir(root)?;
        for archive in sh.read_dir(&archives)? {
            if archive.extension().is_some_and(|end| end == "deb") {
                cmd!(sh, "dpkg-deb --extract {archive} {root}")
                    .quiet()
                    .run()
                    .context("unpacking a package")?;
            }
        }
        Ok(())
    }

    /// Nothing of this host is changed, so that its package database need not be locked.
    fn options(&self, archives: &Path) -> Vec<String> {
        let arch = self.arch.debian();
        let status = self.directory.join("status");
        let options = [
            format!("APT::Architecture={arch}"),
            format!("APT::Architectures={arch}"),
            format!("Dir::State::Status={}", status.display()),
            format!("Dir::Cache::Archives={}", archives.display()),
            "Debug::NoLocking=1".to_owned(),
        ];
        let words = options.into_iter();
        words
            .flat_map(|option| ["--option".to_owned(), option])
            .collect()
    }
}
