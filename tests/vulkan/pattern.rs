// SPDX-License-Identifier: GPL-2.0

//! Bytes that look random and can be computed again.

/// `length` bytes, others for another seed.
pub(crate) fn bytes(length: usize, seed: u32) -> Vec<u8> {
    // A permutation of the index: a multiplication, and the high bits mixed in.
    let byte = |index: u32| {
        let mixed = (index ^ seed.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
        (mixed >> 24) as u8 ^ (mixed >> 11) as u8
    };
    (0_u32..).take(length).map(byte).collect()
}

/// Panics with the first place where the bytes differ, and how many do.
pub(crate) fn assert_same(found: &[u8], expected: &[u8], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: length");
    if found == expected {
        return;
    }
    let different = |(found, expected): &(&u8, &u8)| found != expected;
    let pairs = || found.iter().zip(expected);
    let first = pairs()
        .position(|pair| different(&pair))
        .unwrap_or_default();
    let count = pairs().filter(different).count();
    let end = (first + 16).min(found.len());
    panic!(
        "{what}: {count} of {} bytes are wrong, the first at {first}: {:02x?}, not {:02x?}",
        found.len(),
        &found[first..end],
        &expected[first..end]
    );
}
