// SPDX-License-Identifier: GPL-2.0

//! A package: a directory that is filled, and packed by dpkg-deb.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use xshell::{cmd, Shell, TempDir};

use super::facts::Facts;
use crate::advice::Advise;
use crate::generate::render;
use crate::package::output::Partial;

/// A package that is being filled.
pub(super) struct Archive<'s> {
    sh: &'s Shell,
    directory: TempDir,
    name: String,
}

impl<'s> Archive<'s> {
    /// An empty package, but for the documents that every one has.
    pub(super) fn new(sh: &'s Shell, name: &str, facts: &Facts) -> Result<Archive<'s>> {
        let archive = Archive {
            sh,
            directory: sh.create_temp_dir().context("creating a directory")?,
            name: name.to_owned(),
        };
        let documents = format!("usr/share/doc/{name}");
        let copyright = render::text(include_str!("templates/copyright.jinja"), facts)?;
        archive.write(&format!("{documents}/copyright"), copyright, 0o644)?;
        let changelog = render::text(include_str!("templates/changelog.jinja"), facts)?;
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::best());
        packed.write_all(changelog.as_bytes())?;
        let packed = packed.finish().context("packing the changelog")?;
        archive.write(&format!("{documents}/changelog.gz"), packed, 0o644)?;
        Ok(archive)
    }

    /// A directory of the package, to be filled.
    pub(super) fn directory(&self, place: &str) -> Result<PathBuf> {
        let path = self.directory.path().join(place);
        fs::create_dir_all(&path).with_context(|| format!("creating {place}"))?;
        Ok(path)
    }

    /// Adds a file.
    pub(super) fn write(&self, place: &str, content: impl AsRef<[u8]>, mode: u32) -> Result<()> {
        let path = self.directory.path().join(place);
        let parent = path.parent().context("a file has no directory")?;
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(parent)?;
            File::create(&path)?.write_all(content.as_ref())?;
            fs::set_permissions(&path, Permissions::from_mode(mode))
        };
        write().with_context(|| format!("writing {place}"))
    }

    /// Adds a file that dpkg reads, from its template.
    pub(super) fn control(&self, name: &str, template: &str, facts: &Facts) -> Result<()> {
        let is_script = template.starts_with("#!");
        let mode = if is_script { 0o755 } else { 0o644 };
        let text = render::text(template, facts)?;
        self.write(&format!("DEBIAN/{name}"), text, mode)
    }

    /// Packs it into the directory; the path of the package.
    pub(super) fn pack(
        &self,
        control: &str,
        facts: &Facts,
        architecture: &str,
        directory: &Path,
    ) -> Result<PathBuf> {
        let sums = self.sums()?;
        let facts = Facts {
            installed_size: self.size()?.div_ceil(1024),
            ..facts.clone()
        };
        self.write("DEBIAN/md5sums", sums, 0o644)?;
        self.control("control", control, &facts)?;
        // As the modes of files, those of directories are not this process's matter.
        let (sh, root) = (self.sh, self.directory.path());
        cmd!(sh, "chmod --recursive u=rwX,go=rX {root}")
            .quiet()
            .run()?;
        let name = format!("{}_{}_{architecture}.deb", self.name, facts.version);
        let package = Partial::new(directory, &name)?;
        let place = package.path();
        cmd!(sh, "dpkg-deb --root-owner-group --build {root} {place}")
            .quiet()
            .ignore_stdout()
            .run()
            .context("packing with dpkg-deb")
            .advise("install the package dpkg")?;
        package.finish()
    }

    /// The checksums of the files, as dpkg keeps them.
    fn sums(&self) -> Result<String> {
        let (sh, root) = (self.sh, self.directory.path());
        let script = r#"cd "$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum"#;
        let sums = cmd!(sh, "sh -c {script} sh {root}").quiet().read();
        Ok(format!("{}\n", sums.context("computing checksums")?))
    }

    /// The size of the files in bytes.
    fn size(&self) -> Result<u64> {
        let (sh, root) = (self.sh, self.directory.path());
        let sizes = cmd!(sh, "find {root} -type f -printf %s\\n")
            .quiet()
            .read()?;
        Ok(sizes
            .lines()
            .filter_map(|size| size.parse::<u64>().ok())
            .sum())
    }
}
