// SPDX-License-Identifier: GPL-2.0

//! Fences and semaphores.

use std::os::fd::OwnedFd;

use ash::prelude::VkResult;
use ash::vk;

use super::device::Gpu;
use super::external;

/// A fence.
pub(crate) struct Fence<'a> {
    gpu: &'a Gpu,
    handle: vk::Fence,
}

impl<'a> Fence<'a> {
    /// A fence that is not signalled.
    pub(crate) fn new(gpu: &'a Gpu) -> Self {
        Self::with(gpu, vk::FenceCreateFlags::empty())
    }

    /// A fence that is signalled.
    pub(crate) fn signalled(gpu: &'a Gpu) -> Self {
        Self::with(gpu, vk::FenceCreateFlags::SIGNALED)
    }

    fn with(gpu: &'a Gpu, flags: vk::FenceCreateFlags) -> Self {
        let info = vk::FenceCreateInfo::default().flags(flags);
        // SAFETY: The structure is valid.
        let handle = unsafe { gpu.device.create_fence(&info, None) }.expect("vkCreateFence");
        Self { gpu, handle }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::Fence {
        self.handle
    }

    /// Waits for the fence, at most so many nanoseconds.
    pub(crate) fn wait(&self, timeout: u64) -> VkResult<()> {
        // SAFETY: The fence is of this device and lives.
        unsafe {
            self.gpu
                .device
                .wait_for_fences(&[self.handle], true, timeout)
        }
    }

    /// Whether the fence is signalled.
    pub(crate) fn is_signalled(&self) -> VkResult<bool> {
        // SAFETY: The fence is of this device and lives.
        unsafe { self.gpu.device.get_fence_status(self.handle) }
    }

    /// Takes the signal back.
    pub(crate) fn reset(&self) {
        // SAFETY: The fence is of this device, lives, and no submission has it.
        unsafe { self.gpu.device.reset_fences(&[self.handle]) }.expect("vkResetFences");
    }
}

impl Drop for Fence<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for.
        unsafe { self.gpu.device.destroy_fence(self.handle, None) };
    }
}

/// A semaphore, binary or timeline.
pub(crate) struct Semaphore<'a> {
    gpu: &'a Gpu,
    handle: vk::Semaphore,
}

impl<'a> Semaphore<'a> {
    /// A binary semaphore whose signals can leave as a sync_file.
    pub(crate) fn binary(gpu: &'a Gpu) -> Self {
        let mut export = vk::ExportSemaphoreCreateInfo::default()
            .handle_types(vk::ExternalSemaphoreHandleTypeFlags::SYNC_FD);
        Self::with(
            gpu,
            vk::SemaphoreCreateInfo::default().push_next(&mut export),
        )
    }

    /// A timeline semaphore at `value`.
    pub(crate) fn timeline(gpu: &'a Gpu, value: u64) -> Self {
        let mut kind = vk::SemaphoreTypeCreateInfo::default()
            .semaphore_type(vk::SemaphoreType::TIMELINE)
            .initial_value(value);
        Self::with(gpu, vk::SemaphoreCreateInfo::default().push_next(&mut kind))
    }

    fn with(gpu: &'a Gpu, info: vk::SemaphoreCreateInfo<'_>) -> Self {
        // SAFETY: The structure and what it points to are valid.
        let created = unsafe { gpu.device.create_semaphore(&info, None) };
        let handle = created.expect("vkCreateSemaphore");
        Self { gpu, handle }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::Semaphore {
        self.handle
    }

    /// The value of a timeline semaphore.
    pub(crate) fn value(&self) -> u64 {
        // SAFETY: The semaphore is of this device and lives.
        unsafe { self.gpu.device.get_semaphore_counter_value(self.handle) }
            .expect("vkGetSemaphoreCounterValue")
    }

    /// Signals a timeline semaphore from the host.
    pub(crate) fn signal(&self, value: u64) {
        let info = vk::SemaphoreSignalInfo::default()
            .semaphore(self.handle)
            .value(value);
        // SAFETY: The semaphore is of this device and lives.
        unsafe { self.gpu.device.signal_semaphore(&info) }.expect("vkSignalSemaphore");
    }

    /// Waits for a value of a timeline semaphore, at most so many nanoseconds.
    pub(crate) fn wait(&self, value: u64, timeout: u64) -> VkResult<()> {
        let (semaphores, values) = ([self.handle], [value]);
        let info = vk::SemaphoreWaitInfo::default()
            .semaphores(&semaphores)
            .values(&values);
        // SAFETY: The semaphore is of this device and lives.
        unsafe { self.gpu.device.wait_semaphores(&info, timeout) }
    }

    /// The pending signal as a sync_file.
    pub(crate) fn export(&self) -> OwnedFd {
        external::export_semaphore(self.gpu, self.handle)
    }

    /// Has it be signalled when the sync_file is.
    pub(crate) fn import(&self, file: OwnedFd) {
        external::import_semaphore(self.gpu, self, file);
    }
}

impl Drop for Semaphore<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for.
        unsafe { self.gpu.device.destroy_semaphore(self.handle, None) };
    }
}
