// SPDX-License-Identifier: GPL-2.0

//! The checks, by name. Each panics when something is wrong.

mod buffers;
mod gate;
mod images;
mod many;
mod sharing;
mod timing;

pub(crate) use self::many::hang;
pub(crate) use self::sharing::other_process;

/// Every check.
const ALL: &[(&str, fn())] = &[
    ("fills", buffers::fills),
    ("copies", buffers::copies),
    ("many-regions", buffers::many_regions),
    ("updates", buffers::updates),
    ("clears", images::clears),
    ("tiled-clears", images::tiled_clears),
    ("uploads-and-downloads", images::uploads_and_downloads),
    (
        "tiled-uploads-and-downloads",
        images::tiled_uploads_and_downloads,
    ),
    ("image-copies", images::image_copies),
    ("host-copies", images::host_copies),
    ("blits", images::blits),
    ("depth-and-stencil", images::depth_and_stencil),
    ("picture", images::picture),
    ("timestamps", timing::timestamps),
    ("timestamp-unit", timing::timestamp_unit),
    ("events", timing::events),
    ("event-of-the-host", timing::event_of_the_host),
    ("fences", timing::fences),
    ("binary-semaphores", sharing::binary_semaphores),
    ("timeline-semaphores", sharing::timeline_semaphores),
    ("two-queues", sharing::two_queues),
    ("dma-bufs", sharing::dma_bufs),
    ("two-processes", sharing::two_processes),
    ("threads", many::threads),
    ("queues", many::queues),
    ("device-loss", many::device_loss),
    ("draw-without-effect", many::draw_without_effect),
    ("draw-faults", many::draw_faults),
];

/// Runs the check of that name; whether there is one.
pub(crate) fn run(name: &str) -> bool {
    let check = ALL.iter().find(|(known, _)| *known == name);
    if let Some((_, check)) = check {
        check();
    }
    check.is_some()
}

/// The names of all checks.
pub(crate) fn names() -> String {
    let names: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}
