// SPDX-License-Identifier: GPL-2.0

//! Adrenos by the `compatible` strings of their nodes in the device tree.
//!
//! The binding `display/msm/gpu.yaml` knows two forms: `qcom,adreno-635.0`, with a digit each for core, major and minor
//! and then the patch level, and `qcom,adreno-43050a01`, the chip id in hexadecimal, for newer ones.

use super::chip::{
    self,
    Chip, //
};

/// What every such string begins with.
const PREFIX: &str = "qcom,adreno-";

/// The chip id that a compatible string names; `None` when it names none, as the generic `qcom,adreno` does.
pub fn chip_id(compatible: &str) -> Option<u32> {
    let revision = compatible.strip_prefix(PREFIX)?;
    match revision.split_once('.') {
        Some((model, patch)) => from_model(model, patch),
        None => from_hexadecimal(revision),
    }
}

/// The identity that a compatible string names, whatever its patch level.
pub fn chip(compatible: &str) -> Option<&'static Chip> {
    chip::by_revision(chip_id(compatible)?)
}

/// The chip id of `635` and `0`.
fn from_model(model: &str, patch: &str) -> Option<u32> {
    let &[core, major, minor] = model.as_bytes() else {
        return None;
    };
    let bytes = [
        digit(core)?,
        digit(major)?,
        digit(minor)?,
        patch.parse().ok()?,
    ];
    Some(u32::from_be_bytes(bytes))
}

fn digit(character: u8) -> Option<u8> {
    character.is_ascii_digit().then_some(character & 0xf)
}

fn from_hexadecimal(revision: &str) -> Option<u32> {
    let is_id = revision.len() == 8 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then_some(())?;
    u32::from_str_radix(revision, 16).ok()
}
