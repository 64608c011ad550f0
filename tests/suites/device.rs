// SPDX-License-Identifier: GPL-2.0

//! What the device says of itself: its properties against the chip that it presents, its clocks and its settings.

use kgsl_shim::abi::device::{
    Capabilities, CapabilitiesProperties, DeviceProperty, DeviceShadow, PreemptionCounterQuery,
    ReadCalibratedTimestamps, CLOCK_BOOTTIME, CLOCK_DEVICE, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
    PREEMPTIONCOUNTER_QUERY, PROPERTY_CONTEXT_PROPERTY, PROPERTY_DEVICE_BITNESS,
    PROPERTY_DEVICE_INFO, PROPERTY_DEVICE_QDSS_STM, PROPERTY_DEVICE_QTIMER, PROPERTY_DEVICE_SHADOW,
    PROPERTY_GAMING_BIN, PROPERTY_GPU_MODEL, PROPERTY_GPU_RESET_STAT, PROPERTY_GPU_SECURE_VA_INUSE,
    PROPERTY_GPU_SECURE_VA_SIZE, PROPERTY_GPU_VA64_SIZE, PROPERTY_HIGHEST_BANK_BIT,
    PROPERTY_INTERRUPT_WAITS, PROPERTY_IS_AQE_ENABLED, PROPERTY_IS_FASTBLEND_ENABLED,
    PROPERTY_IS_LPAC_ENABLED, PROPERTY_IS_RAYTRACING_ENABLED, PROPERTY_L3_PWR_CONSTRAINT,
    PROPERTY_MIN_ACCESS_LENGTH, PROPERTY_MMU_ENABLE, PROPERTY_PWRCTRL, PROPERTY_PWR_CONSTRAINT,
    PROPERTY_QUERY_CAPABILITIES, PROPERTY_SECURE_BUFFER_ALIGNMENT, PROPERTY_SECURE_CTXT_SUPPORT,
    PROPERTY_SPEED_BIN, PROPERTY_UBWC_MODE, PROPERTY_UCHE_GMEM_VADDR, PROPERTY_UCHE_TRAP_BASE,
    PROPERTY_UCODE_VERSION, PROPERTY_VERSION, PROPERTY_VK_DEVICE_ID, QUERY_CAPS_PROPERTIES,
    READ_CALIBRATED_TIMESTAMPS, SETPROPERTY,
};
use rustix::io::Errno;

use crate::client::{address, Argument, Device};
use crate::module::Module;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "device",
    groups: &[crate::tests![
        numbers_are_those_of_the_chip,
        long_numbers_are_those_of_the_chip,
        structures_are_those_of_the_c_driver,
        what_the_chip_does_not_have_is_refused,
        the_trap_is_that_of_the_generation,
        capabilities_are_asked_in_three_steps,
        every_listed_property_is_there,
        capabilities_refuse_what_cannot_be,
        power_settings_are_taken,
        other_settings_are_refused,
        clocks_are_read_together,
        clocks_that_are_none_are_refused,
        preemption_is_not_counted,
        dead_numbers_are_refused,
    ]],
};

/// Addresses at which there is nothing that a program could lend.
const NOWHERE: [u64; 3] = [0, 8, 0xffff_8000_0000_0000];

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// Of the Adreno 660, which is the module's choice by default.
fn numbers_are_those_of_the_chip() {
    let device = open();
    for (property, expected) in [
        (PROPERTY_MMU_ENABLE, 1),
        (PROPERTY_INTERRUPT_WAITS, 1),
        (PROPERTY_HIGHEST_BANK_BIT, 16),
        (PROPERTY_DEVICE_BITNESS, 48),
        (PROPERTY_MIN_ACCESS_LENGTH, 32),
        (PROPERTY_UBWC_MODE, 4),
        (PROPERTY_SECURE_BUFFER_ALIGNMENT, 0x1000),
        (PROPERTY_SECURE_CTXT_SUPPORT, 0),
        (PROPERTY_SPEED_BIN, 0),
        (PROPERTY_VK_DEVICE_ID, 0x0606_0001u32),
        (PROPERTY_IS_LPAC_ENABLED, 0),
        (PROPERTY_IS_RAYTRACING_ENABLED, 0),
        (PROPERTY_IS_FASTBLEND_ENABLED, 0),
        (PROPERTY_IS_AQE_ENABLED, 0),
    ] {
        assert_eq!(device.property(property), Ok(expected), "{property:#x}");
    }
}

fn long_numbers_are_those_of_the_chip() {
    let device = open();
    for (property, expected) in [
        (PROPERTY_UCHE_GMEM_VADDR, 0u64),
        (PROPERTY_GPU_VA64_SIZE, 0x40_0000_0000),
        (PROPERTY_GPU_SECURE_VA_SIZE, 0xffff_f000),
        (PROPERTY_GPU_SECURE_VA_INUSE, 0),
    ] {
        assert_eq!(device.property(property), Ok(expected), "{property:#x}");
    }
}

