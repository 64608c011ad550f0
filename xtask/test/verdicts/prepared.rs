// SPDX-License-Identifier: GPL-2.0

//! Kernels that are taken as far as `modules_prepare` only, which is enough to build a module for them. They are kept in the
//! cache.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::Shell;

use super::pair::Subject;
use crate::arch::Arch;
use crate::kernel::make::Make;
use crate::kernel::source::Source;
use crate::kernel::{self, digest, ensure, series, Tree};
use crate::process;
use crate::progress::Step;
use crate::project;
use crate::target::Profile;

/// A kernel that modules can be built for, and no more.
pub(super) struct Prepared<'a> {
    pub(super) name: &'static str,
    arch: Arch,
    source: Source,
    /// Lines that change its configuration.
    options: &'static [&'static str],
    /// Whether the symbols of the kernel itself are its own too.
    shares_symbols: bool,
    tree: &'a Tree,
}

/// The kernels for which a module is built beside the one that runs.
pub(super) fn all<'a>(sh: &Shell, tree: &'a Tree) -> Result<Vec<(Subject, Prepared<'a>)>> {
    let other_series = series::names()
        .into_iter()
        .find(|name| *name != tree.series)
        .unwrap_or_default();
    let other_arch = Arch::ALL
        .into_iter()
        .find(|arch| *arch != tree.arch)
        .unwrap_or_default();
    let own = || Source {
        version: tree.release.clone(),
        directory: tree.source.clone(),
    };
    let prepare = |name, arch, source, options, shares_symbols| Prepared {
        name,
        arch,
        source,
        options,
        shares_symbols,
        tree,
    };
    let unpreemptible: &[&str] = match tree.arch {
        Arch::Arm64 => &["CONFIG_PREEMPT_NONE=y", "# CONFIG_PREEMPT is not set"],
        Arch::X86_64 => &[
            "CONFIG_PREEMPT_NONE=y",
            "# CONFIG_PREEMPT is not set",
            "# CONFIG_SMP is not set",
        ],
    };
    let other = kernel::ensure_source(sh, other_series)?;
    Ok(vec![
        (
            Subject::OtherRelease,
            prepare(
                "release",
                tree.arch,
                own(),
                &["CONFIG_LOCALVERSION=\"-other\""],
                true,
            ),
        ),
        (
            Subject::OtherConfiguration,
            prepare("configuration", tree.arch, own(), unpreemptible, true),
        ),
        (
            Subject::OtherSeries,
            prepare("series", tree.arch, other, &[], false),
        ),
        (
            Subject::OtherArchitecture,
            prepare("architecture", other_arch, own(), &[], false),
        ),
    ])
}

impl Prepared<'_> {
    pub(super) fn make<'a>(&'a self, build: &'a Path) -> Make<'a> {
        Make {
            source: &self.source.directory,
            build,
            arch: self.arch,
            toolchain: &self.tree.toolchain,
        }
    }

    /// Prepares the kernel, unless the cache has it.
    pub(super) fn ensure(&self, sh: &Shell) -> Result<PathBuf> {
        let directory = project::cache()?.join("prepared");
        let fragment = self.fragment();
        let name = self.directory(sh, &fragment)?;
        let build = directory.join(&name);
        let done = build.join("prepared");
        let _lock = ensure::lock(&directory, &name)?;
        if !done.exists() {
            self.build(sh, &build, &fragment)?;
            fs::write(&done, "")?;
        }
        Ok(build)
    }

    /// The name of its directory, with a digest of all that it depends on.
    fn directory(&self, sh: &Shell, fragment: &str) -> Result<String> {
        let tree = &self.tree;
        let tools = tree.toolchain.versions(sh)?.join("\n");
        let inputs = format!(
            "{}\n{}\n{tools}\n{fragment}",
            self.source.directory.display(),
            tree.build.display()
        );
        let digest = digest::of_text(sh, &inputs)?;
        let short = digest.get(..8).unwrap_or(&digest);
        let Tree { arch, release, .. } = tree;
        Ok(format!("{release}-{arch}-other-{}-{short}", self.name))
    }

    fn build(&self, sh: &Shell, build: &Path, fragment: &str) -> Result<()> {
        let step = Step::start(format!(
            "preparing a kernel of another {} for {}",
            self.name, self.tree.arch
        ));
        sh.create_dir(build)?;
        let path = build.join("fragment.config");
        fs::write(&path, fragment)?;
        let configure = self.make(build).command(sh);
        let configure = configure
            .arg(format!("KCONFIG_ALLCONFIG={}", path.display()))
            .arg("allnoconfig");
        process::run_logged(&step, configure, "verdicts-configure")?;
        let prepare = self.make(build).command(sh).arg("modules_prepare");
        process::run_logged(&step, prepare, "verdicts-prepare")?;
        if self.shares_symbols {
            let symbols = "Module.symvers";
            fs::copy(self.tree.build.join(symbols), build.join(symbols))?;
        }
        step.done();
        Ok(())
    }

    /// Its configuration. Rust is left out, which is what takes long to prepare; nothing that the loader looks at depends
    /// on it.
    fn fragment(&self) -> String {
        let base = kernel::config::fragment(self.arch, Profile::Default, &self.source.version);
        let keep = |line: &&str| !line.starts_with("CONFIG_RUST") && !self.changes(line);
        let lines = base
            .lines()
            .filter(keep)
            .chain(self.options.iter().copied());
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// Whether a line of the configuration is one that is changed.
    fn changes(&self, line: &str) -> bool {
        let option = |line: &str| {
            line.trim_start_matches("# ")
                .split(['=', ' '])
                .next()
                .map(String::from)
        };
        self.options
            .iter()
            .any(|changed| option(changed) == option(line))
    }
}
