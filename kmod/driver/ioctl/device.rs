// SPDX-License-Identifier: GPL-2.0

//! Properties of the device.

use super::super::File;
use crate::{
    abi::device as abi,
    ext::user, //
};
use kernel::{
    ffi::c_long,
    prelude::*,
    transmute::AsBytes,
    uaccess::UserSlice, //
};

/// GPU addresses have 48 bits.
const BITNESS: u32 = 48;

/// The size of the 64-bit GPU address space, in bytes.
const VA64_SIZE: u64 = 0x40_0000_0000;

/// The length of KGSL_PROP_GPU_MODEL, in bytes.
const MODEL_LENGTH: usize = 32;

/// DEVICE_GETPROPERTY.
///
/// Fails with `ENODEV` for a property that the device does not have, and with `EINVAL` for a size that it cannot have.
pub(super) fn get_property(file: &File, argument: &mut abi::DeviceProperty) -> Result<c_long> {
    let chip = file.device.chip;
    match argument.property {
        abi::PROPERTY_DEVICE_INFO => copy(argument, &device_info(file))?,
        abi::PROPERTY_MMU_ENABLE => copy(argument, &1u32)?,
        abi::PROPERTY_VERSION => copy_exactly(argument, &abi::VERSION)?,
        abi::PROPERTY_GPU_RESET_STAT => reset_status(file, argument)?,
        abi::PROPERTY_UCHE_GMEM_VADDR => copy(argument, &chip.uche_gmem_address)?,
        abi::PROPERTY_HIGHEST_BANK_BIT => copy(argument, &chip.highest_bank_bit)?,
        abi::PROPERTY_DEVICE_BITNESS => copy(argument, &BITNESS)?,
        abi::PROPERTY_UBWC_MODE => copy(argument, &chip.ubwc_mode)?,
        abi::PROPERTY_GPU_MODEL => copy(argument, &model(chip.model))?,
        abi::PROPERTY_GPU_VA64_SIZE => copy_exactly(argument, &VA64_SIZE)?,
        abi::PROPERTY_IS_RAYTRACING_ENABLED => copy(argument, &0u32)?,
        _ => return Err(ENODEV),
    }
    Ok(0)
}

/// KGSL_PROP_DEVICE_INFO.
fn device_info(file: &File) -> abi::DeviceInfo {
    abi::DeviceInfo {
        device_id: abi::DEVICE_3D0,
        chip_id: file.device.chip.chip_id,
        mmu_enabled: 1,
        gmem_sizebytes: u64::from(file.device.chip.gmem_size),
        ..abi::DeviceInfo::default()
    }
}

/// KGSL_PROP_GPU_RESET_STAT: a context id comes in, and how the last reset concerned that context goes out.
fn reset_status(file: &File, argument: &abi::DeviceProperty) -> Result {
    if argument.size != user::size_of::<u32>() {
        return Err(EINVAL);
    }
    let id = UserSlice::new(user::address(argument.value)?, size_of::<u32>())
        .reader()
        .read::<u32>()?;
    let context = file.context(id)?;
    copy(argument, &context.take_reset_status())
}

/// KGSL_PROP_GPU_MODEL: the name, filled up with zeroes.
fn model(name: &str) -> [u8; MODEL_LENGTH] {
    let mut model = [0; MODEL_LENGTH];
    model
        .iter_mut()
        .zip(name.bytes().take(MODEL_LENGTH - 1))
        .for_each(|(to, from)| *to = from);
    model
}

/// Hands a value out that must be asked for with its exact size.
fn copy_exactly<T: AsBytes>(argument: &abi::DeviceProperty, value: &T) -> Result {
    match argument.size == user::size_of::<T>() {
        true => copy(argument, value),
        false => Err(EINVAL),
    }
}

/// Hands a value out: as much of it as the program has room for.
fn copy<T: AsBytes>(argument: &abi::DeviceProperty, value: &T) -> Result {
    let bytes = value.as_bytes();
    let room = usize::try_from(argument.size).unwrap_or(usize::MAX);
    let bytes = bytes.get(..room).unwrap_or(bytes);
    UserSlice::new(user::address(argument.value)?, bytes.len())
        .writer()
        .write_slice(bytes)
}