fn structures_are_those_of_the_c_driver() {
    let device = open();
    let shadow: DeviceShadow = device
        .property(PROPERTY_DEVICE_SHADOW)
        .expect("the property is read");
    assert_eq!(
        (shadow.gpuaddr, shadow.size, shadow.flags),
        (0xefff_f000, 32768, 0x204)
    );
    for property in [PROPERTY_DEVICE_QDSS_STM, PROPERTY_DEVICE_QTIMER] {
        assert_eq!(device.property(property), Ok([0u64; 2]), "{property:#x}");
    }
    let [pfp, pm4]: [u32; 2] = device
        .property(PROPERTY_UCODE_VERSION)
        .expect("the property is read");
    assert!(pfp != 0 && pm4 != 0);
}

fn what_the_chip_does_not_have_is_refused() {
    let device = open();
    for property in [PROPERTY_GAMING_BIN, PROPERTY_UCHE_TRAP_BASE] {
        assert_eq!(
            device.property::<u64>(property),
            Err(Errno::INVAL),
            "{property:#x}"
        );
    }
}

fn the_trap_is_that_of_the_generation() {
    let module = Module::named("kgsl_shim");
    module.remove().expect("nobody uses it");
    let newer = module.clone().with("chip=a740");
    newer.insert().expect("the module is inserted");
    let trap = open().property::<u64>(PROPERTY_UCHE_TRAP_BASE);
    assert_eq!(trap, Ok(0x1_ffff_ffff_f000));
    let id = open().property::<u32>(PROPERTY_VK_DEVICE_ID);
    assert_eq!(id, Ok(0x4305_0a01));
    module.remove().expect("nobody uses it");
    module.insert().expect("the module is inserted");
}

fn query(device: &Device, query: &mut Capabilities) -> Result<(), Errno> {
    device.read_property(PROPERTY_QUERY_CAPABILITIES, query)
}

/// The properties that the device lists.
fn properties(device: &Device) -> Vec<u32> {
    let mut list = CapabilitiesProperties::default();
    let mut capabilities = Capabilities {
        querytype: QUERY_CAPS_PROPERTIES,
        ..Capabilities::default()
    };
    query(device, &mut capabilities).expect("it tells the size");
    assert_eq!(capabilities.size, 16);
    capabilities.data = address(&mut list);
    query(device, &mut capabilities).expect("it tells the count");
    let count = usize::try_from(list.count).expect("there are few");
    let mut properties = vec![0; count + 2];
    list.list = address(&mut properties[..]);
    list.count += 2;
    capabilities.data = address(&mut list);
    query(device, &mut capabilities).expect("it lists them");
    assert_eq!(usize::try_from(list.count), Ok(count));
    assert_eq!(properties[count..], [0, 0]);
    properties.truncate(count);
    properties
}

fn capabilities_are_asked_in_three_steps() {
    let list = properties(&open());
    for property in [
        PROPERTY_DEVICE_INFO,
        PROPERTY_UCHE_GMEM_VADDR,
        PROPERTY_HIGHEST_BANK_BIT,
        PROPERTY_UBWC_MODE,
        PROPERTY_GPU_MODEL,
        PROPERTY_VERSION,
        PROPERTY_QUERY_CAPABILITIES,
    ] {
        assert!(list.contains(&property), "{property:#x}");
    }
    let mut unique = list.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), list.len());
}

/// None of them is unknown; a size that is wrong, or a context that does not exist, is another matter.
fn every_listed_property_is_there() {
    let device = open();
    for property in properties(&device) {
        let wants_a_structure = [
            PROPERTY_GPU_RESET_STAT,
            PROPERTY_QUERY_CAPABILITIES,
            PROPERTY_CONTEXT_PROPERTY,
            PROPERTY_VERSION,
        ];
        let read = device.property::<u64>(property);
        match wants_a_structure.contains(&property) {
            true => assert_eq!(read, Err(Errno::INVAL), "{property:#x}"),
            false => assert!(read.is_ok(), "{property:#x}: {read:?}"),
        }
    }
}

fn capabilities_refuse_what_cannot_be() {
    let device = open();
    for querytype in [0, 2, u32::MAX] {
        let mut unknown = Capabilities {
            querytype,
            ..Capabilities::default()
        };
        let refused = query(&device, &mut unknown);
        assert_eq!(refused, Err(Errno::OPNOTSUPP), "{querytype}");
    }
    let refused = device.read_property(PROPERTY_QUERY_CAPABILITIES, &mut [0u64; 2]);
    assert_eq!(refused, Err(Errno::INVAL), "a short structure");
    for nowhere in NOWHERE {
        let mut capabilities = Capabilities {
            data: nowhere,
            size: 16,
            querytype: QUERY_CAPS_PROPERTIES,
            pad: 0,
        };
        let refused = query(&device, &mut capabilities);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
        let mut list = CapabilitiesProperties {
            list: nowhere,
            count: 4,
            pad: 0,
        };
        capabilities.data = address(&mut list);
        let refused = query(&device, &mut capabilities);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
    }
}

