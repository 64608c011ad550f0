// SPDX-License-Identifier: GPL-2.0

//! Medians and quartiles: what is left when a few samples were disturbed.

/// The value below which that part of the samples lies, interpolated; not a number when there is none.
pub(super) fn quantile(samples: &[f64], part: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = part.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let between = place - place.floor();
    sorted[below] + (sorted[above] - sorted[below]) * between
}

/// The middle of the samples.
pub(super) fn median(samples: &[f64]) -> f64 {
    quantile(samples, 0.5)
}
