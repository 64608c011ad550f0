// SPDX-License-Identifier: GPL-2.0

//! The device: its properties and its clocks.

use super::Ioctl;

/// Reads a property of the device.
pub const DEVICE_GETPROPERTY: Ioctl<DeviceProperty> = Ioctl::read_write(0x02);
/// Changes a property of the device.
pub const SETPROPERTY: Ioctl<DeviceProperty> = Ioctl::write(0x32);
/// Asks a preemption counter; only Adreno 5xx has them.
pub const PREEMPTIONCOUNTER_QUERY: Ioctl<PreemptionCounterQuery> = Ioctl::read_write(0x4b);
/// Reads several clocks at once.
pub const READ_CALIBRATED_TIMESTAMPS: Ioctl<ReadCalibratedTimestamps> = Ioctl::read_write(0x60);

/// `struct kgsl_device_getproperty`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct DeviceProperty {
    /// Which property: a `PROPERTY_*`.
    pub property: u32,
    /// Padding.
    pub pad: u32,
    /// User address of the value.
    pub value: u64,
    /// Size of the value, in bytes.
    pub size: u64,
}

/// `KGSL_PROP_DEVICE_INFO`: [`DeviceInfo`].
pub const PROPERTY_DEVICE_INFO: u32 = 0x01;
/// `KGSL_PROP_DEVICE_SHADOW`: [`DeviceShadow`].
pub const PROPERTY_DEVICE_SHADOW: u32 = 0x02;
/// `KGSL_PROP_MMU_ENABLE`: an `i32`, 1.
pub const PROPERTY_MMU_ENABLE: u32 = 0x06;
/// `KGSL_PROP_INTERRUPT_WAITS`: an `i32`, 1.
pub const PROPERTY_INTERRUPT_WAITS: u32 = 0x07;
/// `KGSL_PROP_VERSION`: [`Version`].
pub const PROPERTY_VERSION: u32 = 0x08;
/// `KGSL_PROP_GPU_RESET_STAT`: a context id in, a `CTX_STAT_*` out.
pub const PROPERTY_GPU_RESET_STAT: u32 = 0x09;
/// `KGSL_PROP_UCHE_GMEM_VADDR`: a `u64` GPU address.
pub const PROPERTY_UCHE_GMEM_VADDR: u32 = 0x13;
/// `KGSL_PROP_UCODE_VERSION`: [`UcodeVersion`].
pub const PROPERTY_UCODE_VERSION: u32 = 0x15;
/// `KGSL_PROP_HIGHEST_BANK_BIT`: a `u32`.
pub const PROPERTY_HIGHEST_BANK_BIT: u32 = 0x17;
/// `KGSL_PROP_DEVICE_BITNESS`: a `u32`, 48.
pub const PROPERTY_DEVICE_BITNESS: u32 = 0x18;
/// `KGSL_PROP_DEVICE_QDSS_STM`: [`RegisterWindow`], zero.
pub const PROPERTY_DEVICE_QDSS_STM: u32 = 0x19;
/// `KGSL_PROP_MIN_ACCESS_LENGTH`: a `u32`, in bytes.
pub const PROPERTY_MIN_ACCESS_LENGTH: u32 = 0x1a;
/// `KGSL_PROP_UBWC_MODE`: a `u32`.
pub const PROPERTY_UBWC_MODE: u32 = 0x1b;
/// `KGSL_PROP_DEVICE_QTIMER`: [`RegisterWindow`], zero.
pub const PROPERTY_DEVICE_QTIMER: u32 = 0x20;
/// `KGSL_PROP_SECURE_BUFFER_ALIGNMENT`: a `u32`, in bytes.
pub const PROPERTY_SECURE_BUFFER_ALIGNMENT: u32 = 0x23;
/// `KGSL_PROP_SECURE_CTXT_SUPPORT`: a `u32`, 0 or 1.
pub const PROPERTY_SECURE_CTXT_SUPPORT: u32 = 0x24;
/// `KGSL_PROP_SPEED_BIN`: a `u32`.
pub const PROPERTY_SPEED_BIN: u32 = 0x25;
/// `KGSL_PROP_GAMING_BIN`: refused where the fuse is absent.
pub const PROPERTY_GAMING_BIN: u32 = 0x26;
/// `KGSL_PROP_QUERY_CAPABILITIES`: [`Capabilities`].
pub const PROPERTY_QUERY_CAPABILITIES: u32 = 0x27;
/// `KGSL_PROP_CONTEXT_PROPERTY`: [`ContextProperty`].
pub const PROPERTY_CONTEXT_PROPERTY: u32 = 0x28;
/// `KGSL_PROP_GPU_MODEL`: a C string of 32 bytes.
pub const PROPERTY_GPU_MODEL: u32 = 0x29;
/// `KGSL_PROP_VK_DEVICE_ID`: a `u32`.
pub const PROPERTY_VK_DEVICE_ID: u32 = 0x2a;
/// `KGSL_PROP_IS_LPAC_ENABLED`: a `u32`, 0 or 1.
pub const PROPERTY_IS_LPAC_ENABLED: u32 = 0x2b;
/// `KGSL_PROP_GPU_VA64_SIZE`: a `u64`, in bytes.
pub const PROPERTY_GPU_VA64_SIZE: u32 = 0x2c;
/// `KGSL_PROP_IS_RAYTRACING_ENABLED`: a `u32`, 0 or 1.
pub const PROPERTY_IS_RAYTRACING_ENABLED: u32 = 0x2d;
/// `KGSL_PROP_IS_FASTBLEND_ENABLED`: a `u32`, 0 or 1.
pub const PROPERTY_IS_FASTBLEND_ENABLED: u32 = 0x2e;
/// `KGSL_PROP_UCHE_TRAP_BASE`: a `u64` GPU address, from Adreno 7xx on.
pub const PROPERTY_UCHE_TRAP_BASE: u32 = 0x2f;
/// `KGSL_PROP_IS_AQE_ENABLED`: a `u32`, 0 or 1.
pub const PROPERTY_IS_AQE_ENABLED: u32 = 0x30;
/// `KGSL_PROP_GPU_SECURE_VA_SIZE`: a `u64`, in bytes.
pub const PROPERTY_GPU_SECURE_VA_SIZE: u32 = 0x31;
/// `KGSL_PROP_GPU_SECURE_VA_INUSE`: a `u64`, in bytes.
pub const PROPERTY_GPU_SECURE_VA_INUSE: u32 = 0x32;

