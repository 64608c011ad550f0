// SPDX-License-Identifier: GPL-2.0

//! The `rust-analyzer` subcommand: an IDE project for the module's kernel side, which is no cargo crate.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::{json, Map, Value};
use xshell::Shell;

use crate::build::command::KernelOptions;
use crate::generate::facts::Facts;
use crate::kernel::Tree;
use crate::manifest::Manifest;
use crate::process;
use crate::progress::Step;
use crate::project;

/// The crates that the kernel's build system gives to a module, as far as the kernel has them.
const DEPENDENCIES: &[&str] = &["core", "kernel", "pin_init", "zerocopy", "zerocopy_derive"];

/// Write rust-project.json, with which rust-analyzer understands the module.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask rust-analyzer --series 6.18")]
pub struct RustAnalyzer {
    #[command(flatten)]
    kernel: KernelOptions,
}

impl RustAnalyzer {
    /// Has the kernel describe its own crates, and adds the module's.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let tree = self.kernel.tree(sh)?;
        let mut project = kernel_project(sh, &tree)?;
        add_module(&mut project, &Manifest::load()?, &tree.series)?;
        let path = project::root().join("rust-project.json");
        let text = serde_json::to_string_pretty(&project).context("writing the project")?;
        sh.write_file(&path, text)?;
        println!("{}", path.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// The project that the kernel's own target describes.
fn kernel_project(sh: &Shell, tree: &Tree) -> anyhow::Result<Value> {
    let output = sh.create_dir(project::target().join("rust-analyzer"))?;
    let step = Step::start("describing the kernel's crates");
    let cmd = tree
        .make(sh)
        .arg(format!("M={}", project::root().display()))
        .arg(format!("MO={}", output.display()))
        .arg("rust-analyzer");
    process::run_logged(&step, cmd, "rust-analyzer").context("describing the kernel's crates")?;
    step.done();
    let text = sh.read_file(output.join("rust-project.json"))?;
    serde_json::from_str(&text).context("reading the kernel's description of its crates")
}

/// Adds the module's crate. The kernel's script finds only roots that stand beside the Kbuild file, which the module's
/// does not.
fn add_module(project: &mut Value, manifest: &Manifest, series: &str) -> anyhow::Result<()> {
    let crates = project
        .get_mut("crates")
        .and_then(Value::as_array_mut)
        .context("the description has no crates")?;
    let position = |name: &str| {
        crates
            .iter()
            .position(|item| item.get("display_name") == Some(&json!(name)))
    };
    let dependencies: Vec<Value> = DEPENDENCIES
        .iter()
        .filter_map(|name| Some(json!({ "crate": position(name)?, "name": name })))
        .collect();
    let kernel = position("kernel")
        .and_then(|index| crates.get(index))
        .and_then(Value::as_object);
    let kernel = kernel.context("the description has no crate named kernel")?;
    let module = module_crate(kernel, manifest, dependencies, series)?;
    crates.push(Value::Object(module));
    Ok(())
}

/// The module's crate: as the kernel crate, with its own root, dependencies and series.
fn module_crate(
    kernel: &Map<String, Value>,
    manifest: &Manifest,
    dependencies: Vec<Value>,
    series: &str,
) -> anyhow::Result<Map<String, Value>> {
    let mut cfg = kernel
        .get("cfg")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    cfg.push(json!("MODULE"));
    cfg.extend(
        Facts::new(manifest)?
            .cfgs(series)
            .into_iter()
            .map(Value::from),
    );
    let mut module = kernel.clone();
    module.remove("source");
    module.insert("display_name".to_owned(), json!(manifest.module.name));
    module.insert("root_module".to_owned(), json!(root_module(manifest)));
    module.insert("is_workspace_member".to_owned(), json!(true));
    module.insert("deps".to_owned(), Value::Array(dependencies));
    module.insert("cfg".to_owned(), Value::Array(cfg));
    Ok(module)
}

/// The file of the module's Rust root.
fn root_module(manifest: &Manifest) -> PathBuf {
    let root = manifest
        .module
        .objects
        .first()
        .map(Path::new)
        .unwrap_or(Path::new(""));
    project::root().join(project::MODULE_DIR).join(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_joins_the_kernel_s_crates() {
        let mut project = json!({ "crates": [
            { "display_name": "core" },
            { "display_name": "kernel", "cfg": ["CONFIG_RUST"], "edition": "2021", "source": {} },
        ]});
        add_module(&mut project, &Manifest::load().unwrap(), "6.18").unwrap();
        let module = project.pointer("/crates/2").unwrap();
        assert_eq!(
            module.pointer("/deps/1"),
            Some(&json!({ "crate": 1, "name": "kernel" }))
        );
        assert_eq!(
            module.get("cfg"),
            Some(&json!(["CONFIG_RUST", "MODULE", "kernel_at_least_6_18"]))
        );
        assert_eq!(module.get("edition"), Some(&json!("2021")));
        assert!(module.get("source").is_none());
    }

    #[test]
    fn a_description_without_the_kernel_is_refused() {
        let mut project = json!({ "crates": [{ "display_name": "core" }] });
        assert!(add_module(&mut project, &Manifest::load().unwrap(), "6.18").is_err());
    }
}
