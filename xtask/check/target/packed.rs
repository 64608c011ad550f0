// SPDX-License-Identifier: GPL-2.0

//! Reads files that may be compressed: .gz, .xz and .zst, told by their first bytes.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};

/// The most that a compressed file may unpack to in bytes; no module and no kernel is larger, a bomb is.
const LIMIT: u64 = 1 << 30;

/// Reads a file, unpacked.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    unpack(bytes).with_context(|| format!("unpacking {}", path.display()))
}

/// Unpacks bytes; gives them back as they are where they are not compressed.
pub fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>> {
    match bytes.as_slice() {
        [0x1f, 0x8b, ..] => drain(flate2::read::GzDecoder::new(bytes.as_slice())),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            drain(liblzma::read::XzDecoder::new(bytes.as_slice()))
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => drain(
            ruzstd::decoding::StreamingDecoder::new(bytes.as_slice())
                .context("reading the zstd header")?,
        ),
        _ => Ok(bytes),
    }
}

/// Unpacks a stream that something else may follow, such as the padding after a kernel's payload.
pub fn unpack_prefix(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let read = |reader: &mut dyn Read, into: &mut Vec<u8>| {
        // What follows the stream is an error to the decoder, and none to us.
        let _ = reader.take(LIMIT).read_to_end(into);
    };
    match bytes {
        [0x1f, 0x8b, ..] => read(&mut flate2::read::GzDecoder::new(bytes), &mut unpacked),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            read(&mut liblzma::read::XzDecoder::new(bytes), &mut unpacked)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => read(
            &mut ruzstd::decoding::StreamingDecoder::new(bytes).ok()?,
            &mut unpacked,
        ),
        [0x5d, 0, 0, ..] => {
            let stream = liblzma::stream::Stream::new_lzma_decoder(LIMIT).ok()?;
            read(
                &mut liblzma::read::XzDecoder::new_stream(bytes, stream),
                &mut unpacked,
            );
        }
        _ => return None,
    }
    (!unpacked.is_empty()).then_some(unpacked)
}

fn drain(reader: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a file's name is that of a module, compressed or not.
pub fn is_module(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    [".ko", ".ko.gz", ".ko.xz", ".ko.zst"]
        .iter()
        .any(|suffix| name.ends_with(suffix))
}

/// Every module under a directory, sorted. Symbolic links to directories are not followed.
pub fn modules_under(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_path_buf()];
    while let Some(directory) = directories.pop() {
        let entries = std::fs::read_dir(&directory)
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                directories.push(entry.path());
            } else if is_module(&entry.path()) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_not_compressed_stays() {
        assert_eq!(unpack(b"\x7fELF".to_vec()).unwrap(), b"\x7fELF");
        assert_eq!(unpack(Vec::new()).unwrap(), b"");
    }

    #[test]
    fn gzip_is_unpacked_and_a_broken_one_is_an_error() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"hello").unwrap();
        let mut packed = encoder.finish().unwrap();
        assert_eq!(unpack(packed.clone()).unwrap(), b"hello");
        packed.truncate(packed.len() - 6);
        assert!(unpack(packed).is_err());
    }
}
