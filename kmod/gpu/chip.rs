// SPDX-License-Identifier: GPL-2.0

//! The Adreno identities that the device can present.

/// The generation of the command processor: it decides opcodes, event layouts and register
/// addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// Adreno 6xx.
    A6xx,
    /// Adreno 7xx and 8xx.
    A7xx,
}

/// One Adreno: what the property ioctls and sysfs say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chip {
    /// The name that the module parameter `chip=` takes, in lower case.
    pub name: &'static str,
    /// What KGSL_PROP_GPU_MODEL and sysfs `gpu_model` say.
    pub model: &'static str,
    /// KGSL_PROP_DEVICE_INFO `chip_id`: core, major, minor and patch, a byte each.
    pub chip_id: u32,
    /// Which command processor it has.
    pub generation: Generation,
    /// On-chip graphics memory, in bytes.
    pub gmem_size: u32,
    /// KGSL_PROP_UCHE_GMEM_VADDR: where the unified cache sees that memory, a GPU address.
    pub uche_gmem_address: u64,
    /// KGSL_PROP_HIGHEST_BANK_BIT of the DRAM.
    pub highest_bank_bit: u32,
    /// KGSL_PROP_UBWC_MODE: the version of the bandwidth compression.
    pub ubwc_mode: u32,
}

/// Every identity, in the order in which messages list them.
#[rustfmt::skip] // A row a line.
pub const CHIPS: [Chip; 11] = [
    chip("a618", "Adreno618v1", 0x0601_0800, Generation::A6xx, 0x8_0000, 0x10_0000, 14, 2),
    chip("a630", "Adreno630v2", 0x0603_0001, Generation::A6xx, 0x10_0000, 0x10_0000, 15, 2),
    chip("a635", "Adreno635v1", 0x0603_0500, Generation::A6xx, 0x8_0000, 0, 15, 3),
    chip("a640", "Adreno640v2", 0x0604_0001, Generation::A6xx, 0x10_0000, 0x10_0000, 15, 3),
    chip("a650", "Adreno650v3", 0x0605_0002, Generation::A6xx, 0x12_0000, 0, 16, 4),
    chip("a660", "Adreno660v2", 0x0606_0001, Generation::A6xx, 0x18_0000, 0, 16, 4),
    chip("a663", "Adreno663v1", 0x0606_0300, Generation::A6xx, 0x18_0000, 0, 13, 4),
    chip("a730", "Adreno730v2", 0x0703_0001, Generation::A7xx, 0x20_0000, 0, 16, 4),
    chip("a740", "Adreno740v2", 0x4305_0a01, Generation::A7xx, 0x30_0000, 0x100_0000, 16, 4),
    chip("a750", "Adreno750v2", 0x4305_1401, Generation::A7xx, 0x30_0000, 0x100_0000, 16, 4),
    chip("a840", "Adreno840v2", 0x4405_0a31, Generation::A7xx, 0x120_0000, 0, 16, 6),
];

/// What `chip=auto` means where no device tree says otherwise.
pub const DEFAULT: &Chip = &CHIPS[5];

/// The identity of that name, in either case, with or without the leading `a`.
pub fn by_name(name: &str) -> Option<&'static Chip> {
    CHIPS.iter().find(|chip| {
        chip.name.eq_ignore_ascii_case(name) || chip.name.strip_prefix('a') == Some(name)
    })
}

/// The identity of that chip id, whatever its patch level: no two differ in that alone.
pub fn by_revision(chip_id: u32) -> Option<&'static Chip> {
    CHIPS.iter().find(|chip| chip.chip_id >> 8 == chip_id >> 8)
}

#[allow(
    clippy::too_many_arguments,
    reason = "a row of the table, in the order of the struct"
)]
const fn chip(
    name: &'static str,
    model: &'static str,
    chip_id: u32,
    generation: Generation,
    gmem_size: u32,
    uche_gmem_address: u64,
    highest_bank_bit: u32,
    ubwc_mode: u32,
) -> Chip {
    Chip {
        name,
        model,
        chip_id,
        generation,
        gmem_size,
        uche_gmem_address,
        highest_bank_bit,
        ubwc_mode,
    }
}
