// SPDX-License-Identifier: GPL-2.0

//! Several threads and queues at once, and a queue that is lost beside one that goes on.

use std::process::{Command, Stdio};
use std::thread;

use ash::prelude::VkResult;
use ash::vk;

use crate::format::COLORS;
use crate::gpu::{Buffer, Commands, Event, Fence, Gpu, Image, Semaphore, PATIENCE};
use crate::pattern::{assert_same, bytes};

/// The size of what each thread copies, in bytes.
const SIZE: usize = 1 << 20;

/// More than anything takes, in milliseconds.
const LONG: u32 = 25_000;

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
        let commands = gpu.record(|commands| commands.wait_event(&event));
        assert_eq!(outcome(&gpu, &commands), Err(vk::Result::ERROR_DEVICE_LOST));
    }
    copies(&Gpu::open(), 99);
}

/// Submits commands, and says whether the device has survived them. A sync_file tells when they are over, for better or
/// worse: a turnip with asserts ends the program when its own wait is told (EDEADLK) that the context is no more.
fn outcome(gpu: &Gpu, commands: &Commands<'_>) -> VkResult<()> {
    let over = Semaphore::binary(gpu);
    gpu.submit(commands, &[], &[(&over, 0)], None)?;
    let over = guest::client::Fence::from(over.export());
    assert!(over.poll(LONG), "the commands are over");
    let (fence, nothing) = (Fence::new(gpu), gpu.record(|commands| commands.barrier()));
    gpu.submit(&nothing, &[], &[], Some(&fence))?;
    fence.wait(PATIENCE)
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
fn draw(gpu: &Gpu) -> ((Vec<u8>, Vec<u8>), VkResult<()>) {
    let format = COLORS.iter().find(|format| format.is_half_float());
    let format = format.expect("one format has half floats");
    let image = Image::linear(gpu, format.name, [16, 4]);
    let source = Buffer::of(gpu, &bytes(16 * 4 * format.bytes(), 6));
    let commands = gpu.record(|commands| {
        commands.prepare(&image);
        commands.clear(&image, format.clear_color());
        commands.upload(&source, 0, 0, &image, image.whole());
    });
    let outcome = outcome(gpu, &commands);
    let cleared = format.texel(format.clear_color()).repeat(16 * 4);
    ((image.rows(format.bytes()), cleared), outcome)
}
