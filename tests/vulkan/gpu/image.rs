// SPDX-License-Identifier: GPL-2.0

//! Two-dimensional images with one level and one layer.

use ash::vk;

use super::device::Gpu;
use super::memory::{Memory, Sharing};

/// A rectangle of texels, as left, top, width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// The first column and row.
    pub(crate) origin: [u32; 2],
    /// Columns and rows.
    pub(crate) size: [u32; 2],
}

impl Region {
    /// All of an image of that size.
    pub(crate) fn whole(size: [u32; 2]) -> Self {
        Self {
            origin: [0, 0],
            size,
        }
    }

    /// The first texel, as Vulkan has it.
    pub(super) fn offset(self) -> vk::Offset3D {
        let [x, y] = self
            .origin
            .map(|value| i32::try_from(value).expect("images are small"));
        vk::Offset3D { x, y, z: 0 }
    }

    /// The size, as Vulkan has it.
    pub(super) fn extent(self) -> vk::Extent3D {
        let [width, height] = self.size;
        vk::Extent3D {
            width,
            height,
            depth: 1,
        }
    }

    /// The last corner, as Vulkan has it: outside.
    pub(super) fn end(self) -> vk::Offset3D {
        let vk::Offset3D { x, y, .. } = self.offset();
        let [width, height] = self
            .size
            .map(|value| i32::try_from(value).expect("images are small"));
        vk::Offset3D {
            x: x + width,
            y: y + height,
            z: 1,
        }
    }
}

/// An image in memory of its own, always in the layout GENERAL.
pub(crate) struct Image<'a> {
    gpu: &'a Gpu,
    handle: vk::Image,
    memory: Memory<'a>,
    /// What it holds.
    pub(crate) aspect: vk::ImageAspectFlags,
    /// Columns and rows.
    pub(crate) size: [u32; 2],
}

impl<'a> Image<'a> {
    /// A linear image.
    pub(crate) fn linear(gpu: &'a Gpu, format: vk::Format, size: [u32; 2]) -> Self {
        let usage = vk::ImageUsageFlags::TRANSFER_SRC | vk::ImageUsageFlags::TRANSFER_DST;
        Self::new(gpu, format, size, vk::ImageTiling::LINEAR, usage)
    }

    /// An image that is laid out as the GPU likes it, for which turnip may choose bandwidth compression.
    pub(crate) fn optimal(gpu: &'a Gpu, format: vk::Format, size: [u32; 2]) -> Self {
        let usage = vk::ImageUsageFlags::TRANSFER_SRC | vk::ImageUsageFlags::TRANSFER_DST;
        Self::new(gpu, format, size, vk::ImageTiling::OPTIMAL, usage)
    }

    /// The same for copies by the host, which exclude bandwidth compression.
    pub(crate) fn host_copied(gpu: &'a Gpu, format: vk::Format, size: [u32; 2]) -> Self {
        let usage = vk::ImageUsageFlags::TRANSFER_SRC
            | vk::ImageUsageFlags::TRANSFER_DST
            | vk::ImageUsageFlags::HOST_TRANSFER_EXT;
        Self::new(gpu, format, size, vk::ImageTiling::OPTIMAL, usage)
    }

