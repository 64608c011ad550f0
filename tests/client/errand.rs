// SPDX-License-Identifier: GPL-2.0

//! What the program `client` does: errands that need a process of their own.

use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;
use std::{io, thread};

use kgsl_shim::abi::command::CMDBATCH_MARKER;
use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineValue, TimelineWait, TIMELINE_CREATE, TIMELINE_WAIT, TIMELINE_WAIT_ALL,
};
use rustix::io::Errno;

use super::{
    address, Access, Bench, Context, Device, Fence, Mapping, Object, Submission, SwSync, Syncpoint,
};
use crate::pm4::Commands;

/// The size of a page, in bytes.
const PAGE: usize = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// Runs the errand that the arguments name.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let words: Vec<_> = arguments.collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["hang"] => hang(),
        ["take-contexts"] => take_contexts(),
        ["submit"] => submit(),
        ["contexts"] => contexts(),
        ["hog"] => hog(),
        ["wait-for-ever"] => wait_for_ever(),
        ["wait-for-point"] => wait_for_point(),
        ["wait-for-room"] => wait_for_room(),
        ["destroy-what-waits"] => destroy_what_waits(),
        ["inherited", object, context] => inherited(number(object), number(context)),
        ["wait-for-fence"] => wait_for_fence(),
        ["wait-for-timestamp", context, timestamp] => {
            wait_for_timestamp(number(context), number(timestamp))
        }
        _ => {
            eprintln!("client knows no errand {words:?}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn number(word: &str) -> u32 {
    word.parse().expect("it is a number")
}

/// Says something to the process that waits for it.
fn say(text: &str) {
    println!("{text}");
    io::stdout().flush().expect("somebody listens");
}

/// Has the GPU wait in vain, with more queued behind, and sleeps until it is killed.
fn hang() {
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    (0..8).for_each(|_| assert_ne!(bench.block(0), 0));
    for _ in 0..4 {
        Object::gpumem(&device, 0x10_0000, 0).expect("memory is allocated");
        Context::new(&device).expect("a context is created");
    }
    say("ready");
    loop {
        thread::park();
    }
}

/// Has as many contexts as it gets, and says how many, until it is killed.
fn take_contexts() {
    let device = Device::open().expect("the node opens");
    let taken: Vec<_> = std::iter::from_fn(|| Context::new(&device).ok()).collect();
    say(&taken.len().to_string());
    loop {
        thread::park();
    }
}

/// Allocates, submits and waits until it is killed.
fn submit() {
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    for value in 0.. {
        let object = Object::gpumem(&device, 4 * PAGE as u64, 0).expect("memory is allocated");
        let commands = Commands::default()
            .mem_write(object.gpu_address, &[value; 16])
            .clone();
        let timestamps = [0; 8].map(|_| bench.submit_at(0, &commands).expect("it is submitted"));
        if value == 0 {
            say("ready");
        }
        bench.wait(timestamps[7]);
        object.free(&device).expect("it is freed");
    }
}

/// Creates contexts until there are no more, has each do something, and says how many there are.
fn contexts() {
    let device = Device::open().expect("the node opens");
    let nop = Object::gpumem(&device, PAGE as u64, 0).expect("memory is allocated");
    let commands = Commands::default().nop(&[]).clone();
    nop.map(&device)
        .expect("it is mapped")
        .write(0, commands.dwords());
    let contexts: Vec<_> = std::iter::from_fn(|| Context::new(&device).ok()).collect();
    for context in &contexts {
        let timestamp = context.submit(nop.gpu_address, 1).expect("it is submitted");
        context.wait(timestamp, LONG).expect("it retires");
    }
    say(&contexts.len().to_string());
    loop {
        thread::park();
    }
}

/// Takes the GPU's memory until there is none, and then memory of its own. The kernel kills those first who say so.
fn hog() {
    std::fs::write("/proc/self/oom_score_adj", "1000").expect("it is written");
    let device = Device::open().expect("the node opens");
    let mut size = 8 << 20;
    while size >= PAGE as u64 {
        if Object::gpumem(&device, size, 0).is_err() {
            size /= 2;
        }
    }
    let mut own = Vec::new();
    loop {
        let mapping = Mapping::anonymous(1 << 20).expect("addresses are for nothing");
        (0..256).for_each(|page| mapping.write(page * PAGE, &[1]));
        own.push(mapping);
    }
}

/// Submits work that waits for a fence which nobody signals; its timestamp.
fn submit_in_vain(device: &Device, context: &Context<'_>) -> u32 {
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    // It signals its fences when it is closed.
    std::mem::forget(timeline);
    marker()
        .submit(device, context, &[Syncpoint::Fence(&fence)])
        .expect("it is submitted")
}

fn marker() -> Submission {
    Submission {
        flags: CMDBATCH_MARKER,
        ..Submission::default()
    }
}

/// Does what should never end.
fn never_ends<T: std::fmt::Debug>(wait: impl FnOnce() -> T) {
    say("ready");
    let waited = wait();
    say(&format!("the wait ended: {waited:?}"));
}

/// Waits in the kernel for work that waits for a fence which nobody signals.
fn wait_for_ever() {
    let device = Device::open().expect("the node opens");
    let context = Context::new(&device).expect("a context is created");
    let timestamp = submit_in_vain(&device, &context);
    never_ends(|| context.wait(timestamp, u32::MAX));
}

/// Waits in the kernel for a point of a timeline that nobody moves.
fn wait_for_point() {
    let device = Device::open().expect("the node opens");
    let mut timeline = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut timeline)
        .expect("a timeline is created");
    let mut points = [TimelineValue {
        seqno: 1,
        timeline: timeline.id,
        pad: 0,
    }];
    let mut wait = TimelineWait {
        tv_sec: 1_000_000,
        timelines: address(&mut points[..]),
        count: 1,
        timelines_size: 16,
        flags: TIMELINE_WAIT_ALL,
        ..TimelineWait::default()
    };
    never_ends(|| device.ioctl(TIMELINE_WAIT, &mut wait));
}

