// SPDX-License-Identifier: GPL-2.0

//! Parts of slices, taken and copied in ways that cannot panic, whatever the compiler can prove of
//! their lengths.

use core::ops::Range;

/// Copies as many bytes as both slices have.
pub(super) fn copy(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// The first `length` elements, or all where there are fewer.
pub(super) fn front<T>(slice: &mut [T], length: usize) -> &mut [T] {
    let length = length.min(slice.len());
    slice.get_mut(..length).unwrap_or_default()
}

/// Piece number `index` of a slice that is cut into pieces of `size` bytes; empty past its end.
pub(super) fn piece(slice: &[u8], size: usize, index: usize) -> &[u8] {
    let start = index.saturating_mul(size);
    slice
        .get(start..start.saturating_add(size))
        .unwrap_or_default()
}

/// [`piece`], to be written.
pub(super) fn piece_mut(slice: &mut [u8], size: usize, index: usize) -> &mut [u8] {
    let start = index.saturating_mul(size);
    slice
        .get_mut(start..start.saturating_add(size))
        .unwrap_or_default()
}

/// The ranges of a mask whose bytes are not 0.
pub(super) fn runs(mask: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut end = 0;
    core::iter::from_fn(move || {
        let start = end + mask.get(end..)?.iter().position(|byte| *byte != 0)?;
        let run = mask.iter().skip(start).take_while(|byte| **byte != 0);
        end = start + run.count();
        Some(start..end)
    })
}
