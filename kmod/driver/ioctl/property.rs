// SPDX-License-Identifier: GPL-2.0

//! Properties of the device, as KGSL_PROP_* asks for them (ABI facts, section 1.3).

use super::super::File;
use crate::{
    abi::{
        compat,
        device as abi,
        memory::{
            MEMSTORE_SIZE,
            MEMSTORE_TOKEN, //
        }, //
    },
    ext::user,
    gpu::chip::Generation, //
};
use kernel::{
    page::PAGE_SIZE,
    prelude::*,
    transmute::AsBytes,
    uaccess::UserSlice, //
};

/// GPU addresses have 48 bits.
const BITNESS: u32 = 48;

/// The size of the 64-bit GPU address space, in bytes.
const VA64_SIZE: u64 = 0x40_0000_0000;

/// The size that the secure part of the GPU address space has in the C driver, in bytes.
const SECURE_VA_SIZE: u64 = 0xffff_f000;

/// What the GPU reads at least, in bytes.
const MIN_ACCESS_LENGTH: u32 = 32;

/// Where the unified cache traps, a GPU address.
const UCHE_TRAP_BASE: u64 = 0x1_ffff_ffff_f000;

/// The length of KGSL_PROP_GPU_MODEL, in bytes.
const MODEL_LENGTH: usize = 32;

/// Every property, in the order in which KGSL_QUERY_CAPS_PROPERTIES lists them.
const PROPERTIES: [u32; 26] = [
    abi::PROPERTY_DEVICE_INFO,
    abi::PROPERTY_DEVICE_SHADOW,
    abi::PROPERTY_MMU_ENABLE,
    abi::PROPERTY_INTERRUPT_WAITS,
    abi::PROPERTY_VERSION,
    abi::PROPERTY_GPU_RESET_STAT,
    abi::PROPERTY_UCHE_GMEM_VADDR,
    abi::PROPERTY_UCODE_VERSION,
    abi::PROPERTY_HIGHEST_BANK_BIT,
    abi::PROPERTY_DEVICE_BITNESS,
    abi::PROPERTY_DEVICE_QDSS_STM,
    abi::PROPERTY_MIN_ACCESS_LENGTH,
    abi::PROPERTY_UBWC_MODE,
    abi::PROPERTY_DEVICE_QTIMER,
    abi::PROPERTY_SECURE_BUFFER_ALIGNMENT,
    abi::PROPERTY_SECURE_CTXT_SUPPORT,
    abi::PROPERTY_SPEED_BIN,
    abi::PROPERTY_QUERY_CAPABILITIES,
    abi::PROPERTY_CONTEXT_PROPERTY,
    abi::PROPERTY_GPU_MODEL,
    abi::PROPERTY_VK_DEVICE_ID,
    abi::PROPERTY_IS_LPAC_ENABLED,
    abi::PROPERTY_GPU_VA64_SIZE,
    abi::PROPERTY_IS_RAYTRACING_ENABLED,
    abi::PROPERTY_GPU_SECURE_VA_SIZE,
    abi::PROPERTY_GPU_SECURE_VA_INUSE,
];

/// DEVICE_GETPROPERTY.
///
/// Fails with `ENODEV` for a property that the device does not have, and with `EINVAL` for a size
/// that it cannot have.
pub(super) fn get(file: &File, argument: &mut abi::DeviceProperty) -> Result {
    match argument.property {
        abi::PROPERTY_DEVICE_INFO => copy(argument, &device_info(file))?,
        abi::PROPERTY_DEVICE_SHADOW => copy(argument, &device_shadow())?,
        abi::PROPERTY_VERSION => copy_exactly(argument, &abi::VERSION)?,
        abi::PROPERTY_GPU_RESET_STAT => reset_status(file, argument)?,
        abi::PROPERTY_UCODE_VERSION => copy(argument, &abi::UcodeVersion { pfp: 1, pm4: 1 })?,
        abi::PROPERTY_DEVICE_QDSS_STM | abi::PROPERTY_DEVICE_QTIMER => {
            copy(argument, &abi::RegisterWindow::default())?
        }
        abi::PROPERTY_GAMING_BIN => return Err(EINVAL),
        abi::PROPERTY_QUERY_CAPABILITIES => query_capabilities(argument)?,
        abi::PROPERTY_CONTEXT_PROPERTY => context_property(file, argument)?,
        abi::PROPERTY_GPU_MODEL => copy(argument, &model(file.device.chip.model))?,
        abi::PROPERTY_GPU_VA64_SIZE => copy_exactly(argument, &VA64_SIZE)?,
        property => match (u32_property(file, property), u64_property(file, property)) {
            (Some(value), _) => copy(argument, &value)?,
            (_, Some(value)) => copy(argument, &value)?,
            _ => return unknown(property),
        },
    }
    Ok(())
}

/// DEVICE_GETPROPERTY of a 32-bit program: two of the structures have addresses in them.
///
/// Fails as [`get`] does.
pub(super) fn get_compat(file: &File, argument: &mut abi::DeviceProperty) -> Result {
    match argument.property {
        abi::PROPERTY_DEVICE_INFO => copy(argument, &compat::DeviceInfo::from(device_info(file)))?,
        abi::PROPERTY_DEVICE_SHADOW => {
            copy(argument, &compat::DeviceShadow::from(device_shadow()))?
        }
        _ => return get(file, argument),
    }
    Ok(())
}