/// Waits in the kernel for room in a context's queue.
fn wait_for_room() {
    let device = Device::open().expect("the node opens");
    let context = Context::new(&device).expect("a context is created");
    submit_in_vain(&device, &context);
    never_ends(|| (0..100).try_for_each(|_| marker().submit(&device, &context, &[]).map(drop)));
}

/// Destroys a context whose work never comes to its end.
fn destroy_what_waits() {
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    bench.block(0);
    never_ends(|| bench.context.destroy());
}

/// How a call ended: an error number, or 0.
fn errno<T>(result: Result<T, Errno>) -> i32 {
    result.map_or_else(Errno::raw_os_error, |_| 0)
}

/// The standard input is the device, opened by another process. Says how each use of its objects fails.
fn inherited(object: u32, context: u32) {
    let device = Device::from(stdin());
    let mapped = Mapping::new(&device, PAGE, Access::Read, u64::from(object) << 12);
    say(&format!("mmap {}", errno(mapped)));
    say(&format!("info {}", errno(Object::info(&device, object))));
    let allocated = Object::gpumem(&device, 0x1000, 0);
    say(&format!("alloc {}", errno(allocated)));
    let submitted = Context::of(&device, context).submit(0x1000, 1);
    say(&format!("submit {}", errno(submitted)));
}

/// The standard input is a sync_file of another process. Has the GPU wait for it.
fn wait_for_fence() {
    let fence = Fence::from(stdin());
    wait_for(Syncpoint::Fence(&fence));
}

/// Has the GPU wait for a timestamp of another process's context.
fn wait_for_timestamp(context: u32, timestamp: u32) {
    wait_for(Syncpoint::Timestamp(context, timestamp));
}

fn wait_for(point: Syncpoint<'_>) {
    let device = Device::open().expect("the node opens");
    let bench = Bench::new(&device);
    let commands = Commands::default().mem_write(bench.dword(0), &[7]).clone();
    let (address, dwords) = bench.write_at(0, &commands);
    let submission = Submission {
        buffers: vec![Context::buffer(address, dwords as u64 * 4)],
        ..Submission::default()
    };
    let timestamp = submission
        .submit(&device, &bench.context, &[point])
        .expect("it is submitted");
    let early = bench.context.wait(timestamp, 100);
    let errno = errno(early);
    say(&format!("{errno} {}", bench.memory.read(0, 1)[0]));
    bench.context.wait(timestamp, LONG).expect("it retires");
    say(&format!("{}", bench.memory.read(0, 1)[0]));
}

fn stdin() -> OwnedFd {
    let stdin = io::stdin().as_fd().try_clone_to_owned();
    stdin.expect("the standard input is open")
}
