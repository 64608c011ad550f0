// SPDX-License-Identifier: GPL-2.0

//! Writes the initramfs: a cpio archive of format `newc`, which the kernel unpacks into its root file system.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use cpio::newc::{trailer, Builder, ModeFileType};

/// What a file of the initramfs is made from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A copy of a file of the host, permissions included.
    File(std::path::PathBuf),
    /// These bytes.
    Text(Vec<u8>),
}

/// One file of the initramfs.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Absolute path in the virtual machine.
    pub path: String,
    /// Its contents.
    pub source: Source,
}

impl Entry {
    /// A copy of a file of the host.
    pub fn file(path: impl Into<String>, source: impl AsRef<Path>) -> Self {
        Self {
            path: path.into(),
            source: Source::File(source.as_ref().to_path_buf()),
        }
    }

    /// A file of these bytes.
    pub fn text(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            source: Source::Text(text.into()),
        }
    }
}

/// Writes the archive with the entries and the directories that they need.
pub fn write(archive: &Path, entries: &[Entry]) -> anyhow::Result<()> {
    let file = File::create(archive).with_context(|| format!("creating {}", archive.display()))?;
    let mut writer = Archive {
        output: BufWriter::new(file),
        inode: 0,
    };
    for directory in directories(entries) {
        writer.entry(&directory, ModeFileType::Directory, 0o755, &[])?;
    }
    for entry in entries {
        writer
            .file(entry)
            .with_context(|| format!("putting {} into the initramfs", entry.path))?;
    }
    trailer(writer.output)
        .and_then(|mut output| output.flush())
        .context("writing the initramfs")
}

/// The directories above the entries, parents first, relative to the root.
fn directories(entries: &[Entry]) -> BTreeSet<String> {
    let parents = |entry: &Entry| {
        let above = Path::new(entry.path.trim_start_matches('/'))
            .ancestors()
            .skip(1);
        above
            .filter(|path| *path != Path::new(""))
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
    };
    entries.iter().flat_map(parents).collect()
}

struct Archive<W> {
    output: W,
    inode: u32,
}

impl<W: Write> Archive<W> {
    fn file(&mut self, entry: &Entry) -> anyhow::Result<()> {
        let (permissions, bytes) = match &entry.source {
            Source::Text(bytes) => (0o644, bytes.clone()),
            Source::File(path) => {
                let bytes =
                    fs::read(path).with_context(|| format!("reading {}", path.display()))?;
                (permissions(path)?, bytes)
            }
        };
        self.entry(
            entry.path.trim_start_matches('/'),
            ModeFileType::Regular,
            permissions,
            &bytes,
        )
    }

    fn entry(
        &mut self,
        name: &str,
        kind: ModeFileType,
        permissions: u32,
        bytes: &[u8],
    ) -> anyhow::Result<()> {
        self.inode += 1;
        let size = u32::try_from(bytes.len()).context("a file of 4 GiB or more")?;
        let header = Builder::new(name)
            .ino(self.inode)
            .mode(permissions)
            .set_mode_file_type(kind);
        let mut file = header.write(&mut self.output, size);
        file.write_all(bytes)?;
        file.finish()?;
        Ok(())
    }
}

fn permissions(path: &Path) -> anyhow::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(metadata.permissions().mode() & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpio::newc::Reader;
    use std::io::Read;

    fn entries(archive: &Path) -> Vec<(String, u32, String)> {
        let mut input = File::open(archive).unwrap();
        let mut found = vec![];
        loop {
            let mut reader = Reader::new(input).unwrap();
            if reader.entry().is_trailer() {
                return found;
            }
            let mut text = String::new();
            reader.read_to_string(&mut text).unwrap();
            found.push((
                reader.entry().name().to_owned(),
                reader.entry().mode(),
                text,
            ));
            input = reader.finish().unwrap();
        }
    }

    #[test]
    fn directories_come_before_the_files_in_them() {
        let directory = tempfile::tempdir().unwrap();
        let archive = directory.path().join("initramfs");
        write(
            &archive,
            &[
                Entry::text("/lib/modules/a.ko", "A"),
                Entry::text("/init", "I"),
            ],
        )
        .unwrap();
        let expected = [
            ("lib", 0o40755, ""),
            ("lib/modules", 0o40755, ""),
            ("lib/modules/a.ko", 0o100644, "A"),
            ("init", 0o100644, "I"),
        ];
        let expected = expected.map(|(name, mode, text)| (name.to_owned(), mode, text.to_owned()));
        assert_eq!(entries(&archive), expected);
    }

    #[test]
    fn a_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("program");
        fs::write(&source, "P").unwrap();
        fs::set_permissions(&source, fs::Permissions::from_mode(0o755)).unwrap();
        let archive = directory.path().join("initramfs");
        write(&archive, &[Entry::file("/init", &source)]).unwrap();
        assert_eq!(
            entries(&archive),
            [("init".to_owned(), 0o100755, "P".to_owned())]
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let archive = directory.path().join("initramfs");
        let error = write(&archive, &[Entry::file("/init", "/nonexistent/init")]).unwrap_err();
        assert!(format!("{error:#}").contains("/nonexistent/init"));
    }
}
