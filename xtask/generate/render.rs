// SPDX-License-Identifier: GPL-2.0

//! From the manifest to the text of the generated files.

use std::path::Path;

use anyhow::Context;
use minijinja::{Environment, UndefinedBehavior};

use crate::generate::facts::Facts;
use crate::generate::outputs::{self, Output};
use crate::manifest::Manifest;

/// The text of a generated file.
#[derive(Debug)]
pub struct File {
    /// Its path from the repository's root.
    pub path: String,
    /// Its text; empty when there is to be no such file.
    pub text: String,
}

impl File {
    /// Writes the file below the root, or removes it.
    pub fn write(&self, root: &Path) -> anyhow::Result<()> {
        let path = root.join(&self.path);
        if self.text.is_empty() {
            return std::fs::remove_file(&path)
                .with_context(|| format!("removing {}", path.display()));
        }
        let writing = || format!("writing {}", path.display());
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).with_context(writing)?;
        }
        std::fs::write(&path, &self.text).with_context(writing)
    }
}

/// Renders every generated file.
pub fn render(manifest: &Manifest) -> anyhow::Result<Vec<File>> {
    outputs::ALL
        .iter()
        .map(|output| file(manifest, output))
        .collect()
}

/// Renders one of them.
pub fn file(manifest: &Manifest, output: &Output) -> anyhow::Result<File> {
    with(&Facts::new(manifest)?, output)
}

/// Renders one of them from facts that are not all the manifest's.
pub fn with(facts: &Facts<'_>, output: &Output) -> anyhow::Result<File> {
    let environment = environment();
    let render = |template: &str| environment.render_str(template, facts);
    let rendered = render(output.path).and_then(|path| {
        Ok(File {
            path,
            text: render(output.template)?,
        })
    });
    rendered.with_context(|| format!("rendering {}", output.path))
}

/// Renders a template with facts of its own.
pub fn text(template: &str, facts: &impl serde::Serialize) -> anyhow::Result<String> {
    Ok(environment().render_str(template, facts)?)
}

/// Templates in which a name that does not exist is an error, and nothing is escaped.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.add_filter("join", minijinja::filters::join);
    environment.add_filter("replace", minijinja::filters::replace);
    environment
}
