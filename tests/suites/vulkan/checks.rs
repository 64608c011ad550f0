// SPDX-License-Identifier: GPL-2.0

//! The checks of `vulkan-client`: on an A660, and on an A750 those whose packets are others there. Each test loads the
//! chip that it is for, so that any of them can be run alone.

use super::{check, reload};
use crate::suite::Test;

fn check_on(chip: &str, name: &str) {
    reload(chip);
    check(name);
}

/// Tests on a chip from the names of checks.
macro_rules! checks {
    ($chip:literal: $($test:ident $check:literal),* $(,)?) => {
        &[$(Test { name: stringify!($test), run: || check_on($chip, $check) }),*]
    };
}

/// On the default chip.
pub(super) const A6XX: &[Test] = checks!["chip=a660":
    buffers_are_filled "fills",
    buffers_are_copied "copies",
    many_regions_are_copied_at_once "many-regions",
    buffers_are_updated "updates",
    images_are_cleared "clears",
    tiled_images_are_cleared "tiled-clears",
    images_are_copied_to_and_from_buffers "uploads-and-downloads",
    tiled_images_are_copied_to_and_from_buffers "tiled-uploads-and-downloads",
    images_are_copied_to_images "image-copies",
    the_cpu_and_the_gpu_know_the_same_tiles "host-copies",
    images_are_blitted "blits",
    depth_and_stencil_are_kept "depth-and-stencil",
    the_picture_is_that_of_the_documentation "picture",
    timestamps_rise "timestamps",
    timestamps_have_the_unit_that_they_say "timestamp-unit",
    events_are_seen_by_both_sides "events",
    the_gpu_waits_for_an_event_of_the_host "event-of-the-host",
    fences_wait_for_the_work "fences",
    binary_semaphores_order_work "binary-semaphores",
    timeline_semaphores_order_work "timeline-semaphores",
    queues_share_semaphores_and_memory "two-queues",
    dma_bufs_are_the_same_memory "dma-bufs",
    processes_share_semaphores_and_memory "two-processes",
    threads_share_a_queue "threads",
    threads_have_queues "queues",
    a_lost_device_takes_nobody_along "device-loss",
];

/// On a chip of the other generation, which clears images with another unit, and has other events and 2D registers.
pub(super) const A7XX: &[Test] = checks!["chip=a750":
    a7xx_fills_buffers "fills",
    a7xx_copies_buffers "many-regions",
    a7xx_updates_buffers "updates",
    a7xx_clears_images "clears",
    a7xx_clears_tiled_images "tiled-clears",
    a7xx_copies_images_to_and_from_buffers "uploads-and-downloads",
    a7xx_copies_tiled_images_to_and_from_buffers "tiled-uploads-and-downloads",
    a7xx_copies_images_to_images "image-copies",
    a7xx_tiles_as_the_cpu_does "host-copies",
    a7xx_blits_images "blits",
    a7xx_keeps_depth_and_stencil "depth-and-stencil",
    a7xx_draws_the_same_picture "picture",
    a7xx_writes_timestamps "timestamps",
    a7xx_sets_events "events",
    a7xx_shares_with_processes "two-processes",
];