    fn new(
        gpu: &'a Gpu,
        format: vk::Format,
        size: [u32; 2],
        tiling: vk::ImageTiling,
        usage: vk::ImageUsageFlags,
    ) -> Self {
        let info = vk::ImageCreateInfo::default()
            .image_type(vk::ImageType::TYPE_2D)
            .format(format)
            .extent(Region::whole(size).extent())
            .mip_levels(1)
            .array_layers(1)
            .samples(vk::SampleCountFlags::TYPE_1)
            .tiling(tiling)
            .usage(usage);
        // SAFETY: The structure is valid.
        let handle = unsafe { gpu.device.create_image(&info, None) }.expect("vkCreateImage");
        // SAFETY: The image was just created.
        let requirements = unsafe { gpu.device.get_image_memory_requirements(handle) };
        let memory = Memory::new(gpu, requirements, Sharing::Private);
        // SAFETY: The memory meets the image's requirements.
        unsafe { gpu.device.bind_image_memory(handle, memory.handle(), 0) }
            .expect("vkBindImageMemory");
        Self {
            gpu,
            handle,
            memory,
            aspect: aspect(format),
            size,
        }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::Image {
        self.handle
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Region {
        Region::whole(self.size)
    }

    /// Its only level and layer.
    pub(super) fn layers(&self) -> vk::ImageSubresourceLayers {
        vk::ImageSubresourceLayers::default()
            .aspect_mask(self.aspect)
            .layer_count(1)
    }

    /// The same as a range.
    pub(super) fn range(&self) -> vk::ImageSubresourceRange {
        vk::ImageSubresourceRange::default()
            .aspect_mask(self.aspect)
            .level_count(1)
            .layer_count(1)
    }

    /// The rows of a linear image whose texels have so many bytes, as the memory has them.
    pub(crate) fn rows(&self, texel: usize) -> Vec<u8> {
        let subresource = vk::ImageSubresource::default().aspect_mask(self.aspect);
        // SAFETY: The image is linear.
        let layout = unsafe {
            self.gpu
                .device
                .get_image_subresource_layout(self.handle, subresource)
        };
        let [offset, pitch] = [layout.offset, layout.row_pitch]
            .map(|value| usize::try_from(value).expect("images are small"));
        let [width, height] = self.size.map(|value| value as usize);
        let row = |y: usize| &self.memory.bytes()[offset + y * pitch..][..width * texel];
        (0..height).flat_map(row).copied().collect()
    }

    /// Puts the image into the layout GENERAL without the GPU.
    pub(crate) fn prepare_on_host(&self) {
        let transition = vk::HostImageLayoutTransitionInfoEXT::default()
            .image(self.handle)
            .old_layout(vk::ImageLayout::UNDEFINED)
            .new_layout(vk::ImageLayout::GENERAL)
            .subresource_range(self.range());
        // SAFETY: The image is of this device and made for copies by the host.
        unsafe { self.gpu.host_copy.transition_image_layout(&[transition]) }
            .expect("vkTransitionImageLayoutEXT");
    }

    /// Has the CPU write tightly packed texels into the image.
    pub(crate) fn write_on_host(&self, region: Region, texels: &[u8]) {
        let regions = [vk::MemoryToImageCopyEXT::default()
            .host_pointer(texels.as_ptr().cast())
            .image_subresource(self.layers())
            .image_offset(region.offset())
            .image_extent(region.extent())];
        let info = vk::CopyMemoryToImageInfoEXT::default()
            .dst_image(self.handle)
            .dst_image_layout(vk::ImageLayout::GENERAL)
            .regions(&regions);
        // SAFETY: There are as many texels as the region has, and the GPU does not use the image.
        unsafe { self.gpu.host_copy.copy_memory_to_image(&info) }.expect("vkCopyMemoryToImageEXT");
    }

    /// Has the CPU read all texels of so many bytes.
    pub(crate) fn read_on_host(&self, texel: usize) -> Vec<u8> {
        let [width, height] = self.size.map(|value| value as usize);
        let mut texels = vec![0; width * height * texel];
        let regions = [vk::ImageToMemoryCopyEXT::default()
            .host_pointer(texels.as_mut_ptr().cast())
            .image_subresource(self.layers())
            .image_extent(self.whole().extent())];
        let info = vk::CopyImageToMemoryInfoEXT::default()
            .src_image(self.handle)
            .src_image_layout(vk::ImageLayout::GENERAL)
            .regions(&regions);
        // SAFETY: There is room for all texels, and the GPU does not use the image.
        unsafe { self.gpu.host_copy.copy_image_to_memory(&info) }.expect("vkCopyImageToMemoryEXT");
        texels
    }
}

impl Drop for Image<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for; the memory goes after the image.
        unsafe { self.gpu.device.destroy_image(self.handle, None) };
    }
}

/// What images of the format hold.
fn aspect(format: vk::Format) -> vk::ImageAspectFlags {
    match format {
        vk::Format::D16_UNORM | vk::Format::D32_SFLOAT | vk::Format::X8_D24_UNORM_PACK32 => {
            vk::ImageAspectFlags::DEPTH
        }
        vk::Format::S8_UINT => vk::ImageAspectFlags::STENCIL,
        _ => vk::ImageAspectFlags::COLOR,
    }
}
