// SPDX-License-Identifier: GPL-2.0

//! What the virtual machine is given so that Vulkan programs find turnip in it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::Shell;

use super::{build, closure, userland};
use crate::arch::Arch;
use crate::vm::{programs, Entry};

/// What a machine with Vulkan programs should have of memory, in MiB.
pub const MEMORY: u32 = 1024;

/// Where the machine has its libraries: a directory that every dynamic linker of Debian's searches.
const LIBRARIES: &str = "/usr/lib";

/// The driver's place in the machine.
const DRIVER: &str = "/usr/lib/libvulkan_freedreno.so";

/// Where the Vulkan loader looks for drivers.
const MANIFEST: &str = "/usr/share/vulkan/icd.d/freedreno_icd.json";

/// What a user may call in the machine.
pub const PROGRAMS: [&str; 2] = ["vulkaninfo", CLIENT];

/// The package of our own Vulkan client, and its program.
const CLIENT: &str = "vulkan-client";

/// The driver, the Vulkan loader, vulkaninfo, our own client, and the libraries of them all; built and fetched as far as
/// the cache does not have them.
pub fn entries(sh: &Shell, arch: Arch) -> anyhow::Result<Vec<Entry>> {
    let driver = build::ensure(sh, arch)?;
    let root = userland::ensure(sh, arch)?.root;
    let client = programs::ensure_dynamic(sh, arch, CLIENT)?.path(CLIENT);
    let vulkaninfo = root.join("usr/bin/vulkaninfo");
    let directories = library_directories(&root, arch);
    let loader = find("libvulkan.so.1", &directories)?;
    let files = [
        driver.clone(),
        loader.clone(),
        vulkaninfo.clone(),
        client.clone(),
    ];
    let libraries = closure::libraries(&files, &directories)
        .context("finding the libraries of the Vulkan programs")?;
    let mut entries = vec![
        Entry::file(DRIVER, driver),
        Entry::text(MANIFEST, manifest()),
        Entry::file("/bin/vulkaninfo", &vulkaninfo),
        Entry::file(format!("/bin/{CLIENT}"), client),
        Entry::file(format!("{LIBRARIES}/libvulkan.so.1"), loader),
    ];
    let library =
        |(name, file): (String, PathBuf)| Entry::file(format!("{LIBRARIES}/{name}"), file);
    entries.extend(libraries.into_iter().map(library));
    entries.push(dynamic_linker(&vulkaninfo, &directories)?);
    Ok(entries)
}

/// What tells the Vulkan loader of the driver.
fn manifest() -> String {
    format!(
        "{{\"file_format_version\": \"1.0.0\", \"ICD\": {{\"library_path\": \"{DRIVER}\", \"api_version\": \"1.4.305\"}}}}\n"
    )
}

/// Where Debian's packages have their libraries.
fn library_directories(root: &Path, arch: Arch) -> Vec<PathBuf> {
    let triple = arch.gnu_triple();
    let directories = [
        format!("usr/lib/{triple}"),
        "usr/lib".to_owned(),
        "usr/lib64".to_owned(),
    ];
    directories.iter().map(|name| root.join(name)).collect()
}

fn find(name: &str, directories: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let mut places = directories.iter().map(|directory| directory.join(name));
    places
        .find(|place| place.is_file())
        .with_context(|| format!("Debian's packages have no {name}"))
}

/// The dynamic linker, where programs ask for it.
fn dynamic_linker(program: &Path, directories: &[PathBuf]) -> anyhow::Result<Entry> {
    let needs = closure::needs(program)?;
    let path = needs
        .interpreter
        .with_context(|| format!("{} is not linked dynamically", program.display()))?;
    let name = path.rsplit('/').next().unwrap_or_default();
    Ok(Entry::file(&path, find(name, directories)?))
}
