// SPDX-License-Identifier: GPL-2.0

//! Semaphores between submissions, queues and processes, and memory between devices and processes. A queue of turnip
//! is a device, so that several queues are several devices.

use std::io::{BufRead, BufReader};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::process::{Child, Command, Stdio};

use ash::vk;
use guest::client::take_descriptor;
use rustix::io::{fcntl_setfd, FdFlags};

use super::gate::Gate;
use crate::gpu::{Buffer, Fence, Gpu, Semaphore, PATIENCE};
use crate::pattern::{assert_same, bytes};

/// The size of what is shared, in bytes.
const SIZE: usize = 0x1_0000;

/// A binary semaphore orders the submissions of a queue, with their results.
pub(crate) fn binary_semaphores() {
    let gpu = Gpu::open();
    let gate = Gate::new(&gpu);
    let (semaphore, fence) = (Semaphore::binary(&gpu), Fence::new(&gpu));
    let source = Buffer::of(&gpu, &bytes(SIZE, 1));
    let (middle, end) = (Buffer::new(&gpu, SIZE), Buffer::new(&gpu, SIZE));
    let first = gpu.record(|commands| commands.copy(&source, &middle, &[[0, 0, SIZE]]));
    let second = gpu.record(|commands| commands.copy(&middle, &end, &[[0, 0, SIZE]]));
    gpu.submit(&first, &[gate.wait()], &[(&semaphore, 0)], None)
        .expect("vkQueueSubmit");
    gpu.submit(&second, &[(&semaphore, 0)], &[], Some(&fence))
        .expect("vkQueueSubmit");
    assert_eq!(fence.wait(10_000_000), Err(vk::Result::TIMEOUT));
    gate.open();
    fence.wait(PATIENCE).expect("vkWaitForFences");
    assert_same(end.bytes(), source.bytes(), "the copy of the copy");
}

/// A timeline semaphore: the host and the queue signal it and wait for it, also before there is a signal to wait for.
pub(crate) fn timeline_semaphores() {
    let gpu = Gpu::open();
    let timeline = Semaphore::timeline(&gpu, 3);
    assert_eq!(timeline.value(), 3);
    assert_eq!(timeline.wait(4, 1_000_000), Err(vk::Result::TIMEOUT));
    let source = Buffer::of(&gpu, &bytes(SIZE, 2));
    let (middle, end) = (Buffer::new(&gpu, SIZE), Buffer::new(&gpu, SIZE));
    let first = gpu.record(|commands| commands.copy(&source, &middle, &[[0, 0, SIZE]]));
    let second = gpu.record(|commands| commands.copy(&middle, &end, &[[0, 0, SIZE]]));
    let fence = Fence::new(&gpu);
    gpu.submit(&first, &[(&timeline, 5)], &[(&timeline, 6)], None)
        .expect("vkQueueSubmit");
    gpu.submit(&second, &[(&timeline, 6)], &[(&timeline, 9)], Some(&fence))
        .expect("vkQueueSubmit");
    assert_eq!(timeline.wait(6, 10_000_000), Err(vk::Result::TIMEOUT));
    timeline.signal(5);
    timeline.wait(9, PATIENCE).expect("vkWaitSemaphores");
    assert_eq!(timeline.value(), 9);
    assert_same(end.bytes(), source.bytes(), "the copy of the copy");
    fence.wait(PATIENCE).expect("vkWaitForFences");
}

/// A semaphore's signal goes from one queue to another as a sync_file, while it is still to come; and a dma-buf with
/// what it stands for.
pub(crate) fn two_queues() {
    let (producer, consumer) = (Gpu::open(), Gpu::open());
    let gate = Gate::new(&producer);
    let shared = Buffer::exportable(&producer, SIZE);
    let source = Buffer::of(&producer, &bytes(SIZE, 3));
    let signal = Semaphore::binary(&producer);
    let produce = producer.record(|commands| commands.copy(&source, &shared, &[[0, 0, SIZE]]));
    producer
        .submit(&produce, &[gate.wait()], &[(&signal, 0)], None)
        .expect("vkQueueSubmit");
    let wait = Semaphore::binary(&consumer);
    wait.import(signal.export());
    let imported = Buffer::import(&consumer, SIZE, shared.memory.export());
    let end = Buffer::new(&consumer, SIZE);
    let consume = consumer.record(|commands| commands.copy(&imported, &end, &[[0, 0, SIZE]]));
    let fence = Fence::new(&consumer);
    consumer
        .submit(&consume, &[(&wait, 0)], &[], Some(&fence))
        .expect("vkQueueSubmit");
    assert_eq!(fence.wait(10_000_000), Err(vk::Result::TIMEOUT));
    gate.open();
    fence.wait(PATIENCE).expect("vkWaitForFences");
    assert_same(
        end.bytes(),
        source.bytes(),
        "what the other queue has copied",
    );
    producer.wait_idle().expect("vkQueueWaitIdle");
}

