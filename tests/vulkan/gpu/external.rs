// SPDX-License-Identifier: GPL-2.0

//! What leaves the process as a file: memory as a dma-buf, a semaphore's state as a sync_file.

use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};

use ash::vk;

use super::device::Gpu;
use super::Semaphore;

/// The memory as a dma-buf.
pub(super) fn export_memory(gpu: &Gpu, memory: vk::DeviceMemory) -> OwnedFd {
    let info = vk::MemoryGetFdInfoKHR::default()
        .memory(memory)
        .handle_type(vk::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT);
    // SAFETY: The memory is of this device, and was allocated to be exported.
    let file = unsafe { gpu.external_memory.get_memory_fd(&info) }.expect("vkGetMemoryFdKHR");
    // SAFETY: The driver has just opened the file for us.
    unsafe { OwnedFd::from_raw_fd(file) }
}

/// The pending signal of a binary semaphore as a sync_file; the semaphore is reset by that.
pub(super) fn export_semaphore(gpu: &Gpu, semaphore: vk::Semaphore) -> OwnedFd {
    let info = vk::SemaphoreGetFdInfoKHR::default()
        .semaphore(semaphore)
        .handle_type(vk::ExternalSemaphoreHandleTypeFlags::SYNC_FD);
    // SAFETY: The semaphore is of this device, was created to be exported, and a signal is pending.
    let file = unsafe { gpu.external_semaphore.get_semaphore_fd(&info) };
    // SAFETY: The driver has just opened the file for us.
    unsafe { OwnedFd::from_raw_fd(file.expect("vkGetSemaphoreFdKHR")) }
}

/// Has the semaphore be signalled when the sync_file is, once.
pub(super) fn import_semaphore(gpu: &Gpu, semaphore: &Semaphore<'_>, file: OwnedFd) {
    let info = vk::ImportSemaphoreFdInfoKHR::default()
        .semaphore(semaphore.handle())
        .flags(vk::SemaphoreImportFlags::TEMPORARY)
        .handle_type(vk::ExternalSemaphoreHandleTypeFlags::SYNC_FD)
        .fd(file.into_raw_fd());
    // SAFETY: The semaphore is of this device, nobody uses it, and the file is the driver's from now on.
    unsafe { gpu.external_semaphore.import_semaphore_fd(&info) }.expect("vkImportSemaphoreFdKHR");
}
