// SPDX-License-Identifier: GPL-2.0

//! Several threads and queues at once, and a queue that is lost beside one that goes on.

use std::process::{Command, Stdio};
use std::thread;

use ash::vk;

use crate::format::COLORS;
use crate::gpu::{Buffer, Event, Fence, Gpu, Image, PATIENCE};
use crate::pattern::{assert_same, bytes};

/// The size of what each thread copies, in bytes.
const SIZE: usize = 1 << 20;

/// How often each thread copies.
const ROUNDS: u32 = 8;

fn copies(gpu: &Gpu, seed: u32) {
    for round in 0..ROUNDS {
        let source = Buffer::of(gpu, &bytes(SIZE, seed * ROUNDS + round));
        let destination = Buffer::new(gpu, SIZE);
        gpu.run(|commands| commands.copy(&source, &destination, &[[0, 0, SIZE]]));
        assert_same(destination.bytes(), source.bytes(), "a copy among others");
    }
}

/// Threads that share one queue.
pub(crate) fn threads() {
    let gpu = Gpu::open();
    thread::scope(|scope| {
        for seed in 0..3 {
            let gpu = &gpu;
            scope.spawn(move || copies(gpu, seed));
        }
    });
}

/// Threads with a queue each, of a device each.
pub(crate) fn queues() {
    thread::scope(|scope| {
        for seed in 0..4 {
            scope.spawn(move || copies(&Gpu::open(), seed));
        }
    });
}

/// A device that hangs is lost, says so, and takes nobody with it: neither another process, nor another device of its
/// own.
pub(crate) fn device_loss() {
    let gpu = Gpu::open();
    let mut child = Command::new("/proc/self/exe")
        .arg("hang")
        .stdout(Stdio::null())
        .spawn()
        .expect("the other process starts");
    let mut rounds = 0;
    let status = loop {
        copies(&gpu, rounds);
        rounds += 1;
        if let Some(status) = child.try_wait().expect("the other process is ours") {
            break status;
        }
    };
    assert!(status.success(), "the other process: {status}");
    copies(&gpu, rounds);
}

/// Hangs on purpose.
pub(crate) fn hang() {
    {
        let gpu = Gpu::open();
        let event = Event::new(&gpu);
        let fence = Fence::new(&gpu);
        let commands = gpu.record(|commands| commands.wait_event(&event));
        gpu.submit(&commands, &[], &[], Some(&fence)).expect("vkQueueSubmit");
        assert_eq!(fence.wait(PATIENCE), Err(vk::Result::ERROR_DEVICE_LOST));
        let after = gpu.submit(&commands, &[], &[], None);
        assert_eq!(after, Err(vk::Result::ERROR_DEVICE_LOST));
    }
    copies(&Gpu::open(), 99);
}

/// A copy that turnip does with a draw, for half floats: it has no effect, and the device goes on.
pub(crate) fn draw_without_effect() {
    let gpu = Gpu::open();
    let (before, after) = draw(&gpu);
    assert_eq!(after, Ok(()));
    assert_same(&before.0, &before.1, "the image after the draw");
    copies(&gpu, 1);
}

/// The same where draws fault: the device is lost.
pub(crate) fn draw_faults() {
    let (_, after) = draw(&Gpu::open());
    assert_eq!(after, Err(vk::Result::ERROR_DEVICE_LOST));
}

/// What an image of half floats holds after such a copy and what it held before, and what became of the submission.
fn draw(gpu: &Gpu) -> ((Vec<u8>, Vec<u8>), Result<(), vk::Result>) {
    let format = COLORS.iter().find(|format| format.is_half_float());
    let format = format.expect("one format has half floats");
    let image = Image::linear(gpu, format.name, [16, 4]);
    let source = Buffer::of(gpu, &bytes(16 * 4 * format.bytes(), 6));
    let commands = gpu.record(|commands| {
        commands.prepare(&image);
        commands.clear(&image, format.clear_color());
        commands.upload(&source, 0, 0, &image, image.whole());
    });
    let fence = Fence::new(gpu);
    gpu.submit(&commands, &[], &[], Some(&fence)).expect("vkQueueSubmit");
    let outcome = fence.wait(PATIENCE);
    let cleared = format.texel(format.clear_color()).repeat(16 * 4);
    ((image.rows(format.bytes()), cleared), outcome)
}