/// `KGSL_PROP_PWRCTRL`: whether the GPU may change its clocks.
pub const PROPERTY_PWRCTRL: u32 = 0x0e;
/// `KGSL_PROP_PWR_CONSTRAINT`: which power a context wants.
pub const PROPERTY_PWR_CONSTRAINT: u32 = 0x12;
/// `KGSL_PROP_L3_PWR_CONSTRAINT`: which power a context wants of the CPU's cache.
pub const PROPERTY_L3_PWR_CONSTRAINT: u32 = 0x22;

/// `KGSL_CALIBRATED_TIME_DOMAIN_DEVICE`: the GPU's always-on counter, in its ticks.
pub const CLOCK_DEVICE: u32 = 0;
/// `KGSL_CALIBRATED_TIME_DOMAIN_MONOTONIC`, in nanoseconds.
pub const CLOCK_MONOTONIC: u32 = 1;
/// `KGSL_CALIBRATED_TIME_DOMAIN_MONOTONIC_RAW`, in nanoseconds.
pub const CLOCK_MONOTONIC_RAW: u32 = 2;
/// `KGSL_CALIBRATED_TIME_DOMAIN_BOOTTIME`, in nanoseconds.
pub const CLOCK_BOOTTIME: u32 = 3;

/// `KGSL_DEVICE_3D0`: the only device.
pub const DEVICE_3D0: u32 = 1;

/// `struct kgsl_devinfo`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct DeviceInfo {
    /// [`DEVICE_3D0`].
    pub device_id: u32,
    /// Core, major, minor and patch of the GPU, a byte each from the top.
    pub chip_id: u32,
    /// Whether an MMU translates: 1.
    pub mmu_enabled: u32,
    /// Padding.
    pub pad: u32,
    /// Unused by today's driver: 0.
    pub gmem_gpubaseaddr: u64,
    /// Unused by today's driver: 0.
    pub gpu_id: u32,
    /// Padding.
    pub pad1: u32,
    /// Size of the on-chip graphics memory, in bytes.
    pub gmem_sizebytes: u64,
}

