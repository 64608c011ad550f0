// SPDX-License-Identifier: GPL-2.0

//! Instance, device and queue.

use std::ffi::CStr;
use std::sync::Mutex;

use ash::prelude::VkResult;
use ash::{ext, khr, vk};

use super::{Commands, Fence, Recorder, Semaphore};

/// The extensions that the checks use.
const EXTENSIONS: [&CStr; 4] = [
    khr::external_memory_fd::NAME,
    ext::external_memory_dma_buf::NAME,
    khr::external_semaphore_fd::NAME,
    ext::host_image_copy::NAME,
];

/// How long to wait for the GPU, in nanoseconds: longer than anything takes.
pub(crate) const PATIENCE: u64 = 25_000_000_000;

/// One logical device with its queue, which is a context of the kernel's.
pub(crate) struct Gpu {
    /// Keeps the loader's library open.
    _entry: ash::Entry,
    pub(super) instance: ash::Instance,
    pub(super) physical: vk::PhysicalDevice,
    pub(super) device: ash::Device,
    pub(super) external_memory: khr::external_memory_fd::Device,
    pub(super) external_semaphore: khr::external_semaphore_fd::Device,
    pub(super) host_copy: ext::host_image_copy::Device,
    pub(super) memory_types: Vec<vk::MemoryPropertyFlags>,
    /// The queue; one thread at a time may use it.
    queue: Mutex<vk::Queue>,
}

impl Gpu {
    /// Opens the first device that the loader knows.
    pub(crate) fn open() -> Self {
        // SAFETY: The library that is found under the loader's name is the Vulkan loader.
        let entry = unsafe { ash::Entry::load() }.expect("the Vulkan loader is there");
        let application = vk::ApplicationInfo::default().api_version(vk::API_VERSION_1_3);
        let info = vk::InstanceCreateInfo::default().application_info(&application);
        // SAFETY: The structure and what it points to are valid.
        let instance = unsafe { entry.create_instance(&info, None) }.expect("vkCreateInstance");
        // SAFETY: The instance lives.
        let devices = unsafe { instance.enumerate_physical_devices() };
        let physical = *devices
            .expect("vkEnumeratePhysicalDevices")
            .first()
            .expect("a driver has a device");
        let device = create_device(&instance, physical);
        // SAFETY: The device has one queue of the first family.
        let queue = unsafe { device.get_device_queue(0, 0) };
        // SAFETY: The physical device is one of the instance's.
        let memory = unsafe { instance.get_physical_device_memory_properties(physical) };
        let types = memory.memory_types_as_slice().iter();
        Self {
            external_memory: khr::external_memory_fd::Device::new(&instance, &device),
            external_semaphore: khr::external_semaphore_fd::Device::new(&instance, &device),
            host_copy: ext::host_image_copy::Device::new(&instance, &device),
            memory_types: types.map(|kind| kind.property_flags).collect(),
            queue: Mutex::new(queue),
            _entry: entry,
            instance,
            physical,
            device,
        }
    }

    /// What the device says of itself.
    pub(crate) fn properties(&self) -> vk::PhysicalDeviceProperties {
        // SAFETY: The physical device is one of the instance's.
        unsafe { self.instance.get_physical_device_properties(self.physical) }
    }

    /// What images of the format can be used for.
    pub(crate) fn format(&self, format: vk::Format) -> vk::FormatProperties {
        // SAFETY: The physical device is one of the instance's.
        unsafe {
            self.instance
                .get_physical_device_format_properties(self.physical, format)
        }
    }

    /// Records commands, runs them and waits until they are done.
    pub(crate) fn run(&self, record: impl FnOnce(&Recorder<'_>)) {
        let commands = self.record(record);
        let fence = Fence::new(self);
        self.submit(&commands, &[], &[], Some(&fence))
            .expect("vkQueueSubmit");
        fence.wait(PATIENCE).expect("vkWaitForFences");
    }

    /// Records commands.
    pub(crate) fn record(&self, record: impl FnOnce(&Recorder<'_>)) -> Commands<'_> {
        Commands::new(self, record)
    }

    /// Submits commands. A semaphore comes with the value that it waits for or gets, which binary ones ignore.
    pub(crate) fn submit(
        &self,
        commands: &Commands<'_>,
        waits: &[(&Semaphore<'_>, u64)],
        signals: &[(&Semaphore<'_>, u64)],
        fence: Option<&Fence<'_>>,
    ) -> VkResult<()> {
        let (waits, signals) = (operations(waits), operations(signals));
        let buffers = [vk::CommandBufferSubmitInfo::default().command_buffer(commands.handle())];
        let info = vk::SubmitInfo2::default()
            .wait_semaphore_infos(&waits)
            .signal_semaphore_infos(&signals)
            .command_buffer_infos(&buffers);
        let fence = fence.map_or(vk::Fence::null(), Fence::handle);
        let queue = self.queue.lock().expect("nobody panicked with the queue");
        // SAFETY: All handles are of this device and live, and the queue is ours alone for the moment.
        unsafe { self.device.queue_submit2(*queue, &[info], fence) }
    }

    /// Waits until the queue is empty.
    pub(crate) fn wait_idle(&self) -> VkResult<()> {
        let queue = self.queue.lock().expect("nobody panicked with the queue");
        // SAFETY: The queue is of this device and ours alone for the moment.
        unsafe { self.device.queue_wait_idle(*queue) }
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // SAFETY: What was made of the device borrows it, and so is gone. A lost device is destroyed as well.
        unsafe {
            let _ = self.device.device_wait_idle();
            self.device.destroy_device(None);
            self.instance.destroy_instance(None);
        }
    }
}

fn create_device(instance: &ash::Instance, physical: vk::PhysicalDevice) -> ash::Device {
    let queues = [vk::DeviceQueueCreateInfo::default().queue_priorities(&[1.0])];
    let names = EXTENSIONS.map(CStr::as_ptr);
    let mut timeline =
        vk::PhysicalDeviceTimelineSemaphoreFeatures::default().timeline_semaphore(true);
    let mut synchronization =
        vk::PhysicalDeviceSynchronization2Features::default().synchronization2(true);
    let mut rendering =
        vk::PhysicalDeviceDynamicRenderingFeatures::default().dynamic_rendering(true);
    let mut host_copy = vk::PhysicalDeviceHostImageCopyFeaturesEXT::default().host_image_copy(true);
    let info = vk::DeviceCreateInfo::default()
        .queue_create_infos(&queues)
        .enabled_extension_names(&names)
        .push_next(&mut timeline)
        .push_next(&mut synchronization)
        .push_next(&mut rendering)
        .push_next(&mut host_copy);
    // SAFETY: The structure and what it points to are valid, and the physical device is one of the instance's.
    unsafe { instance.create_device(physical, &info, None) }.expect("vkCreateDevice")
}

fn operations(semaphores: &[(&Semaphore<'_>, u64)]) -> Vec<vk::SemaphoreSubmitInfo<'static>> {
    let operation = |(semaphore, value): &(&Semaphore<'_>, u64)| {
        vk::SemaphoreSubmitInfo::default()
            .semaphore(semaphore.handle())
            .value(*value)
            .stage_mask(vk::PipelineStageFlags2::ALL_COMMANDS)
    };
    semaphores.iter().map(operation).collect()
}
