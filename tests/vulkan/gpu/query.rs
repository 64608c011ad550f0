// SPDX-License-Identifier: GPL-2.0

//! Pools of timestamp queries.

use ash::vk;

use super::device::Gpu;

/// A pool of timestamps.
pub(crate) struct Timestamps<'a> {
    gpu: &'a Gpu,
    handle: vk::QueryPool,
    /// How many it has.
    pub(crate) count: u32,
}

impl<'a> Timestamps<'a> {
    /// A pool of so many timestamps.
    pub(crate) fn new(gpu: &'a Gpu, count: u32) -> Self {
        let info = vk::QueryPoolCreateInfo::default()
            .query_type(vk::QueryType::TIMESTAMP)
            .query_count(count);
        // SAFETY: The structure is valid.
        let handle = unsafe { gpu.device.create_query_pool(&info, None) };
        Self {
            gpu,
            handle: handle.expect("vkCreateQueryPool"),
            count,
        }
    }

    /// The handle.
    pub(super) fn handle(&self) -> vk::QueryPool {
        self.handle
    }

    /// The ticks of all of them, and whether each is available.
    pub(crate) fn results(&self) -> Vec<(u64, bool)> {
        let mut results = vec![[0_u64; 2]; self.count as usize];
        let flags = vk::QueryResultFlags::TYPE_64 | vk::QueryResultFlags::WITH_AVAILABILITY;
        let device = &self.gpu.device;
        // SAFETY: The pool is of this device, lives, and has that many queries.
        let outcome = unsafe { device.get_query_pool_results(self.handle, 0, &mut results, flags) };
        match outcome {
            Ok(()) | Err(vk::Result::NOT_READY) => {}
            Err(error) => panic!("vkGetQueryPoolResults: {error}"),
        }
        results
            .iter()
            .map(|[ticks, available]| (*ticks, *available != 0))
            .collect()
    }
}

impl Drop for Timestamps<'_> {
    fn drop(&mut self) {
        // SAFETY: The GPU has been waited for.
        unsafe { self.gpu.device.destroy_query_pool(self.handle, None) };
    }
}
