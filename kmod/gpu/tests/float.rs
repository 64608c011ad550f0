// SPDX-License-Identifier: GPL-2.0

//! The integer code for floating-point numbers, against the host's own floating point.

use super::*;
use crate::gpu::blit::srgb;
use proptest::prelude::*;

/// The value of a bit pattern.
fn value(number: u32) -> f64 {
    f64::from(f32::from_bits(number))
}

/// The bit pattern nearest to a value.
fn bits(value: f64) -> u32 {
    (value as f32).to_bits()
}

#[test]
fn every_short_float_survives_the_round_trip() {
    for half in 0..=0xffff {
        let single = from_half(half);
        if half & 0x7fff > 0x7c00 {
            assert!(f32::from_bits(single).is_nan());
            assert!(to_half(single) & 0x7fff > 0x7c00);
        } else {
            let exponent = i32::try_from((half >> 10) & 0x1f).unwrap();
            let fraction = f64::from(half & 0x3ff) / 1024.0;
            let magnitude = match exponent {
                31 => f64::INFINITY,
                0 => fraction * (-14_f64).exp2(),
                _ => (1.0 + fraction) * f64::from(exponent - 15).exp2(),
            };
            let sign = if half >> 15 == 0 { 1.0 } else { -1.0 };
            assert_eq!(single, bits(sign * magnitude));
            assert_eq!(to_half(single), half);
        }
    }
    for fraction in [5, 6] {
        for short in 0..=0x1f << fraction {
            assert_eq!(to_short(from_short(short, fraction), fraction), short);
        }
    }
}

#[test]
fn every_fraction_survives_the_round_trip() {
    for width in [1, 2, 4, 5, 6, 8, 10, 16] {
        for number in 0..1 << width {
            let largest = f64::from((1_u32 << width) - 1);
            let single = from_unorm(number, width);
            assert_eq!(single, bits(f64::from(number) / largest));
            assert_eq!(to_unorm(single, width), number);
        }
    }
    for width in [2, 8, 10, 16] {
        let largest = (1_i64 << (width - 1)) - 1;
        for number in -largest..=largest {
            let single = from_snorm(number, width);
            assert_eq!(
                value(single),
                f64::from((number as f64 / largest as f64) as f32)
            );
            assert_eq!(to_snorm(single, width), number);
        }
        assert_eq!(from_snorm(-largest - 1, width), bits(-1.0));
    }
}

#[test]
fn every_code_survives_the_curve() {
    for code in 0..=255_u8 {
        let linear = srgb::to_linear(code);
        assert_eq!(srgb::from_linear(linear), code);
        let level = f64::from(code) / 255.0;
        let expected = match level {
            level if level <= 0.04045 => level / 12.92,
            _ => ((level + 0.055) / 1.055).powf(2.4),
        };
        assert!((value(linear) - expected).abs() <= expected * 1e-7);
    }
    assert_eq!(srgb::from_linear(bits(2.0)), 255);
    assert_eq!(srgb::from_linear(bits(-1.0)), 0);
    assert_eq!(srgb::from_linear(f32::NAN.to_bits()), 0);
}

#[test]
fn what_is_no_number_converts_as_documented() {
    let [infinity, negative, nan] = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN].map(f32::to_bits);
    assert_eq!(
        [infinity, negative, nan].map(|number| to_unorm(number, 8)),
        [255, 0, 0]
    );
    assert_eq!(
        [infinity, negative, nan].map(|number| to_snorm(number, 8)),
        [127, -127, 0]
    );
    assert_eq!([infinity, negative].map(to_half), [0x7c00, 0xfc00]);
    assert_eq!(to_short(infinity, 6), 0x7c0);
    assert_eq!(to_short(negative, 6), 0);
    assert!(to_short(nan, 6) > 0x7c0);
    assert_eq!(to_short(bits(1e30), 6), 0x7bf);
    let limits = [(1 << 31) - 1, -(1 << 31), 0];
    assert_eq!([infinity, negative, nan].map(to_fixed), limits);
    assert_eq!(weighted_sum([(nan, 1), (0, 65535), (0, 0), (0, 0)]), nan);
    assert_eq!(
        weighted_sum([(nan, 0), (bits(3.0), 65536), (nan, 0), (nan, 0)]),
        bits(3.0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5000) })]

    #[test]
    fn numbers_round_as_the_host_rounds(number in any::<f32>(), small in -2.0_f32..2.0) {
        for single in [number, small] {
            let pattern = single.to_bits();
            let wide = f64::from(single);
            for width in [1_u8, 5, 8, 16] {
                let largest = f64::from((1_u32 << width) - 1);
                let expected = (wide.clamp(0.0, 1.0) * largest).round_ties_even();
                prop_assert_eq!(f64::from(to_unorm(pattern, width)), expected);
            }
            let expected = (wide.clamp(-1.0, 1.0) * 127.0).round_ties_even();
            prop_assert_eq!(to_snorm(pattern, 8) as f64, expected);
            let expected = (wide * 65536.0).round_ties_even();
            let expected = expected.clamp(-(2_f64.powi(31)), 2_f64.powi(31) - 1.0);
            prop_assert_eq!(to_fixed(pattern) as f64, expected);
            // The half is at least as near as its neighbours.
            let half = to_half(pattern);
            if wide.abs() < 65504.0 {
                let distance = |half: u32| (value(from_half(half)) - wide).abs();
                prop_assert!(distance(half) <= distance(half ^ 1));
                prop_assert!(half & 0x7fff == 0 || distance(half) <= distance(half - 1));
                prop_assert!(distance(half) <= distance(half + 1));
            }
        }
    }

    #[test]
    fn fixed_point_converts_as_the_host_converts(number in any::<i32>()) {
        prop_assert_eq!(from_fixed(i64::from(number)), bits(f64::from(number) / 65536.0));
        prop_assert_eq!(ratio(number.unsigned_abs(), u32::MAX), bits(f64::from(number.unsigned_abs()) / f64::from(u32::MAX)));
    }

    #[test]
    fn sums_are_those_of_the_host(terms in proptest::array::uniform4(-1000.0_f32..1000.0), right in 0_u32..=256, down in 0_u32..=256) {
        let weights = [(256 - right) * (256 - down), right * (256 - down), (256 - right) * down, right * down];
        let mut expected = 0.0;
        for (term, weight) in terms.into_iter().zip(weights) {
            expected += f64::from(term) * f64::from(weight) / 65536.0;
        }
        let [a, b, c, d] = terms.map(f32::to_bits);
        let [e, f, g, h] = weights;
        let sum = value(weighted_sum([(a, e), (b, f), (c, g), (d, h)]));
        prop_assert!((sum - expected).abs() <= expected.abs() * 1e-7, "{} {}", sum, expected);
    }
}
