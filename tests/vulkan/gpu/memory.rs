// SPDX-License-Identifier: GPL-2.0

//! Device memory that the CPU sees.

use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};
use std::slice;

use ash::vk;

use super::device::Gpu;

/// Memory that is mapped as long as it lives. The CPU reads and writes it only while the GPU does not.
pub(crate) struct Memory<'a> {
    gpu: &'a Gpu,
    handle: vk::DeviceMemory,
    address: *mut u8,
    length: usize,
}

/// Where memory comes from and where it may go.
#[derive(Debug, Default)]
pub(crate) enum Sharing {
    /// It is private.
    #[default]
    Private,
    /// It can be exported as a dma-buf.
    Export,
    /// It is this dma-buf.
    Import(OwnedFd),
}

impl<'a> Memory<'a> {
    /// Memory that meets the requirements. It is coherent, and cached where the device has that.
    pub(super) fn new(
        gpu: &'a Gpu,
        requirements: vk::MemoryRequirements,
        sharing: Sharing,
    ) -> Self {
        let coherent =
            vk::MemoryPropertyFlags::HOST_VISIBLE | vk::MemoryPropertyFlags::HOST_COHERENT;
        let cached = coherent | vk::MemoryPropertyFlags::HOST_CACHED;
        let index = [cached, coherent]
            .into_iter()
            .find_map(|wanted| find(gpu, requirements, wanted));
        let index = index.expect("the device has coherent memory");
        let kind = vk::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT;
        let mut export = vk::ExportMemoryAllocateInfo::default().handle_types(kind);
        let mut import = vk::ImportMemoryFdInfoKHR::default().handle_type(kind);
        let info = vk::MemoryAllocateInfo::default()
            .allocation_size(requirements.size)
            .memory_type_index(index);
        let info = match &sharing {
            Sharing::Private => info,
            Sharing::Export => info.push_next(&mut export),
            Sharing::Import(file) => {
                import = import.fd(file.as_raw_fd());
                info.push_next(&mut import)
            }
        };
        // SAFETY: The structure and what it points to are valid, and so is the file that it may name.
        let handle = unsafe { gpu.device.allocate_memory(&info, None) }.expect("vkAllocateMemory");
        if let Sharing::Import(file) = sharing {
            // The driver owns the file now.
            let _ = file.into_raw_fd();
        }
        Self::mapped(gpu, handle, requirements.size)
    }

    fn mapped(gpu: &'a Gpu, handle: vk::DeviceMemory, size: u64) -> Self {
        let flags = vk::MemoryMapFlags::empty();
        // SAFETY: The memory was just allocated and is visible to the host.
        let address = unsafe { gpu.device.map_memory(handle, 0, vk::WHOLE_SIZE, flags) };
        Self {
            gpu,
            handle,
            address: address.expect("vkMapMemory").cast(),
            length: usize::try_from(size).expect("the memory fits the address space"),
        }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::DeviceMemory {
        self.handle
    }

    /// The memory as a dma-buf.
    pub(crate) fn export(&self) -> OwnedFd {
        super::external::export_memory(self.gpu, self.handle)
    }

    /// Its bytes. The GPU must be done with them.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: The mapping lives as long as the memory, and has that length.
        unsafe { slice::from_raw_parts(self.address, self.length) }
    }

    /// Its bytes, to be changed. The GPU must be done with them.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: As above, and nobody else has a reference.
        unsafe { slice::from_raw_parts_mut(self.address, self.length) }
    }
}

impl Drop for Memory<'_> {
    fn drop(&mut self) {
        // SAFETY: What was bound to the memory goes with it, and the GPU has been waited for.
        unsafe { self.gpu.device.free_memory(self.handle, None) };
    }
}

/// The first type of memory that the requirements allow and that has the properties.
fn find(
    gpu: &Gpu,
    requirements: vk::MemoryRequirements,
    wanted: vk::MemoryPropertyFlags,
) -> Option<u32> {
    let mut types = (0_u32..).zip(&gpu.memory_types);
    let found = types.find(|(index, flags)| {
        requirements.memory_type_bits & (1 << index) != 0 && flags.contains(wanted)
    });
    found.map(|(index, _)| index)
}
