// SPDX-License-Identifier: GPL-2.0

//! Compatible strings of device trees: those of boards, and those that are wrong.

use crate::gpu::chip::CHIPS;
use crate::gpu::compatible::{chip, chip_id};

#[test]
fn nodes_of_real_boards_name_their_chips() {
    for (compatible, name) in [
        ("qcom,adreno-618.0", "a618"),
        ("qcom,adreno-630.2", "a630"),
        ("qcom,adreno-635.0", "a635"),
        ("qcom,adreno-640.1", "a640"),
        ("qcom,adreno-650.2", "a650"),
        ("qcom,adreno-660.1", "a660"),
        ("qcom,adreno-663.0", "a663"),
        ("qcom,adreno-07030001", "a730"),
        ("qcom,adreno-43050a01", "a740"),
        ("qcom,adreno-43051401", "a750"),
        ("qcom,adreno-44050a31", "a840"),
    ] {
        assert_eq!(chip(compatible).map(|chip| chip.name), Some(name));
    }
}

#[test]
fn every_chip_is_found_by_its_id_at_any_patch_level() {
    for row in &CHIPS {
        for patch in [0, 1, 0xff] {
            let compatible = format!("qcom,adreno-{:08x}", row.chip_id & !0xff | patch);
            assert_eq!(chip(&compatible), Some(row));
        }
    }
}

#[test]
fn a_model_and_an_id_say_the_same() {
    assert_eq!(chip_id("qcom,adreno-635.0"), Some(0x0603_0500));
    assert_eq!(
        chip_id("qcom,adreno-660.1"),
        chip_id("qcom,adreno-06060001")
    );
    assert_eq!(chip_id("qcom,adreno-610.255"), Some(0x0601_00ff));
}

#[test]
fn an_unknown_chip_has_an_id_and_no_identity() {
    assert_eq!(chip_id("qcom,adreno-304.0"), Some(0x0300_0400));
    assert_eq!(chip("qcom,adreno-304.0"), None);
}

#[test]
fn other_strings_name_no_chip() {
    for compatible in [
        "",
        "qcom,adreno",
        "qcom,adreno-",
        "qcom,adreno-.",
        "qcom,adreno-635",
        "qcom,adreno-635.",
        "qcom,adreno-635.256",
        "qcom,adreno-635.-1",
        "qcom,adreno-6350.0",
        "qcom,adreno-63a.0",
        "qcom,adreno-gmu-635.0",
        "qcom,adreno-+3050a01",
        "qcom,adreno-43050a0",
        "qcom,adreno-43050a011",
        "qcom,kgsl-3d0",
        "arm,mali-t760",
    ] {
        assert_eq!(chip_id(compatible), None, "{compatible}");
    }
}
