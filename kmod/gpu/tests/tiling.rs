// SPDX-License-Identifier: GPL-2.0

//! The tiled layout, against checksums of the offsets that Mesa 25.0.7 computes for the same
//! surfaces.

use super::Tiling;
use crate::gpu::chip::by_name;

/// The blocks of a row, in the order of the checksums.
const STRIDES: [u32; 3] = [2, 64, 1024];

/// Chip, bytes of a texel, and a checksum for each stride. Of Mesa's configurations these have, in
/// this order: bank bit 14, 15, 16 and 13; four channels, four, eight and eight; levels 2 and 3,
/// but A663 only 3.
#[rustfmt::skip] // A row a line.
const CHECKSUMS: &[(&str, u32, [u64; 3])] = &[
    ("a618", 1, [0x1152_49ee_289d_9429, 0x21ac_764e_6401_1a29, 0x16d5_5391_c3d9_1a29]),
    ("a618", 2, [0xcb0a_1038_9622_5a9d, 0x69a3_4701_9cc4_9c9d, 0x5952_3fa1_fdf3_9c9d]),
    ("a618", 4, [0xb058_5d78_dd40_1755, 0x4ebd_b3d1_11a8_4555, 0xcd91_43d0_c2e4_4555]),
    ("a618", 8, [0xdb74_a626_a214_2465, 0xfe27_7b5a_b416_7e65, 0x5a6c_fa63_04e6_7e65]),
    ("a618", 16, [0x4df0_6432_f779_1aa5, 0xd680_95eb_8e13_2aa5, 0xa961_ef29_64cf_2aa5]),
    ("a630", 1, [0x1152_49ee_289d_9429, 0xdb73_bd8b_1f34_7a29, 0x2de5_341d_c398_7a29]),
    ("a630", 2, [0xcb0a_1038_9622_5a9d, 0x204d_8914_0242_9c9d, 0xac8d_b296_6853_9c9d]),
    ("a630", 4, [0xb058_5d78_dd40_1755, 0xcb38_130a_c557_c555, 0x0d29_2c5a_dbb3_c555]),
    ("a630", 8, [0xdb74_a626_a214_2465, 0x6fd1_8462_339f_fe65, 0x3acf_61ff_0751_fe65]),
    ("a630", 16, [0x4df0_6432_f779_1aa5, 0x6285_c45e_5823_aaa5, 0x9912_a459_5b65_aaa5]),
    ("a660", 1, [0x9299_6844_49b1_3829, 0x1aa3_9200_efe4_9e29, 0x2fb6_d579_3101_1e29]),
    ("a660", 2, [0xb796_66d3_3967_1a9d, 0xf354_dbc1_b769_649d, 0x407f_c97a_4feb_649d]),
    ("a660", 4, [0x5d74_fbf0_8ab8_b755, 0xadd8_5385_e80b_8955, 0xe44c_1960_a30e_8955]),
    ("a660", 8, [0x29d0_2169_ff50_8c65, 0x2110_dc20_49e1_6a65, 0xe13d_f4d1_95de_6a65]),
    ("a660", 16, [0x4df0_6432_f779_1aa5, 0xccef_8a1a_b5b2_2aa5, 0x5c35_d8b0_ae7d_2aa5]),
    ("a663", 1, [0x9299_6844_49b1_3829, 0xa4ed_4afe_dbb7_9e29, 0xf85c_8ae7_aa9f_9e29]),
    ("a663", 2, [0xb796_66d3_3967_1a9d, 0x9601_bee1_33a4_449d, 0x2ea5_a19b_a389_449d]),
    ("a663", 4, [0x5d74_fbf0_8ab8_b755, 0x8545_a248_c83f_2955, 0xafbb_1bd4_d93d_2955]),
    ("a663", 8, [0x29d0_2169_ff50_8c65, 0xdc2e_ce99_d8dd_0a65, 0xdbba_af3f_98bd_0a65]),
    ("a663", 16, [0x4df0_6432_f779_1aa5, 0xf5b6_a491_6078_8aa5, 0xa8dc_71b6_db94_8aa5]),
];

/// The columns and rows of a block.
fn block(bytes: u32) -> (u32, u32) {
    match bytes {
        1 => (32, 8),
        2 => (32, 4),
        4 => (16, 4),
        8 => (8, 4),
        _ => (4, 4),
    }
}

#[test]
fn offsets_are_those_of_mesa() {
    for &(chip, bytes, checksums) in CHECKSUMS {
        for (stride, checksum) in STRIDES.into_iter().zip(checksums) {
            let (width, height) = block(bytes);
            let pitch = u64::from(stride * width * bytes);
            let tiling = Tiling::new(by_name(chip).unwrap(), bytes, pitch).unwrap();
            let mut sum = 0xcbf2_9ce4_8422_2325_u64;
            for step in 0..4000_u32 {
                let x = (step.wrapping_mul(2_654_435_761) >> 7) % (stride * width);
                let y = (step.wrapping_mul(40503) + step * step) % (height * 64);
                sum = (sum ^ tiling.offset(x, y)).wrapping_mul(0x100_0000_01b3);
            }
            assert_eq!(sum, checksum, "{chip} {bytes} {stride}");
        }
    }
}

#[test]
fn every_texel_has_a_place_of_its_own() {
    for bytes in [1, 2, 4, 8, 16] {
        for chip in ["a618", "a660"] {
            let (width, height) = block(bytes);
            let pitch = u64::from(64 * width * bytes);
            let tiling = Tiling::new(by_name(chip).unwrap(), bytes, pitch).unwrap();
            let mut seen = std::collections::BTreeSet::new();
            for y in 0..height * 32 {
                for x in 0..64 * width {
                    assert!(seen.insert(tiling.offset(x, y)));
                }
            }
            assert_eq!(
                seen.last(),
                Some(&(u64::from(height * 32) * pitch - u64::from(bytes)))
            );
        }
    }
}
