// SPDX-License-Identifier: GPL-2.0

//! Buffers in memory of their own.

use std::os::fd::OwnedFd;

use ash::vk;

use super::device::Gpu;
use super::memory::{Memory, Sharing};

/// A buffer that can be copied from and to.
pub(crate) struct Buffer<'a> {
    gpu: &'a Gpu,
    handle: vk::Buffer,
    /// Its memory.
    pub(crate) memory: Memory<'a>,
    /// Its size, in bytes; the memory may be larger.
    pub(crate) size: usize,
}

impl<'a> Buffer<'a> {
    /// A buffer of `size` bytes.
    pub(crate) fn new(gpu: &'a Gpu, size: usize) -> Self {
        Self::shared(gpu, size, Sharing::Private)
    }

    /// A buffer of these bytes.
    pub(crate) fn of(gpu: &'a Gpu, bytes: &[u8]) -> Self {
        let mut buffer = Self::new(gpu, bytes.len());
        buffer.bytes_mut().copy_from_slice(bytes);
        buffer
    }

    /// A buffer whose memory can be exported.
    pub(crate) fn exportable(gpu: &'a Gpu, size: usize) -> Self {
        Self::shared(gpu, size, Sharing::Export)
    }

    /// A buffer in the memory of a dma-buf.
    pub(crate) fn import(gpu: &'a Gpu, size: usize, file: OwnedFd) -> Self {
        Self::shared(gpu, size, Sharing::Import(file))
    }

    fn shared(gpu: &'a Gpu, size: usize, sharing: Sharing) -> Self {
        let mut external = vk::ExternalMemoryBufferCreateInfo::default()
            .handle_types(vk::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT);
        let mut info = vk::BufferCreateInfo::default()
            .size(size as u64)
            .usage(vk::BufferUsageFlags::TRANSFER_SRC | vk::BufferUsageFlags::TRANSFER_DST);
        if !matches!(sharing, Sharing::Private) {
            info = info.push_next(&mut external);
        }
        // SAFETY: The structure and what it points to are valid.
        let handle = unsafe { gpu.device.create_buffer(&info, None) }.expect("vkCreateBuffer");
        // SAFETY: The buffer was just created.
        let requirements = unsafe { gpu.device.get_buffer_memory_requirements(handle) };
        let memory = Memory::new(gpu, requirements, sharing);
        // SAFETY: The memory meets the buffer's requirements.
        unsafe { gpu.device.bind_buffer_memory(handle, memory.handle(), 0) }
            .expect("vkBindBufferMemory");
        Self {
            gpu,
            handle,
            memory,
            size,
        }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::Buffer {
        self.handle
    }

    /// Its bytes. The GPU must be done with them.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory.bytes()[..self.size]
    }

    /// Its bytes, to be changed. The GPU must be done with them.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory.bytes_mut()[..self.size]
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for; the memory goes after the buffer.
        unsafe { self.gpu.device.destroy_buffer(self.handle, None) };
    }
}
