// SPDX-License-Identifier: GPL-2.0

//! What the driver keeps of freed memory for the next object: it comes back zero, to the same process only, it is never
//! much, and the kernel gets it back.

use std::fs;
use std::process;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use rustix::io::Errno;

use super::account::{import, Group};
use super::{gpu_reads, gpu_writes, open, PAGE};
use crate::client::{fork, Device, Forked, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    memory_comes_back_zero,
    what_the_gpu_wrote_comes_back_zero,
    what_is_pinned_is_not_handed_out,
    no_more_is_kept_than_may_be,
    nothing_is_kept_of_what_is_too_large,
    closing_gives_it_back,
    time_gives_it_back,
    the_kernel_gets_it_when_it_asks,
    a_call_that_would_fail_gets_it,
    a_group_without_room_keeps_nothing,
    no_other_process_gets_it,
];

/// More than anything else that the process may allocate meanwhile, in bytes.
const LARGE: u64 = 16 << 20;

/// What the driver says that the process has in its pool.
#[derive(Clone, Copy, Debug)]
struct Pool {
    clean: u64,
    dirty: u64,
    reused: u64,
}

impl Pool {
    fn now() -> Self {
        let path = format!("/sys/kernel/debug/kgsl/proc/{}/pool", process::id());
        let text = fs::read_to_string(path).expect("it is told");
        let value = |name| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name));
            rest.and_then(|rest| rest.trim().parse().ok())
                .unwrap_or_else(|| panic!("{name} {text}"))
        };
        Self {
            clean: value("clean:"),
            dirty: value("dirty:"),
            reused: value("reused:"),
        }
    }

    fn size(self) -> u64 {
        self.clean + self.dirty
    }
}

fn allocate(device: &Device, size: u64) -> Object {
    Object::gpumem(device, size, 0).expect("memory is allocated")
}

/// Has the pool keep as many bytes, which were written if `written`.
fn keep(device: &Device, size: u64, written: bool) {
    // It may go before it is looked at: the machine may be slow.
    while Pool::now().size() < size {
        let object = allocate(device, size);
        if written {
            let mapping = object.map(device).expect("it is mapped");
            mapping.write(0, &[1]);
        }
        object.free(device).expect("it is freed");
    }
}

/// Fails unless an object is zero, and leaves something else in all of it.
fn use_up(device: &Device, size: u64) {
    let object = allocate(device, size);
    let mapping = object.map(device).expect("it is mapped");
    for (index, dword) in mapping.dwords().iter().enumerate() {
        let value = dword.swap(0xdead_beef, Ordering::Relaxed);
        assert_eq!(value, 0, "dword {index} of {size} bytes");
    }
    drop(mapping);
    object.free(device).expect("it is freed");
}

/// Two threads have objects of many sizes, each of which the other may have had before.
fn memory_comes_back_zero() {
    let device = open();
    let rounds = || {
        for pages in [1, 2, 3, 16, 17, 256, 257, 1024, 1, 700, 256, 3] {
            (0..4).for_each(|_| use_up(&device, pages * PAGE));
        }
    };
    thread::scope(|scope| {
        scope.spawn(rounds);
        rounds();
    });
    let Pool { reused, .. } = Pool::now();
    assert!(reused > 0, "nothing was kept");
}

/// The driver knows what the program may have written from its mappings; what the GPU has, from the GPU.
fn what_the_gpu_wrote_comes_back_zero() {
    const SIZE: u64 = 7 * PAGE;
    let device = open();
    let before = Pool::now().reused;
    for _ in 0..8 {
        let object = allocate(&device, SIZE);
        gpu_writes(&device, object.gpu_address + 3 * PAGE, 0xdead_beef);
        object.free(&device).expect("it is freed");
        let again = allocate(&device, SIZE);
        assert_eq!(gpu_reads(&device, again.gpu_address + 3 * PAGE), 0);
        again.free(&device).expect("it is freed");
    }
    assert!(Pool::now().reused > before, "nothing was kept");
}

/// Pages that were pinned by way of a mapping are their pinner's, too, when the mapping and the object are gone.
fn what_is_pinned_is_not_handed_out() {
    const SIZE: u64 = 9 * PAGE;
    let device = open();
    let object = allocate(&device, SIZE);
    let mapping = object.map(&device).expect("it is mapped");
    let pinned = import(&device, mapping.address(), SIZE).expect("it is imported");
    let at = Object::info(&device, pinned).expect("it is known").gpuaddr;
    drop(mapping);
    object.free(&device).expect("it is freed");
    let next = allocate(&device, SIZE);
    gpu_writes(&device, at, 0xdead_beef);
    assert_eq!(gpu_reads(&device, next.gpu_address), 0);
    assert_eq!(gpu_reads(&device, at), 0xdead_beef);
    Object::free_id(&device, pinned).expect("it is freed");
    next.free(&device).expect("it is freed");
}

