// SPDX-License-Identifier: GPL-2.0

//! Command buffers. Every command is followed by a barrier that orders it before all others, save where a check is
//! about order.

use ash::vk;

use super::device::Gpu;
use super::{Buffer, Event, Image, Region, Timestamps};

/// A command buffer that is ready to be submitted.
pub(crate) struct Commands<'a> {
    gpu: &'a Gpu,
    pool: vk::CommandPool,
    buffer: vk::CommandBuffer,
}

impl<'a> Commands<'a> {
    /// Records a command buffer.
    pub(super) fn new(gpu: &'a Gpu, record: impl FnOnce(&Recorder<'_>)) -> Self {
        let info = vk::CommandPoolCreateInfo::default();
        // SAFETY: The structure is valid.
        let pool = unsafe { gpu.device.create_command_pool(&info, None) };
        let pool = pool.expect("vkCreateCommandPool");
        let info = vk::CommandBufferAllocateInfo::default()
            .command_pool(pool)
            .command_buffer_count(1);
        // SAFETY: The pool was just created.
        let buffers = unsafe { gpu.device.allocate_command_buffers(&info) };
        let buffer = buffers.expect("vkAllocateCommandBuffers")[0];
        let info = vk::CommandBufferBeginInfo::default();
        // SAFETY: The command buffer was just allocated.
        unsafe { gpu.device.begin_command_buffer(buffer, &info) }.expect("vkBeginCommandBuffer");
        record(&Recorder { gpu, buffer });
        // SAFETY: The command buffer is being recorded.
        unsafe { gpu.device.end_command_buffer(buffer) }.expect("vkEndCommandBuffer");
        Self { gpu, pool, buffer }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::CommandBuffer {
        self.buffer
    }
}

impl Drop for Commands<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for. The pool takes the command buffer with it.
        unsafe { self.gpu.device.destroy_command_pool(self.pool, None) };
    }
}

/// Records commands. All handles that it is given are of its device, and stay until the commands are done.
pub(crate) struct Recorder<'a> {
    gpu: &'a Gpu,
    buffer: vk::CommandBuffer,
}