/// Fails with `EINVAL` for a property that only other generations have, with `ENODEV` for one that
/// none has.
fn unknown(property: u32) -> Result {
    match property {
        abi::PROPERTY_UCHE_TRAP_BASE => Err(EINVAL),
        _ => Err(ENODEV),
    }
}

/// The properties that are one 32-bit number.
fn u32_property(file: &File, property: u32) -> Option<u32> {
    let chip = file.device.chip;
    Some(match property {
        abi::PROPERTY_MMU_ENABLE | abi::PROPERTY_INTERRUPT_WAITS => 1,
        abi::PROPERTY_HIGHEST_BANK_BIT => chip.highest_bank_bit,
        abi::PROPERTY_DEVICE_BITNESS => BITNESS,
        abi::PROPERTY_MIN_ACCESS_LENGTH => MIN_ACCESS_LENGTH,
        abi::PROPERTY_UBWC_MODE => chip.ubwc_mode,
        // CAST: The size of a page fits any integer.
        abi::PROPERTY_SECURE_BUFFER_ALIGNMENT => PAGE_SIZE as u32,
        abi::PROPERTY_VK_DEVICE_ID => chip.chip_id,
        abi::PROPERTY_SECURE_CTXT_SUPPORT
        | abi::PROPERTY_SPEED_BIN
        | abi::PROPERTY_IS_LPAC_ENABLED
        | abi::PROPERTY_IS_RAYTRACING_ENABLED
        | abi::PROPERTY_IS_FASTBLEND_ENABLED
        | abi::PROPERTY_IS_AQE_ENABLED => 0,
        _ => return None,
    })
}

/// The properties that are one 64-bit number.
fn u64_property(file: &File, property: u32) -> Option<u64> {
    let chip = file.device.chip;
    Some(match (property, chip.generation) {
        (abi::PROPERTY_UCHE_GMEM_VADDR, _) => chip.uche_gmem_address,
        (abi::PROPERTY_UCHE_TRAP_BASE, Generation::A7xx) => UCHE_TRAP_BASE,
        (abi::PROPERTY_GPU_SECURE_VA_SIZE, _) => SECURE_VA_SIZE,
        (abi::PROPERTY_GPU_SECURE_VA_INUSE, _) => 0,
        _ => return None,
    })
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

/// KGSL_PROP_DEVICE_SHADOW.
fn device_shadow() -> abi::DeviceShadow {
    abi::DeviceShadow {
        gpuaddr: MEMSTORE_TOKEN,
        size: MEMSTORE_SIZE,
        flags: abi::DEVICE_SHADOW_FLAGS,
        pad: 0,
    }
}

/// KGSL_PROP_GPU_RESET_STAT: a context id comes in, and how the last reset concerned that context
/// goes out.
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

/// KGSL_PROP_QUERY_CAPABILITIES: how large an answer is, or the answer.
///
/// Fails with `EOPNOTSUPP` for any query but that for the list of properties.
fn query_capabilities(argument: &abi::DeviceProperty) -> Result {
    let mut query: abi::Capabilities = read(argument)?;
    if query.querytype != abi::QUERY_CAPS_PROPERTIES {
        return Err(crate::ext::errno::eopnotsupp());
    }
    let size = user::size_of::<abi::CapabilitiesProperties>();
    if query.size == 0 {
        query.size = size;
        return copy(argument, &query);
    }
    let at = user::address(query.data)?;
    let size = usize::try_from(query.size.min(size))?;
    let mut list: abi::CapabilitiesProperties = user::read_prefix(at, size)?;
    let all = u32::try_from(PROPERTIES.len())?;
    if list.count == 0 {
        list.count = all;
        return user::write_prefix(at, size, &list);
    }
    list.count = list.count.min(all);
    let wanted = PROPERTIES
        .get(..usize::try_from(list.count)?)
        .ok_or(EINVAL)?;
    let bytes = AsBytes::as_bytes(wanted);
    UserSlice::new(user::address(list.list)?, bytes.len())
        .writer()
        .write_slice(bytes)?;
    user::write_prefix(at, size, &list)
}

/// KGSL_PROP_CONTEXT_PROPERTY: what has happened to a context.
fn context_property(file: &File, argument: &abi::DeviceProperty) -> Result {
    let query: abi::ContextProperty = read(argument)?;
    let size = size_of::<abi::ContextPropertyFault>();
    let context = file.context(query.context_id)?;
    if query.property != abi::CONTEXT_PROP_FAULTS {
        return Err(crate::ext::errno::eopnotsupp());
    }
    if usize::try_from(query.size)? < size {
        return Err(EINVAL);
    }
    user::write_prefix(user::address(query.data)?, size, &context.fault_history())
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

/// Brings in the structure that a property both takes and returns.
///
/// Fails with `EINVAL` unless the size is that of the structure.
fn read<T: user::Plain>(argument: &abi::DeviceProperty) -> Result<T> {
    match argument.size == user::size_of::<T>() {
        true => user::read_prefix(user::address(argument.value)?, size_of::<T>()),
        false => Err(EINVAL),
    }
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
