// SPDX-License-Identifier: GPL-2.0

//! The signature at the end of a module: PKCS#7, a trailer of 12 bytes, and a marker (kernel/module_signature.c); and
//! the certificates by which a kernel judges it.

use std::fmt::Write as _;

use super::bytes;
use super::der::{
    Reader, CONTEXT_0, CONTEXT_0_BYTES, CONTEXT_1, CONTEXT_3, INTEGER, OBJECT, OCTETS, SEQUENCE,
    SET,
};

/// What a signed module ends with.
pub const MARKER: &[u8] = b"~Module signature appended~\n";
/// The size of `struct module_signature` in bytes.
const TRAILER: usize = 12;
/// `id_type` of a PKCS#7 message.
const PKCS7: u8 = 2;
/// The contents of the object identifier of a subject key identifier.
const SUBJECT_KEY: [u8; 3] = [0x55, 0x1d, 0x0e];
/// The contents of the object identifier of a common name.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// Who verifies a signature with the key of a certificate.
pub trait Verifier: Sync {
    /// Whether `signature` (PKCS#7, DER) is that of `content` by the key of `certificate` (X.509, DER); none where
    /// this cannot be told.
    fn verify(&self, content: &[u8], signature: &[u8], certificate: &[u8]) -> Option<bool>;
}

/// Why the loader does not take a trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Its lengths do not fit the file.
    Length,
    /// It is of another kind than PKCS#7.
    Kind,
    /// A field that must be zero is not.
    Parameters,
}

/// A module and its signature.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The module without its signature.
    pub module: &'a [u8],
    /// The PKCS#7 message.
    pub message: &'a [u8],
}

/// The signature of a file that ends with the marker; none for one that does not.
pub fn split(bytes: &[u8]) -> Option<Result<Signed<'_>, Malformed>> {
    let rest = bytes.strip_suffix(MARKER).filter(|rest| !rest.is_empty())?;
    Some(split_trailer(rest))
}

fn split_trailer(rest: &[u8]) -> Result<Signed<'_>, Malformed> {
    let at = rest
        .len()
        .checked_sub(TRAILER)
        .filter(|&at| at > 0)
        .ok_or(Malformed::Length)?;
    let (before, trailer) = rest.split_at_checked(at).ok_or(Malformed::Length)?;
    let length = bytes::Endian::Big
        .u32(trailer, 8)
        .and_then(|length| usize::try_from(length).ok());
    let length = length
        .filter(|&length| length < before.len())
        .ok_or(Malformed::Length)?;
    let &[algorithm, hash, kind, signer, key, a, b, c, ..] = trailer else {
        return Err(Malformed::Length);
    };
    if kind != PKCS7 {
        return Err(Malformed::Kind);
    }
    if [algorithm, hash, signer, key, a, b, c]
        .iter()
        .any(|&field| field != 0)
    {
        return Err(Malformed::Parameters);
    }
    let (module, message) = before
        .split_at_checked(before.len() - length)
        .ok_or(Malformed::Length)?;
    Ok(Signed { module, message })
}

/// Whose key a signature is by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer<'a> {
    /// The certificate with this issuer (DER) and serial number.
    Issuer {
        /// The issuer's name, DER.
        issuer: &'a [u8],
        /// The serial number, as DER has it.
        serial: &'a [u8],
    },
    /// The certificate with this subject key identifier.
    KeyIdentifier(&'a [u8]),
}

/// What a PKCS#7 message says of its first signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Whose it is.
    pub signer: Signer<'a>,
    /// The contents of the object identifier of the hash.
    pub hash: &'a [u8],
    /// Whether it has signed attributes, which the kernel does not take for modules.
    pub has_attributes: bool,
}