/// `struct kgsl_shadowprop`: where the timestamps of all contexts can be mapped.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct DeviceShadow {
    /// What to pass to `mmap` as the offset.
    pub gpuaddr: u64,
    /// Size of the mapping, in bytes.
    pub size: u64,
    /// `DEVICE_SHADOW_*`.
    pub flags: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_FLAGS_INITIALIZED` and `KGSL_FLAGS_PER_CONTEXT_TIMESTAMPS`, as the driver reports them.
pub const DEVICE_SHADOW_FLAGS: u32 = 0x204;

/// `struct kgsl_version`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Version {
    /// Major version of the driver.
    pub driver_major: u32,
    /// Minor version of the driver.
    pub driver_minor: u32,
    /// Major version of the device.
    pub device_major: u32,
    /// Minor version of the device.
    pub device_minor: u32,
}

/// The version at which the ABI froze.
pub const VERSION: Version = Version {
    driver_major: 3,
    driver_minor: 14,
    device_major: 3,
    device_minor: 1,
};

/// `struct kgsl_ucode_version`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct UcodeVersion {
    /// Version of the prefetch parser's microcode.
    pub pfp: u32,
    /// Version of the micro engine's microcode.
    pub pm4: u32,
}

/// `struct kgsl_qdss_stm_prop` and `struct kgsl_qtimer_prop`: a window of registers.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct RegisterWindow {
    /// Where the window can be mapped; 0 when the target has none.
    pub gpuaddr: u64,
    /// Size of the window, in bytes.
    pub size: u64,
}

/// `struct kgsl_capabilities`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Capabilities {
    /// User address of what the query fills.
    pub data: u64,
    /// Size of that, in bytes.
    pub size: u64,
    /// Which query: [`QUERY_CAPS_PROPERTIES`].
    pub querytype: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_QUERY_CAPS_PROPERTIES`: the list of properties, [`CapabilitiesProperties`].
pub const QUERY_CAPS_PROPERTIES: u32 = 1;

/// `struct kgsl_capabilities_properties`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct CapabilitiesProperties {
    /// User address of an array of `u32`.
    pub list: u64,
    /// How many entries the array has; 0 asks for the number.
    pub count: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_context_property`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ContextProperty {
    /// User address of what the query fills.
    pub data: u64,
    /// Size of that, in bytes.
    pub size: u32,
    /// Which query: [`CONTEXT_PROP_FAULTS`].
    pub property: u32,
    /// Which context.
    pub context_id: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_CONTEXT_PROP_FAULTS`: [`ContextPropertyFault`].
pub const CONTEXT_PROP_FAULTS: u32 = 1;

/// `struct kgsl_context_property_fault`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ContextPropertyFault {
    /// How many faults the context has had.
    pub faults: i32,
    /// The timestamp of the last one.
    pub timestamp: u32,
}

/// `KGSL_CTX_STAT_NO_ERROR`: the context has seen no reset.
pub const CTX_STAT_NO_ERROR: u32 = 0;
/// `KGSL_CTX_STAT_GUILTY_CONTEXT_RESET_EXT`: the context caused a reset.
pub const CTX_STAT_GUILTY: u32 = 1;
/// `KGSL_CTX_STAT_INNOCENT_CONTEXT_RESET_EXT`: another context caused a reset.
pub const CTX_STAT_INNOCENT: u32 = 2;
/// `KGSL_CTX_STAT_UNKNOWN_CONTEXT_RESET_EXT`: nobody knows who caused the reset.
pub const CTX_STAT_UNKNOWN: u32 = 3;

/// `struct kgsl_preemption_counters_query`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct PreemptionCounterQuery {
    /// User address of the counters.
    pub counters: u64,
    /// Size of that, in bytes.
    pub size_user: u32,
    /// Size of a priority level's counters, in bytes.
    pub size_priority_level: u32,
    /// How many priority levels there are.
    pub max_priority_level: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_read_calibrated_timestamps`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct ReadCalibratedTimestamps {
    /// User address of an array of `u32`: the clocks to read, each a `CLOCK_*`.
    pub sources: u64,
    /// User address of an array of `u64`: the values.
    pub timestamps: u64,
    /// User address of a `u64`: how far apart the readings may be, in nanoseconds.
    pub deviation: u64,
    /// How many clocks are asked for.
    pub count: u32,
    /// Padding.
    pub pad: u32,
}