/// All of the machine's memory, in bytes.
fn ram() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").expect("it is read");
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let number = total.and_then(|rest| rest.split_whitespace().next());
    let kib: u64 = number
        .and_then(|word| word.parse().ok())
        .expect("the kernel tells");
    kib << 10
}

/// Neither bytes nor pieces.
fn no_more_is_kept_than_may_be() {
    const PIECES: u64 = 64;
    let device = open();
    for (size, count, limit) in [(1 << 20, 96, ram() / 16), (PAGE, 200, PIECES * PAGE)] {
        let objects: Vec<_> = (0..count).map(|_| allocate(&device, size)).collect();
        let mut most = 0;
        for object in objects {
            object.free(&device).expect("it is freed");
            most = most.max(Pool::now().size());
        }
        println!("{most} bytes of {count} times {size}, and {limit} may be");
        assert!(most > 0 && most <= limit, "{most} bytes");
        wait_until_empty();
    }
}

fn wait_until_empty() {
    while Pool::now().size() > 0 {
        thread::sleep(Duration::from_millis(1));
    }
}

fn nothing_is_kept_of_what_is_too_large() {
    let device = open();
    let object = allocate(&device, ram() / 16 + PAGE);
    object.free(&device).expect("it is freed");
    assert_eq!(Pool::now().size(), 0);
}

fn closing_gives_it_back() {
    let group = Group::new();
    let device = open();
    let before = group.current();
    keep(&device, LARGE, true);
    drop(device);
    assert!(group.current() < before + LARGE, "{}", group.current());
}

/// A program that has freed its memory is seen to have.
fn time_gives_it_back() {
    let group = Group::new();
    let device = open();
    let before = group.current();
    for written in [false, true] {
        keep(&device, LARGE, written);
        wait_until_empty();
        assert!(group.current() < before + LARGE, "{}", group.current());
    }
}

fn the_kernel_gets_it_when_it_asks() {
    let device = open();
    for size in [PAGE, LARGE] {
        keep(&device, size, false);
        fs::write("/proc/sys/vm/drop_caches", "2").expect("the kernel asks");
        assert_eq!(Pool::now().size(), 0);
    }
}

/// The group is full but for what is kept.
fn a_call_that_would_fail_gets_it() {
    let group = Group::new();
    let device = open();
    let limit = group.current() + LARGE + LARGE / 4;
    // What is kept may go before there is a limit: the machine may be slow.
    loop {
        group.write("memory.max", "max");
        keep(&device, LARGE, false);
        group.write("memory.max", &limit.to_string());
        if Pool::now().size() >= LARGE {
            break;
        }
    }
    let object = allocate(&device, LARGE / 2);
    object.free(&device).expect("it is freed");
    let refused = Object::gpumem(&device, 4 * LARGE, 0).err();
    assert_eq!(refused, Some(Errno::NOMEM));
}

/// The kernel does not ask the driver when a single group has no memory.
fn a_group_without_room_keeps_nothing() {
    let group = Group::new();
    let device = open();
    let limit = group.current() + 2 * LARGE - PAGE;
    group.write("memory.max", &limit.to_string());
    allocate(&device, LARGE).free(&device).expect("it is freed");
    assert_eq!(Pool::now().size(), 0);
}

/// Another process pays for all of its memory, whatever this one has kept.
fn no_other_process_gets_it() {
    let device = open();
    keep(&device, LARGE, true);
    let child = match fork().expect("there is a child") {
        Forked::Parent(child) => child,
        Forked::Child(end) => {
            let group = Group::new();
            let device = open();
            let before = group.current();
            let object = allocate(&device, LARGE);
            let charged = group.current() >= before + LARGE;
            let Pool { reused, .. } = Pool::now();
            object.free(&device).expect("it is freed");
            end.with(i32::from(!charged || reused != 0));
        }
    };
    let status = loop {
        if let Some(status) = child.status() {
            break status;
        }
        thread::sleep(Duration::from_millis(1));
    };
    assert_eq!(status.exit_status(), Some(0));
}
