// SPDX-License-Identifier: GPL-2.0

//! A build directory of BitBake's: its layers, its configuration, and questions to recipes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;
use xshell::Shell;

use super::Bench;
use crate::process;
use crate::project;

/// A build directory.
pub(super) struct Build<'b> {
    /// What it works with.
    pub(super) bench: &'b Bench<'b>,
    /// Where it is.
    pub(super) directory: PathBuf,
}

/// What BitBake sees in a recipe.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// The files that append to the recipe.
    pub(super) appends: Vec<PathBuf>,
    /// Why it is not for this configuration, if so.
    pub(super) skipped: Option<String>,
    /// The values that were asked for.
    variables: BTreeMap<String, Option<String>>,
    /// Its tasks.
    pub(super) tasks: BTreeMap<String, Task>,
    /// The function that failed, if one did.
    pub(super) failed: Option<String>,
    /// Everything that BitBake and the functions said.
    #[serde(skip)]
    pub(super) said: String,
}

/// A task's place.
#[derive(Debug, Deserialize)]
pub(super) struct Task {
    /// The tasks of the recipe that come before it.
    pub(super) after: Vec<String>,
    /// The tasks of other recipes that come before it.
    pub(super) depends: Vec<String>,
}

impl<'b> Build<'b> {
    /// A build directory of the name with the layers, on top of those that stand in for OpenEmbedded's and Qualcomm's.
    pub(super) fn new(
        bench: &'b Bench<'b>,
        name: &str,
        layers: &[&Path],
        configuration: &str,
    ) -> anyhow::Result<Build<'b>> {
        let directory = bench.directory.join(name);
        let layers: Vec<String> = [stand_in("core"), stand_in("qcom")]
            .iter()
            .map(PathBuf::as_path)
            .chain(layers.iter().copied())
            .map(|layer| layer.display().to_string())
            .collect();
        let layers = layers.join(" ");
        let (sh, conf) = (bench.sh, directory.join("conf"));
        sh.write_file(
            conf.join("bblayers.conf"),
            format!("BBPATH = \"${{TOPDIR}}\"\nBBLAYERS = \"{layers}\"\n"),
        )?;
        sh.write_file(conf.join("local.conf"), configuration)?;
        Ok(Build { bench, directory })
    }

    /// What BitBake sees in the module's recipe, after it has run the functions.
    pub(super) fn module(&self, variables: &[&str], functions: &[&str]) -> anyhow::Result<Seen> {
        self.bitbake(&self.bench.manifest.package, variables, functions)
    }

    /// The same of the recipe of the program that judges.
    pub(super) fn checker(&self, variables: &[&str]) -> anyhow::Result<Seen> {
        let recipe = format!("{}-xtask-native", self.bench.manifest.package);
        self.bitbake(&recipe, variables, &[])
    }

    /// The same of any recipe.
    pub(super) fn bitbake(
        &self,
        recipe: &str,
        variables: &[&str],
        functions: &[&str],
    ) -> anyhow::Result<Seen> {
        let (success, said) = self.run(recipe, variables, functions)?;
        anyhow::ensure!(success, "BitBake does not parse {recipe}:\n{said}");
        let text = std::fs::read_to_string(self.output()).context("reading BitBake's answer")?;
        let mut seen: Seen = serde_json::from_str(&text).context("reading BitBake's answer")?;
        seen.said = said;
        Ok(seen)
    }

    /// Whether BitBake takes the recipe at all, and what it says.
    pub(super) fn run(
        &self,
        recipe: &str,
        variables: &[&str],
        functions: &[&str],
    ) -> anyhow::Result<(bool, String)> {
        let mut command = Command::new(&self.bench.tools.python);
        command
            .arg(project::root().join("xtask/test/yocto/bitbake.py"))
            .args([&self.directory, Path::new(recipe)])
            .arg("--output")
            .arg(self.output());
        for name in variables {
            command.args(["--get", name]);
        }
        for name in functions {
            command.args(["--run", name]);
        }
        command.env("PATH", self.path()?).env_remove("MAKEFLAGS");
        let output = command.output().context("running BitBake's parser")?;
        let said = [output.stdout, output.stderr].concat();
        Ok((
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        ))
    }

    fn output(&self) -> PathBuf {
        self.directory.join("seen.json")
    }

    /// The directory that stands in for the programs of native recipes; first in the path of every task.
    pub(super) fn native_programs(&self) -> PathBuf {
        self.directory.join("native-programs")
    }

    fn path(&self) -> anyhow::Result<std::ffi::OsString> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let directories =
            std::iter::once(self.native_programs()).chain(std::env::split_paths(&path));
        std::env::join_paths(directories).context("putting a path together")
    }

    /// Makes a program available to the tasks under the name.
    pub(super) fn provide(&self, name: &str, program: &Path) -> anyhow::Result<()> {
        anyhow::ensure!(
            process::is_executable(program),
            "{} is no program",
            program.display()
        );
        let link = self.native_programs().join(name);
        self.bench.sh.create_dir(self.native_programs())?;
        std::os::unix::fs::symlink(program, &link)
            .with_context(|| format!("linking {}", link.display()))
    }
}

impl Seen {
    /// The value of a variable that was asked for; nothing when it is not set.
    pub(super) fn value(&self, name: &str) -> &str {
        self.variables
            .get(name)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }

    /// The words of the value.
    pub(super) fn words(&self, name: &str) -> Vec<&str> {
        self.value(name).split_whitespace().collect()
    }

    /// Whether the first task comes somewhere before the second one.
    pub(super) fn comes_before(&self, first: &str, second: &str) -> bool {
        self.tasks.get(second).is_some_and(|task| {
            let mut before = task.after.iter();
            before.any(|name| name == first || self.comes_before(first, name))
        })
    }
}

/// The layer of the tests that stands in for a real one.
fn stand_in(name: &str) -> PathBuf {
    project::root().join("xtask/test/yocto/metadata").join(name)
}

/// Quotes a path for a configuration file.
pub(super) fn assignment(name: &str, value: impl AsRef<Path>) -> String {
    format!("{name} = \"{}\"\n", value.as_ref().display())
}

/// Reads a file below a directory; what is not there is empty.
pub(super) fn text(sh: &Shell, path: &Path) -> String {
    sh.read_file(path).unwrap_or_default()
}
