// SPDX-License-Identifier: GPL-2.0

//! A memory object.

use std::os::fd::{AsFd, AsRawFd};

use kgsl_shim::abi::memory::{
    GpumemAllocId, GpumemFreeId, GpuobjAlloc, GpuobjImport, GpuobjImportDmaBuf, GpuobjInfo,
    GPUMEM_ALLOC_ID, GPUMEM_FREE_ID, GPUOBJ_ALLOC, GPUOBJ_IMPORT, GPUOBJ_INFO,
    USER_MEM_TYPE_DMABUF,
};
use rustix::io::Errno;

use super::device::Device;
use super::mapping::Mapping;
use super::system::{address, Access};

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

    /// Imports a dma-buf with GPUOBJ_IMPORT; the id of the object.
    pub fn import_dma_buf(device: &Device, buffer: impl AsFd) -> Result<u32, Errno> {
        let mut from = GpuobjImportDmaBuf {
            fd: buffer.as_fd().as_raw_fd(),
        };
        let mut argument = GpuobjImport {
            private: address(&mut from),
            private_len: 4,
            kind: USER_MEM_TYPE_DMABUF,
            ..GpuobjImport::default()
        };
        device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
        Ok(argument.id)
    }

    /// Frees the object of that id with GPUMEM_FREE_ID.
    pub fn free_id(device: &Device, id: u32) -> Result<(), Errno> {
        let mut argument = GpumemFreeId {
            id,
            ..GpumemFreeId::default()
        };
        device.ioctl(GPUMEM_FREE_ID, &mut argument)
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
        Self::free_id(device, self.id)
    }
}