/// A dma-buf that is imported is the very same memory, for the CPU and for the GPU, in both directions.
pub(crate) fn dma_bufs() {
    let (one, other) = (Gpu::open(), Gpu::open());
    let mut exported = Buffer::exportable(&one, SIZE);
    let imported = Buffer::import(&other, SIZE, exported.memory.export());
    let again = Buffer::import(&other, SIZE, exported.memory.export());
    exported.bytes_mut().copy_from_slice(&bytes(SIZE, 4));
    assert_same(imported.bytes(), &bytes(SIZE, 4), "what the CPU wrote");
    other.run(|commands| commands.fill(&imported, 64, SIZE - 128, 0x0bad_cafe));
    one.run(|commands| commands.fill(&exported, 0, 64, 0x600d_f00d));
    assert_eq!(exported.bytes()[64..68], 0x0bad_cafe_u32.to_le_bytes());
    assert_eq!(imported.bytes()[..4], 0x600d_f00d_u32.to_le_bytes());
    assert_same(again.bytes(), exported.bytes(), "the second import");
    drop((imported, again));
    one.run(|commands| commands.fill(&exported, 0, SIZE, 5));
    assert_same(
        exported.bytes(),
        &5_u32.to_le_bytes().repeat(SIZE / 4),
        "after the import's end",
    );
}

/// The same between two processes: the other waits for our semaphore, copies our memory and writes to it.
pub(crate) fn two_processes() {
    let gpu = Gpu::open();
    let gate = Gate::new(&gpu);
    let shared = Buffer::exportable(&gpu, SIZE);
    let source = Buffer::of(&gpu, &bytes(SIZE, 5));
    let signal = Semaphore::binary(&gpu);
    let produce = gpu.record(|commands| commands.copy(&source, &shared, &[[0, 0, SIZE]]));
    gpu.submit(&produce, &[gate.wait()], &[(&signal, 0)], None)
        .expect("vkQueueSubmit");
    let mut child = spawn(&[
        inheritable(shared.memory.export()),
        inheritable(signal.export()),
    ]);
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let line = lines.next().and_then(Result::ok);
    assert_eq!(
        line.as_deref(),
        Some("waiting"),
        "the other process has submitted"
    );
    gate.open();
    let status = child.wait().expect("the other process ends");
    assert!(status.success(), "the other process: {status}");
    let expected = 0x0dd_ba11_u32.to_le_bytes().repeat(SIZE / 4);
    assert_same(shared.bytes(), &expected, "what the other process wrote");
}

fn spawn(files: &[OwnedFd]) -> Child {
    let numbers = files.iter().map(|file| file.as_raw_fd().to_string());
    Command::new("/proc/self/exe")
        .arg("other-process")
        .args(numbers)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other process starts")
}

fn inheritable(file: OwnedFd) -> OwnedFd {
    fcntl_setfd(&file, FdFlags::empty()).expect("the descriptor can be inherited");
    file
}

/// The other process, with a dma-buf and a sync_file that it has inherited.
pub(crate) fn other_process(memory: RawFd, sync_file: RawFd) {
    let gpu = Gpu::open();
    let wait = Semaphore::binary(&gpu);
    wait.import(take_descriptor(sync_file));
    let shared = Buffer::import(&gpu, SIZE, take_descriptor(memory));
    let end = Buffer::new(&gpu, SIZE);
    let commands = gpu.record(|commands| {
        commands.copy(&shared, &end, &[[0, 0, SIZE]]);
        commands.fill(&shared, 0, SIZE, 0x0dd_ba11);
    });
    let fence = Fence::new(&gpu);
    gpu.submit(&commands, &[(&wait, 0)], &[], Some(&fence))
        .expect("vkQueueSubmit");
    assert_eq!(fence.wait(10_000_000), Err(vk::Result::TIMEOUT));
    println!("waiting");
    fence.wait(PATIENCE).expect("vkWaitForFences");
    assert_same(
        end.bytes(),
        &bytes(SIZE, 5),
        "what the first process has copied",
    );
}