impl Recorder<'_> {
    /// Orders everything before it before everything after it, the host included.
    pub(crate) fn barrier(&self) {
        let barriers = [vk::MemoryBarrier2::default()
            .src_stage_mask(vk::PipelineStageFlags2::ALL_COMMANDS)
            .src_access_mask(vk::AccessFlags2::MEMORY_WRITE)
            .dst_stage_mask(vk::PipelineStageFlags2::ALL_COMMANDS | vk::PipelineStageFlags2::HOST)
            .dst_access_mask(vk::AccessFlags2::MEMORY_READ | vk::AccessFlags2::MEMORY_WRITE)];
        let info = vk::DependencyInfo::default().memory_barriers(&barriers);
        // SAFETY: The command buffer is being recorded.
        unsafe { self.gpu.device.cmd_pipeline_barrier2(self.buffer, &info) };
    }

    /// Puts an image into the layout GENERAL; what it held is lost.
    pub(crate) fn prepare(&self, image: &Image<'_>) {
        let barriers = [vk::ImageMemoryBarrier2::default()
            .src_stage_mask(vk::PipelineStageFlags2::ALL_COMMANDS)
            .dst_stage_mask(vk::PipelineStageFlags2::ALL_COMMANDS)
            .dst_access_mask(vk::AccessFlags2::MEMORY_WRITE)
            .old_layout(vk::ImageLayout::UNDEFINED)
            .new_layout(vk::ImageLayout::GENERAL)
            .image(image.handle())
            .subresource_range(image.range())];
        let info = vk::DependencyInfo::default().image_memory_barriers(&barriers);
        // SAFETY: The image is valid, as above.
        unsafe { self.gpu.device.cmd_pipeline_barrier2(self.buffer, &info) };
    }

    /// Fills `size` bytes from `offset` on; both are multiples of 4.
    pub(crate) fn fill(&self, buffer: &Buffer<'_>, offset: usize, size: usize, value: u32) {
        let [offset, size] = [offset as u64, size as u64];
        // SAFETY: The buffer is valid, as above.
        unsafe {
            self.gpu
                .device
                .cmd_fill_buffer(self.buffer, buffer.handle(), offset, size, value)
        };
        self.barrier();
    }

    /// Copies `[from, to, bytes]` for each region.
    pub(crate) fn copy(&self, from: &Buffer<'_>, to: &Buffer<'_>, regions: &[[usize; 3]]) {
        let region = |&[from, to, size]: &[usize; 3]| vk::BufferCopy {
            src_offset: from as u64,
            dst_offset: to as u64,
            size: size as u64,
        };
        let regions: Vec<_> = regions.iter().map(region).collect();
        let (from, to) = (from.handle(), to.handle());
        // SAFETY: The buffers are valid, as above.
        unsafe {
            self.gpu
                .device
                .cmd_copy_buffer(self.buffer, from, to, &regions)
        };
        self.barrier();
    }

    /// Writes bytes that travel in the command buffer; offset and length are multiples of 4.
    pub(crate) fn update(&self, buffer: &Buffer<'_>, offset: usize, bytes: &[u8]) {
        let handle = buffer.handle();
        // SAFETY: The buffer is valid, as above.
        unsafe {
            self.gpu
                .device
                .cmd_update_buffer(self.buffer, handle, offset as u64, bytes)
        };
        self.barrier();
    }

    /// Clears all of a colour image; the value's bits are those of floats, or integers, as the format wants it.
    pub(crate) fn clear(&self, image: &Image<'_>, color: [u32; 4]) {
        let color = vk::ClearColorValue { uint32: color };
        // SAFETY: The image is valid, as above, and in the layout GENERAL.
        unsafe {
            self.gpu.device.cmd_clear_color_image(
                self.buffer,
                image.handle(),
                vk::ImageLayout::GENERAL,
                &color,
                &[image.range()],
            )
        };
        self.barrier();
    }

    /// Clears all of a depth or stencil image.
    pub(crate) fn clear_depth(&self, image: &Image<'_>, depth: f32, stencil: u32) {
        let value = vk::ClearDepthStencilValue { depth, stencil };
        // SAFETY: The image is valid, as above, and in the layout GENERAL.
        unsafe {
            self.gpu.device.cmd_clear_depth_stencil_image(
                self.buffer,
                image.handle(),
                vk::ImageLayout::GENERAL,
                &value,
                &[image.range()],
            )
        };
        self.barrier();
    }

    /// Copies texels from a buffer, where a row begins `row` texels after the one before.
    pub(crate) fn upload(
        &self,
        from: &Buffer<'_>,
        offset: usize,
        row: u32,
        to: &Image<'_>,
        region: Region,
    ) {
        let regions = [buffer_image_copy(offset, row, to, region)];
        // SAFETY: Buffer and image are valid, as above, and the image is in the layout GENERAL.
        unsafe {
            self.gpu.device.cmd_copy_buffer_to_image(
                self.buffer,
                from.handle(),
                to.handle(),
                vk::ImageLayout::GENERAL,
                &regions,
            )
        };
        self.barrier();
    }

    /// Copies texels into a buffer, where a row begins `row` texels after the one before.
    pub(crate) fn download(
        &self,
        from: &Image<'_>,
        region: Region,
        to: &Buffer<'_>,
        offset: usize,
        row: u32,
    ) {
        let regions = [buffer_image_copy(offset, row, from, region)];
        // SAFETY: Image and buffer are valid, as above, and the image is in the layout GENERAL.
        unsafe {
            self.gpu.device.cmd_copy_image_to_buffer(
                self.buffer,
                from.handle(),
                vk::ImageLayout::GENERAL,
                to.handle(),
                &regions,
            )
        };
        self.barrier();
    }

    /// Copies a region of one image to a place in another.
    pub(crate) fn copy_image(
        &self,
        from: &Image<'_>,
        region: Region,
        to: &Image<'_>,
        place: [u32; 2],
    ) {
        let there = Region {
            origin: place,
            size: region.size,
        };
        let regions = [vk::ImageCopy {
            src_subresource: from.layers(),
            src_offset: region.offset(),
            dst_subresource: to.layers(),
            dst_offset: there.offset(),
            extent: region.extent(),
        }];
        let general = vk::ImageLayout::GENERAL;
        let (from, to) = (from.handle(), to.handle());
        // SAFETY: The images are valid, as above, and in the layout GENERAL.
        unsafe {
            self.gpu
                .device
                .cmd_copy_image(self.buffer, from, general, to, general, &regions)
        };
        self.barrier();
    }

    /// Copies a region onto another with scaling and conversion, without filter; `flip` mirrors columns, rows.
    pub(crate) fn blit(
        &self,
        from: &Image<'_>,
        region: Region,
        to: &Image<'_>,
        there: Region,
        flip: [bool; 2],
    ) {
        let (mut first, mut last) = (there.offset(), there.end());
        if flip[0] {
            std::mem::swap(&mut first.x, &mut last.x);
        }
        if flip[1] {
            std::mem::swap(&mut first.y, &mut last.y);
        }
        let regions = [vk::ImageBlit {
            src_subresource: from.layers(),
            src_offsets: [region.offset(), region.end()],
            dst_subresource: to.layers(),
            dst_offsets: [first, last],
        }];
        let general = vk::ImageLayout::GENERAL;
        let (from, to) = (from.handle(), to.handle());
        let filter = vk::Filter::NEAREST;
        // SAFETY: The images are valid, as above, and in the layout GENERAL.
        unsafe {
            self.gpu.device.cmd_blit_image(
                self.buffer,
                from,
                general,
                to,
                general,
                &regions,
                filter,
            )
        };
        self.barrier();
    }

    /// Makes all timestamps of the pool unavailable.
    pub(crate) fn reset_timestamps(&self, pool: &Timestamps<'_>) {
        // SAFETY: The pool is valid, as above, and has that many queries.
        unsafe {
            self.gpu
                .device
                .cmd_reset_query_pool(self.buffer, pool.handle(), 0, pool.count)
        };
    }

    /// Writes the time at the end of what was recorded before.
    pub(crate) fn timestamp(&self, pool: &Timestamps<'_>, index: u32) {
        let stage = vk::PipelineStageFlags2::ALL_COMMANDS;
        // SAFETY: The pool is valid, as above, and the query was reset.
        unsafe {
            self.gpu
                .device
                .cmd_write_timestamp2(self.buffer, stage, pool.handle(), index)
        };
    }

    /// Copies all timestamps with their availability, 64 bits each, when they are there.
    pub(crate) fn copy_timestamps(&self, pool: &Timestamps<'_>, to: &Buffer<'_>, offset: usize) {
        let flags = vk::QueryResultFlags::TYPE_64
            | vk::QueryResultFlags::WITH_AVAILABILITY
            | vk::QueryResultFlags::WAIT;
        let offset = offset as u64;
        // SAFETY: Pool and buffer are valid, as above, and the buffer has the room.
        unsafe {
            self.gpu.device.cmd_copy_query_pool_results(
                self.buffer,
                pool.handle(),
                0,
                pool.count,
                to.handle(),
                offset,
                16,
                flags,
            )
        };
        self.barrier();
    }

    /// Sets an event after what was recorded before.
    pub(crate) fn set_event(&self, event: &Event<'_>) {
        let stage = vk::PipelineStageFlags::ALL_COMMANDS;
        // SAFETY: The event is valid, as above.
        unsafe {
            self.gpu
                .device
                .cmd_set_event(self.buffer, event.handle(), stage)
        };
    }

    /// Resets an event after what was recorded before.
    pub(crate) fn reset_event(&self, event: &Event<'_>) {
        let stage = vk::PipelineStageFlags::ALL_COMMANDS;
        // SAFETY: The event is valid, as above.
        unsafe {
            self.gpu
                .device
                .cmd_reset_event(self.buffer, event.handle(), stage)
        };
    }

    /// Has everything after it wait for an event, which the host may be the one to set.
    pub(crate) fn wait_event(&self, event: &Event<'_>) {
        let (host, all) = (
            vk::PipelineStageFlags::HOST,
            vk::PipelineStageFlags::ALL_COMMANDS,
        );
        // SAFETY: The event is valid, as above.
        unsafe {
            self.gpu.device.cmd_wait_events(
                self.buffer,
                &[event.handle()],
                host | all,
                all,
                &[],
                &[],
                &[],
            )
        };
    }
}

fn buffer_image_copy(
    offset: usize,
    row: u32,
    image: &Image<'_>,
    region: Region,
) -> vk::BufferImageCopy {
    vk::BufferImageCopy {
        buffer_offset: offset as u64,
        buffer_row_length: row,
        buffer_image_height: 0,
        image_subresource: image.layers(),
        image_offset: region.offset(),
        image_extent: region.extent(),
    }
}