impl<'a> Message<'a> {
    /// Reads the message; none for one that is malformed.
    pub fn parse(message: &'a [u8]) -> Option<Message<'a>> {
        let mut content = Reader(message).enter(SEQUENCE)?;
        content.expect(OBJECT)?;
        let mut signed = content.enter(CONTEXT_0)?.enter(SEQUENCE)?;
        signed.expect(INTEGER)?;
        signed.expect(SET)?;
        signed.expect(SEQUENCE)?;
        signed.optional(CONTEXT_0);
        signed.optional(CONTEXT_1);
        let mut info = signed.enter(SET)?.enter(SEQUENCE)?;
        info.expect(INTEGER)?;
        let signer = match info.optional(CONTEXT_0_BYTES) {
            Some(identifier) => Signer::KeyIdentifier(identifier.contents),
            None => {
                let mut identifier = info.enter(SEQUENCE)?;
                let issuer = identifier.expect(SEQUENCE)?.whole;
                Signer::Issuer {
                    issuer,
                    serial: identifier.expect(INTEGER)?.contents,
                }
            }
        };
        let hash = info.enter(SEQUENCE)?.expect(OBJECT)?.contents;
        let has_attributes = info.optional(CONTEXT_0).is_some();
        info.expect(SEQUENCE)?;
        info.expect(OCTETS)?;
        Some(Message {
            signer,
            hash,
            has_attributes,
        })
    }

    /// The name of the hash.
    pub fn hash_name(&self) -> &'static str {
        match self.hash {
            [0x2b, 14, 3, 2, 26] => "sha1",
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last] => match last {
                1 => "sha256",
                2 => "sha384",
                3 => "sha512",
                4 => "sha224",
                8 => "sha3-256",
                9 => "sha3-384",
                10 => "sha3-512",
                _ => "another hash",
            },
            _ => "another hash",
        }
    }

    /// Whether the signature names a certificate (X.509, DER).
    pub fn is_by(&self, certificate: &[u8]) -> bool {
        let Some(certificate) = Certificate::parse(certificate) else {
            return false;
        };
        match self.signer {
            Signer::Issuer { issuer, serial } => {
                certificate.issuer == issuer && certificate.serial == serial
            }
            Signer::KeyIdentifier(identifier) => certificate.key_identifier == Some(identifier),
        }
    }

    /// The signer for a person.
    pub fn signer_name(&self) -> String {
        match self.signer {
            Signer::Issuer { issuer, serial } => {
                let name = common_name(issuer).unwrap_or_else(|| String::from("no common name"));
                format!("{name}, serial {}", hexadecimal(serial))
            }
            Signer::KeyIdentifier(identifier) => format!("key {}", hexadecimal(identifier)),
        }
    }
}

/// What identifies a certificate.
struct Certificate<'a> {
    issuer: &'a [u8],
    serial: &'a [u8],
    key_identifier: Option<&'a [u8]>,
}

impl<'a> Certificate<'a> {
    fn parse(certificate: &'a [u8]) -> Option<Certificate<'a>> {
        let mut body = Reader(certificate).enter(SEQUENCE)?.enter(SEQUENCE)?;
        body.optional(CONTEXT_0);
        let serial = body.expect(INTEGER)?.contents;
        body.expect(SEQUENCE)?;
        let issuer = body.expect(SEQUENCE)?.whole;
        body.expect(SEQUENCE)?;
        body.expect(SEQUENCE)?;
        body.expect(SEQUENCE)?;
        let key_identifier = key_identifier(body);
        Some(Certificate {
            issuer,
            serial,
            key_identifier,
        })
    }
}

fn key_identifier(mut body: Reader<'_>) -> Option<&[u8]> {
    let mut extensions = loop {
        let value = body.next_value()?;
        if value.tag == CONTEXT_3 {
            break Reader(value.contents).enter(SEQUENCE)?;
        }
    };
    while let Some(mut extension) = extensions.enter(SEQUENCE) {
        if extension.expect(OBJECT)?.contents == SUBJECT_KEY {
            return Some(
                Reader(extension.expect(OCTETS)?.contents)
                    .expect(OCTETS)?
                    .contents,
            );
        }
    }
    None
}

/// The common name in a distinguished name.
fn common_name(name: &[u8]) -> Option<String> {
    let mut sets = Reader(name).enter(SEQUENCE)?;
    while let Some(mut set) = sets.enter(SET) {
        let mut attribute = set.enter(SEQUENCE)?;
        if attribute.expect(OBJECT)?.contents == COMMON_NAME {
            return attribute
                .next_value()
                .map(|value| bytes::text(value.contents));
        }
    }
    None
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The certificates in a list of them, one DER value after the other.
pub fn certificates(list: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = Reader(list);
    let next = || {
        reader
            .next_value()
            .filter(|value| value.tag == SEQUENCE)
            .map(|value| value.whole.to_vec())
    };
    std::iter::from_fn(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(message: &[u8], trailer: [u8; 8]) -> Vec<u8> {
        let mut file = b"module".to_vec();
        file.extend_from_slice(message);
        file.extend_from_slice(&trailer);
        file.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
        file.extend_from_slice(MARKER);
        file
    }

    #[test]
    fn a_signature_is_cut_off() {
        let file = signed(b"message", [0, 0, 2, 0, 0, 0, 0, 0]);
        let signed = split(&file).unwrap().unwrap();
        assert_eq!(
            (signed.module, signed.message),
            (&b"module"[..], &b"message"[..])
        );
        assert!(split(b"module").is_none());
        assert!(split(MARKER).is_none());
    }

    #[test]
    fn malformed_trailers_are_told_apart() {
        let kind = signed(b"message", [0, 0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(split(&kind).unwrap().unwrap_err(), Malformed::Kind);
        let parameters = signed(b"message", [0, 1, 2, 0, 0, 0, 0, 0]);
        assert_eq!(
            split(&parameters).unwrap().unwrap_err(),
            Malformed::Parameters
        );
        let mut length = signed(b"message", [0, 0, 2, 0, 0, 0, 0, 0]);
        let at = length.len() - MARKER.len() - 4;
        length[at] = 0xff;
        assert_eq!(split(&length).unwrap().unwrap_err(), Malformed::Length);
    }
}
