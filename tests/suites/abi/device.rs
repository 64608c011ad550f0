// SPDX-License-Identifier: GPL-2.0

//! DEVICE_GETPROPERTY, on the identity that the module has by default: an Adreno 660.

use kgsl_shim::abi::device::{
    DeviceInfo, DeviceProperty, Version, CTX_STAT_NO_ERROR, DEVICE_GETPROPERTY,
    PROPERTY_DEVICE_BITNESS, PROPERTY_DEVICE_INFO, PROPERTY_GPU_MODEL, PROPERTY_GPU_RESET_STAT,
    PROPERTY_GPU_VA64_SIZE, PROPERTY_HIGHEST_BANK_BIT, PROPERTY_IS_RAYTRACING_ENABLED,
    PROPERTY_MMU_ENABLE, PROPERTY_UBWC_MODE, PROPERTY_UCHE_GMEM_VADDR, PROPERTY_VERSION,
};
use rustix::io::Errno;

use super::open;
use crate::client::Context;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    device_info_is_that_of_the_chip,
    a_short_value_gets_what_fits,
    a_long_value_is_left_alone_beyond_the_property,
    the_version_is_the_frozen_one,
    the_version_has_one_size,
    the_model_is_a_string_of_32_bytes,
    numbers_are_those_of_the_chip,
    the_address_space_has_one_size,
    a_new_context_has_seen_no_reset,
    the_reset_status_wants_an_own_context,
    an_unknown_property_is_refused,
    a_value_that_is_nowhere_is_refused,
];

fn device_info_is_that_of_the_chip() {
    let info: DeviceInfo = open()
        .property(PROPERTY_DEVICE_INFO)
        .expect("the property is read");
    let DeviceInfo {
        device_id,
        chip_id,
        mmu_enabled,
        gmem_gpubaseaddr,
        gpu_id,
        gmem_sizebytes,
        ..
    } = info;
    assert_eq!((device_id, chip_id, mmu_enabled), (1, 0x0606_0001, 1));
    assert_eq!(
        (gmem_gpubaseaddr, gpu_id, gmem_sizebytes),
        (0, 0, 0x18_0000)
    );
}

fn a_short_value_gets_what_fits() {
    let mut value = [0xa5u8; 40];
    open()
        .read_property(PROPERTY_DEVICE_INFO, &mut value[..8])
        .expect("the property is read");
    assert_eq!(value[..8], [1, 0, 0, 0, 1, 0, 6, 6]);
    assert!(value[8..].iter().all(|byte| *byte == 0xa5));
}

fn a_long_value_is_left_alone_beyond_the_property() {
    let mut value = [0xa5u8; 64];
    open()
        .read_property(PROPERTY_DEVICE_INFO, &mut value)
        .expect("the property is read");
    assert!(value[40..].iter().all(|byte| *byte == 0xa5));
}

fn the_version_is_the_frozen_one() {
    let Version {
        driver_major,
        driver_minor,
        device_major,
        device_minor,
    } = open()
        .property(PROPERTY_VERSION)
        .expect("the property is read");
    assert_eq!(
        [driver_major, driver_minor, device_major, device_minor],
        [3, 14, 3, 1]
    );
}

fn the_version_has_one_size() {
    let device = open();
    for size in [0, 15, 17, 32] {
        assert_eq!(
            device.read_property(PROPERTY_VERSION, &mut vec![0u8; size][..]),
            Err(Errno::INVAL),
            "{size}"
        );
    }
}

fn the_model_is_a_string_of_32_bytes() {
    let model: [u8; 32] = open()
        .property(PROPERTY_GPU_MODEL)
        .expect("the property is read");
    let text = std::ffi::CStr::from_bytes_until_nul(&model).expect("it ends");
    assert_eq!(text.to_str(), Ok("Adreno660v2"));
}

fn numbers_are_those_of_the_chip() {
    let device = open();
    for (property, expected) in [
        (PROPERTY_MMU_ENABLE, 1u32),
        (PROPERTY_HIGHEST_BANK_BIT, 16),
        (PROPERTY_DEVICE_BITNESS, 48),
        (PROPERTY_UBWC_MODE, 4),
        (PROPERTY_IS_RAYTRACING_ENABLED, 0),
    ] {
        assert_eq!(
            device.property::<u32>(property),
            Ok(expected),
            "{property:#x}"
        );
    }
    assert_eq!(device.property::<u64>(PROPERTY_UCHE_GMEM_VADDR), Ok(0));
    assert_eq!(
        device.property::<u64>(PROPERTY_GPU_VA64_SIZE),
        Ok(0x40_0000_0000)
    );
}

fn the_address_space_has_one_size() {
    assert_eq!(
        open().property::<u32>(PROPERTY_GPU_VA64_SIZE),
        Err(Errno::INVAL)
    );
}

fn a_new_context_has_seen_no_reset() {
    let device = open();
    let mut value = Context::new(&device).expect("a context is created").id;
    device
        .read_property(PROPERTY_GPU_RESET_STAT, &mut value)
        .expect("the property is read");
    assert_eq!(value, CTX_STAT_NO_ERROR);
}

fn the_reset_status_wants_an_own_context() {
    let device = open();
    let other = open();
    let foreign = Context::new(&other).expect("a context is created").id;
    for mut id in [0, foreign, 100_000, u32::MAX] {
        assert_eq!(
            device.read_property(PROPERTY_GPU_RESET_STAT, &mut id),
            Err(Errno::INVAL),
            "{id}"
        );
    }
    let own = Context::new(&device).expect("a context is created").id;
    assert_eq!(
        device.read_property(PROPERTY_GPU_RESET_STAT, &mut u64::from(own)),
        Err(Errno::INVAL),
        "eight bytes"
    );
}

fn an_unknown_property_is_refused() {
    let device = open();
    for property in [0x00, 0x05, 0x7f, u32::MAX] {
        assert_eq!(
            device.property::<u32>(property),
            Err(Errno::NODEV),
            "{property:#x}"
        );
    }
}

fn a_value_that_is_nowhere_is_refused() {
    let device = open();
    for value in [0, 8, 0xffff_8000_0000_0000, u64::MAX - 7] {
        let mut argument = DeviceProperty {
            property: PROPERTY_DEVICE_INFO,
            value,
            size: 40,
            ..DeviceProperty::default()
        };
        assert_eq!(
            device.ioctl(DEVICE_GETPROPERTY, &mut argument),
            Err(Errno::FAULT),
            "{value:#x}"
        );
    }
}
