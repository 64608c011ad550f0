// SPDX-License-Identifier: GPL-2.0

//! Events, which both sides set, reset and look at.

use ash::vk;

use super::device::Gpu;

/// An event.
pub(crate) struct Event<'a> {
    gpu: &'a Gpu,
    handle: vk::Event,
}

impl<'a> Event<'a> {
    /// An event that is not set.
    pub(crate) fn new(gpu: &'a Gpu) -> Self {
        // SAFETY: The structure is valid.
        let handle = unsafe {
            gpu.device
                .create_event(&vk::EventCreateInfo::default(), None)
        };
        Self {
            gpu,
            handle: handle.expect("vkCreateEvent"),
        }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::Event {
        self.handle
    }

    /// Whether it is set.
    pub(crate) fn is_set(&self) -> bool {
        // SAFETY: The event is of this device and lives.
        unsafe { self.gpu.device.get_event_status(self.handle) }.expect("vkGetEventStatus")
    }

    /// Sets it from the host.
    pub(crate) fn set(&self) {
        // SAFETY: The event is of this device and lives.
        unsafe { self.gpu.device.set_event(self.handle) }.expect("vkSetEvent");
    }

    /// Resets it from the host.
    pub(crate) fn reset(&self) {
        // SAFETY: The event is of this device and lives.
        unsafe { self.gpu.device.reset_event(self.handle) }.expect("vkResetEvent");
    }
}

impl Drop for Event<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for.
        unsafe { self.gpu.device.destroy_event(self.handle, None) };
    }
}
