// SPDX-License-Identifier: GPL-2.0

//! A memory object.

use kgsl_shim::abi::memory::{
    GpumemAllocId, GpumemFreeId, GpuobjAlloc, GpuobjInfo, GPUMEM_ALLOC_ID, GPUMEM_FREE_ID,
    GPUOBJ_ALLOC, GPUOBJ_INFO,
};
use rustix::io::Errno;

use super::device::Device;
use super::mapping::Mapping;
use super::system::Access;

/// An offset of `mmap` is an id, in pages.
const PAGE_SHIFT: u32 = 12;

/// Memory that the GPU and, mapped, the process can use. It is freed with [`Object::free`] or when the device is closed.
#[derive(Debug)]
pub struct Object {
    /// The id in the process.
    pub id: u32,
    /// The GPU address, in bytes.
    pub gpu_address: u64,
    /// The size, in bytes.
    pub size: u64,
    /// The flags, as the driver echoed them.
    pub flags: u64,
}

impl Object {
    /// Allocates with GPUMEM_ALLOC_ID.
    pub fn gpumem(device: &Device, size: u64, flags: u32) -> Result<Self, Errno> {
        let mut argument = GpumemAllocId {
            size,
            flags,
            ..GpumemAllocId::default()
        };
        device.ioctl(GPUMEM_ALLOC_ID, &mut argument)?;
        let GpumemAllocId {
            id,
            flags,
            mmapsize,
            gpuaddr,
            ..
        } = argument;
        Ok(Self {
            id,
            gpu_address: gpuaddr,
            size: mmapsize,
            flags: u64::from(flags),
        })
    }

    /// Allocates with GPUOBJ_ALLOC, and asks for the address with GPUOBJ_INFO.
    pub fn gpuobj(device: &Device, size: u64, flags: u64) -> Result<Self, Errno> {
        let mut argument = GpuobjAlloc {
            size,
            flags,
            ..GpuobjAlloc::default()
        };
        device.ioctl(GPUOBJ_ALLOC, &mut argument)?;
        let info = Self::info(device, argument.id)?;
        Ok(Self {
            id: argument.id,
            gpu_address: info.gpuaddr,
            size: argument.mmapsize,
            flags: argument.flags,
        })
    }

    /// What the driver says of the object of that id.
    pub fn info(device: &Device, id: u32) -> Result<GpuobjInfo, Errno> {
        let mut info = GpuobjInfo {
            id,
            ..GpuobjInfo::default()
        };
        device.ioctl(GPUOBJ_INFO, &mut info)?;
        Ok(info)
    }

    /// Maps the whole object.
    pub fn map(&self, device: &Device) -> Result<Mapping, Errno> {
        let length = usize::try_from(self.size).map_err(|_| Errno::INVAL)?;
        Mapping::new(device, length, Access::ReadWrite, self.offset())
    }

    /// The offset by which `mmap` finds the object.
    pub fn offset(&self) -> u64 {
        u64::from(self.id) << PAGE_SHIFT
    }

    /// Frees it with GPUMEM_FREE_ID.
    pub fn free(&self, device: &Device) -> Result<(), Errno> {
        device.ioctl(
            GPUMEM_FREE_ID,
            &mut GpumemFreeId {
                id: self.id,
                ..GpumemFreeId::default()
            },
        )
    }
}
