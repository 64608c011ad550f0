// SPDX-License-Identifier: GPL-2.0

//! Timestamps, events and fences.

use std::thread;
use std::time::{Duration, Instant};

use ash::vk;

use super::gate::Gate;
use crate::gpu::{Buffer, Event, Fence, Gpu, Timestamps, PATIENCE};
use crate::pattern::assert_same;

/// How long the clock is watched.
const INTERVAL: Duration = Duration::from_millis(200);

/// Timestamps are unavailable after a reset, and then in order, on the host and in a buffer.
pub(crate) fn timestamps() {
    let gpu = Gpu::open();
    let pool = Timestamps::new(&gpu, 3);
    let (work, results) = (Buffer::new(&gpu, 1 << 20), Buffer::new(&gpu, 3 * 16));
    gpu.run(|commands| commands.reset_timestamps(&pool));
    assert!(pool.results().iter().all(|(_, available)| !available));
    gpu.run(|commands| {
        commands.reset_timestamps(&pool);
        for index in 0..3 {
            commands.timestamp(&pool, index);
            commands.fill(&work, 0, 1 << 20, index);
        }
        commands.copy_timestamps(&pool, &results, 0);
    });
    let on_host = pool.results();
    assert!(
        on_host.iter().all(|(_, available)| *available),
        "{on_host:?}"
    );
    // A virtual machine's clock may stand still for a few milliseconds.
    assert!(
        on_host.windows(2).all(|pair| pair[0].0 <= pair[1].0),
        "{on_host:?}"
    );
    let words = on_host.iter().flat_map(|(ticks, _)| [*ticks, 1]);
    let expected: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    assert_same(results.bytes(), &expected, "copied timestamps");
}

/// The unit of timestamps is what the device says: what passes between two of them is no less than the host's sleep
/// between both submissions, and no more than what the host sees pass round them.
pub(crate) fn timestamp_unit() {
    let gpu = Gpu::open();
    let pool = Timestamps::new(&gpu, 2);
    let stamp = |index| gpu.run(|commands| commands.timestamp(&pool, index));
    gpu.run(|commands| commands.reset_timestamps(&pool));
    let outside = Instant::now();
    stamp(0);
    thread::sleep(INTERVAL);
    stamp(1);
    let outside = outside.elapsed().as_secs_f64();
    let ticks = pool.results();
    let period = f64::from(gpu.properties().limits.timestamp_period);
    let inside = (ticks[1].0 - ticks[0].0) as f64 * period / 1e9;
    // The period is rounded, and the machine's clock may move in steps of a few milliseconds.
    let slack = 0.010;
    assert!(
        inside + slack >= INTERVAL.as_secs_f64(),
        "{inside} s passed on the GPU"
    );
    assert!(
        inside <= outside + slack,
        "{inside} s on the GPU, {outside} s outside"
    );
}

/// The GPU sets and resets events, and the host sees it; the host does, and the GPU sees it.
pub(crate) fn events() {
    let gpu = Gpu::open();
    let (first, second) = (Event::new(&gpu), Event::new(&gpu));
    let buffer = Buffer::of(&gpu, &[0; 64]);
    second.set();
    gpu.run(|commands| {
        commands.set_event(&first);
        commands.reset_event(&second);
    });
    assert!(first.is_set() && !second.is_set());
    first.reset();
    assert!(!first.is_set());
    first.set();
    gpu.run(|commands| {
        commands.wait_event(&first);
        commands.fill(&buffer, 0, 64, 7);
        commands.set_event(&second);
        commands.wait_event(&second);
        commands.reset_event(&first);
    });
    assert!(!first.is_set() && second.is_set());
    assert_same(
        buffer.bytes(),
        &7_u32.to_le_bytes().repeat(16),
        "fill after the event",
    );
}

/// The GPU waits for an event until the host sets it.
pub(crate) fn event_of_the_host() {
    let gpu = Gpu::open();
    let event = Event::new(&gpu);
    let buffer = Buffer::of(&gpu, &[0; 64]);
    let fence = Fence::new(&gpu);
    let commands = gpu.record(|commands| {
        commands.wait_event(&event);
        commands.fill(&buffer, 0, 64, 9);
    });
    gpu.submit(&commands, &[], &[], Some(&fence))
        .expect("vkQueueSubmit");
    assert_eq!(fence.wait(20_000_000), Err(vk::Result::TIMEOUT));
    event.set();
    fence.wait(PATIENCE).expect("vkWaitForFences");
    assert_same(
        buffer.bytes(),
        &9_u32.to_le_bytes().repeat(16),
        "fill after the event",
    );
}

/// Fences are signalled by the end of the work and by nothing else.
pub(crate) fn fences() {
    let gpu = Gpu::open();
    assert_eq!(Fence::signalled(&gpu).wait(0), Ok(()));
    let gate = Gate::new(&gpu);
    let (fence, other) = (Fence::new(&gpu), Fence::new(&gpu));
    let buffer = Buffer::of(&gpu, &[0; 4096]);
    let commands = gpu.record(|commands| commands.fill(&buffer, 0, 4096, 1));
    let again = gpu.record(|commands| commands.fill(&buffer, 0, 2048, 2));
    gpu.submit(&commands, &[gate.wait()], &[], Some(&fence))
        .expect("vkQueueSubmit");
    gpu.submit(&again, &[], &[], Some(&other))
        .expect("vkQueueSubmit");
    assert_eq!(fence.wait(30_000_000), Err(vk::Result::TIMEOUT));
    assert_eq!(other.wait(30_000_000), Err(vk::Result::TIMEOUT));
    assert!(
        buffer.bytes().iter().all(|byte| *byte == 0),
        "nothing ran yet"
    );
    gate.open();
    other.wait(PATIENCE).expect("vkWaitForFences");
    // What was submitted later is done later.
    assert_eq!(fence.is_signalled(), Ok(true));
    let expected = [
        2_u32.to_le_bytes().repeat(512),
        1_u32.to_le_bytes().repeat(512),
    ]
    .concat();
    assert_same(buffer.bytes(), &expected, "both fills");
    fence.reset();
    gpu.submit(&commands, &[], &[], Some(&fence))
        .expect("vkQueueSubmit");
    fence.wait(PATIENCE).expect("vkWaitForFences");
    gpu.wait_idle().expect("vkQueueWaitIdle");
}