fn set(device: &Device, property: u32) -> Result<(), Errno> {
    let mut value = [0u64; 4];
    let mut argument = DeviceProperty {
        property,
        value: address(&mut value),
        size: 32,
        ..DeviceProperty::default()
    };
    device.ioctl(SETPROPERTY, &mut argument)
}

fn power_settings_are_taken() {
    let device = open();
    for property in [
        PROPERTY_PWR_CONSTRAINT,
        PROPERTY_L3_PWR_CONSTRAINT,
        PROPERTY_PWRCTRL,
    ] {
        assert_eq!(set(&device, property), Ok(()), "{property:#x}");
    }
}

fn other_settings_are_refused() {
    let device = open();
    for property in [0, PROPERTY_DEVICE_INFO, PROPERTY_UBWC_MODE, u32::MAX] {
        assert_eq!(set(&device, property), Err(Errno::INVAL), "{property:#x}");
    }
}

fn clocks(device: &Device, sources: &mut [u32]) -> Result<(Vec<u64>, u64), Errno> {
    let (mut values, mut deviation) = (vec![7; sources.len()], 7);
    let mut argument = ReadCalibratedTimestamps {
        count: u32::try_from(sources.len()).expect("there are few"),
        sources: address(sources),
        timestamps: address(&mut values[..]),
        deviation: address(&mut deviation),
        pad: 0,
    };
    let result = device.ioctl(READ_CALIBRATED_TIMESTAMPS, &mut argument);
    if result.is_err() {
        let untouched = deviation == 7 && values.iter().all(|value| *value == 7);
        assert!(untouched, "something was written");
    }
    result.map(|()| (values, deviation))
}

fn clocks_are_read_together() {
    let device = open();
    let mut sources = [
        CLOCK_DEVICE,
        CLOCK_MONOTONIC,
        CLOCK_MONOTONIC_RAW,
        CLOCK_BOOTTIME,
    ];
    let (first, _) = clocks(&device, &mut sources).expect("they are read");
    let (second, deviation) = clocks(&device, &mut sources).expect("they are read");
    for (before, after) in first.iter().zip(&second) {
        assert!(before != &0 && before <= after, "{before} {after}");
    }
    assert!(second[3] >= second[1], "the system has never slept less");
    let apart = second[1] - first[1];
    assert!(deviation < apart + second[1], "{deviation}");
    let (two, _) = clocks(&device, &mut [CLOCK_MONOTONIC, CLOCK_MONOTONIC]).expect("they are read");
    assert!(two[0] >= second[1] && two[0] <= two[1]);
}

fn clocks_that_are_none_are_refused() {
    let device = open();
    let unknown: [&mut [u32]; 4] = [
        &mut [],
        &mut [4],
        &mut [CLOCK_DEVICE, u32::MAX],
        &mut [CLOCK_DEVICE; 5],
    ];
    for sources in unknown {
        let refused = clocks(&device, sources);
        assert_eq!(refused, Err(Errno::INVAL), "{sources:?}");
    }
    let (mut sources, mut values, mut deviation) = ([CLOCK_DEVICE], [0u64], 0u64);
    let good = ReadCalibratedTimestamps {
        sources: address(&mut sources),
        timestamps: address(&mut values),
        deviation: address(&mut deviation),
        count: 1,
        pad: 0,
    };
    for nowhere in NOWHERE {
        let spoiled = [
            ReadCalibratedTimestamps {
                sources: nowhere,
                ..good
            },
            ReadCalibratedTimestamps {
                timestamps: nowhere,
                ..good
            },
            ReadCalibratedTimestamps {
                deviation: nowhere,
                ..good
            },
        ];
        for mut argument in spoiled {
            let refused = device.ioctl(READ_CALIBRATED_TIMESTAMPS, &mut argument);
            assert_eq!(refused, Err(Errno::FAULT), "{argument:x?}");
        }
    }
}

/// Only the Adreno 5xx does.
fn preemption_is_not_counted() {
    let mut argument = PreemptionCounterQuery::default();
    let refused = open().ioctl(PREEMPTIONCOUNTER_QUERY, &mut argument);
    assert_eq!(refused, Err(Errno::OPNOTSUPP));
}

/// What the C driver has in its header and no longer serves.
fn dead_numbers_are_refused() {
    let device = open();
    for full in [
        0x4008_0906,
        0xc008_0911,
        0x4010_0912,
        0x4048_0922,
        0xc010_0923,
        0x4008_0925,
        0x400c_092e,
        0x4018_0930,
        0x4020_0931,
        0x4018_0944,
        0xc020_0950,
        0x4004_0951,
        0xc028_0952,
        0x4004_0953,
        0x4018_0954,
        0xc038_0955,
    ] {
        assert_eq!(
            device.raw(full, Argument::Bytes(&mut [0; 128])),
            Err(Errno::NOTTY),
            "{full:#x}"
        );
    }
}
