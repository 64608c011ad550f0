// SPDX-License-Identifier: GPL-2.0

//! Virtual buffer objects: memory of other objects that is bound to parts of them.

use std::thread;

use kgsl_shim::abi::command::CMDBATCH_MARKER;
use kgsl_shim::abi::context::TIMESTAMP_RETIRED;
use kgsl_shim::abi::memory::{BindRange, MEMFLAGS_VBO, MEMFLAGS_VBO_NO_MAP_ZERO};
use rustix::io::Errno;

use super::{gpu_cannot_write, gpu_reads, gpu_writes, open, LONG, PAGE};
use crate::client::{
    aux_bind, bind, bind_later, bound, unbound, Bench, Device, Object, Submission, SwSync,
    Syncpoint,
};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    what_is_bound_is_read_and_written,
    what_is_not_bound_reads_zero,
    what_is_not_bound_may_fault,
    binding_replaces_what_was_there,
    unbinding_cuts_what_is_bound,
    unbinding_may_concern_one_child_only,
    a_child_may_be_bound_in_many_places,
    a_copy_crosses_from_child_to_child,
    a_bound_child_outlives_its_id,
    an_object_that_goes_lets_its_children_go,
    a_large_object_takes_many_ranges,
    a_fence_tells_when_it_is_bound,
    a_context_binds_in_its_turn,
    a_context_binds_after_its_points,
    a_guilty_context_binds_nothing,
    binding_and_unbinding_may_race,
    binding_and_freeing_may_race,
];

/// A virtual buffer object of so many pages.
pub(super) fn sparse(device: &Device, pages: u64, flags: u64) -> Object {
    Object::gpuobj(device, pages * PAGE, MEMFLAGS_VBO | flags).expect("addresses are allocated")
}

/// Memory of so many pages, the first dword of each being `first` and the index of the page.
pub(super) fn numbered(device: &Device, pages: u64, first: u32) -> Object {
    let object = Object::gpumem(device, pages * PAGE, 0).expect("memory is allocated");
    let mapping = object.map(device).expect("it is mapped");
    for (page, value) in (0..pages).zip(first..) {
        let offset = usize::try_from(page * PAGE).expect("it is small");
        mapping.write(offset, &[value]);
    }
    object
}

/// The first dword of each page, as the GPU reads them.
fn pages(device: &Device, object: &Object) -> Vec<u32> {
    let pages = 0..object.size / PAGE;
    pages
        .map(|page| gpu_reads(device, object.gpu_address + page * PAGE))
        .collect()
}

fn what_is_bound_is_read_and_written() {
    let device = open();
    let (target, child) = (sparse(&device, 4, 0), numbered(&device, 3, 10));
    bind(&device, &target, &[bound(&child, PAGE, 2 * PAGE, 2 * PAGE)]).expect("it is bound");
    assert_eq!(pages(&device, &target), [0, 0, 11, 12]);
    gpu_writes(&device, target.gpu_address + 3 * PAGE + 8, 99);
    let memory = child.map(&device).expect("it is mapped");
    assert_eq!(memory.read(2 * 4096 + 8, 1), [99]);
    bind(&device, &target, &[unbound(0, 4 * PAGE)]).expect("it is unbound");
    assert_eq!(pages(&device, &target), [0; 4]);
    assert_eq!(memory.read(2 * 4096 + 8, 1), [99], "the child stays");
}

fn what_is_not_bound_reads_zero() {
    let device = open();
    let target = sparse(&device, 2, 0);
    gpu_writes(&device, target.gpu_address, 7);
    assert_eq!(pages(&device, &target), [0, 0], "the write is lost");
}

fn what_is_not_bound_may_fault() {
    let device = open();
    let child = numbered(&device, 1, 5);
    for at in [0, 2] {
        let target = sparse(&device, 3, MEMFLAGS_VBO_NO_MAP_ZERO);
        assert_eq!(
            target.flags & MEMFLAGS_VBO_NO_MAP_ZERO,
            MEMFLAGS_VBO_NO_MAP_ZERO
        );
        bind(&device, &target, &[bound(&child, 0, PAGE, PAGE)]).expect("it is bound");
        assert_eq!(gpu_reads(&device, target.gpu_address + PAGE), 5);
        gpu_cannot_write(&Bench::new(&device), target.gpu_address + at * PAGE);
        bind(&device, &target, &[unbound(PAGE, PAGE)]).expect("it is unbound");
        gpu_cannot_write(&Bench::new(&device), target.gpu_address + PAGE);
    }
}

fn binding_replaces_what_was_there() {
    let device = open();
    let target = sparse(&device, 6, 0);
    let (first, second) = (numbered(&device, 6, 10), numbered(&device, 6, 20));
    bind(&device, &target, &[bound(&first, 0, 0, 6 * PAGE)]).expect("it is bound");
    bind(&device, &target, &[bound(&second, 0, 2 * PAGE, 2 * PAGE)]).expect("it is bound");
    assert_eq!(
        pages(&device, &target),
        [10, 11, 20, 21, 14, 15],
        "in the middle"
    );
    bind(
        &device,
        &target,
        &[bound(&second, 3 * PAGE, PAGE, 2 * PAGE)],
    )
    .expect("it is bound");
    assert_eq!(
        pages(&device, &target),
        [10, 23, 24, 21, 14, 15],
        "across an end"
    );
    bind(&device, &target, &[bound(&first, 0, PAGE, 4 * PAGE)]).expect("it is bound");
    assert_eq!(
        pages(&device, &target),
        [10, 10, 11, 12, 13, 15],
        "over several"
    );
    let both = [
        bound(&second, 0, 0, 6 * PAGE),
        bound(&first, 0, 5 * PAGE, PAGE),
    ];
    bind(&device, &target, &both).expect("they are bound");
    assert_eq!(
        pages(&device, &target),
        [20, 21, 22, 23, 24, 10],
        "one after the other"
    );
}

fn unbinding_cuts_what_is_bound() {
    let device = open();
    let (target, child) = (sparse(&device, 6, 0), numbered(&device, 6, 10));
    let whole = bound(&child, 0, 0, 6 * PAGE);
    for (hole, expected) in [
        ((0, 2), [0, 0, 12, 13, 14, 15]),
        ((2, 2), [10, 11, 0, 0, 14, 15]),
        ((5, 1), [10, 11, 12, 13, 14, 0]),
        ((0, 6), [0; 6]),
    ] {
        let hole = unbound(hole.0 * PAGE, hole.1 * PAGE);
        bind(&device, &target, &[whole, hole]).expect("it is bound");
        assert_eq!(pages(&device, &target), expected);
        bind(&device, &target, &[hole]).expect("what is not bound may be unbound");
        assert_eq!(pages(&device, &target), expected);
    }
}

fn unbinding_may_concern_one_child_only() {
    let device = open();
    let target = sparse(&device, 4, 0);
    let (first, second) = (numbered(&device, 4, 10), numbered(&device, 4, 20));
    let all = [
        bound(&first, 0, 0, 4 * PAGE),
        bound(&second, 0, PAGE, 2 * PAGE),
    ];
    bind(&device, &target, &all).expect("they are bound");
    let of_second = BindRange {
        child_id: second.id,
        ..unbound(0, 2 * PAGE)
    };
    bind(&device, &target, &[of_second]).expect("it is unbound");
    assert_eq!(pages(&device, &target), [10, 0, 21, 13]);
}

fn a_child_may_be_bound_in_many_places() {
    let device = open();
    let child = numbered(&device, 1, 7);
    let (target, other) = (sparse(&device, 3, 0), sparse(&device, 1, 0));
    let twice = [bound(&child, 0, 0, PAGE), bound(&child, 0, 2 * PAGE, PAGE)];
    bind(&device, &target, &twice).expect("it is bound");
    bind(&device, &other, &[bound(&child, 0, 0, PAGE)]).expect("it is bound");
    gpu_writes(&device, target.gpu_address, 8);
    assert_eq!(pages(&device, &target), [8, 0, 8]);
    assert_eq!(pages(&device, &other), [8]);
    assert_eq!(gpu_reads(&device, child.gpu_address), 8);
}

/// One write lies in two children, the hole behind them and the next child.
fn a_copy_crosses_from_child_to_child() {
    let device = open();
    let target = sparse(&device, 4, 0);
    let children = [10, 20, 30].map(|first| numbered(&device, 1, first));
    for (child, page) in children.iter().zip([0, 1, 3]) {
        bind(&device, &target, &[bound(child, 0, page * PAGE, PAGE)]).expect("it is bound");
    }
    let bench = Bench::new(&device);
    for page in [1, 2, 3] {
        let to = target.gpu_address + page * PAGE - 8;
        bench.run(Commands::default().mem_write(to, &[1, 2, 3, 4]));
    }
    let ends = children.map(|child| {
        let memory = child.map(&device).expect("it is mapped");
        (memory.read(0, 2), memory.read(4096 - 8, 2))
    });
    assert_eq!(ends[0], (vec![10, 0], vec![1, 2]));
    assert_eq!(ends[1], (vec![3, 4], vec![1, 2]));
    assert_eq!(ends[2], (vec![3, 4], vec![0, 0]));
}

/// As turnip's probe does it: the child is freed before the parent.
fn a_bound_child_outlives_its_id() {
    let device = open();
    let (target, child) = (sparse(&device, 2, 0), numbered(&device, 1, 5));
    bind(&device, &target, &[bound(&child, 0, 0, PAGE)]).expect("it is bound");
    child.free(&device).expect("it is freed");
    assert_eq!(Object::info(&device, child.id).err(), Some(Errno::INVAL));
    // What is allocated next gets other pages.
    let next = numbered(&device, 1, 6);
    assert_eq!(next.id, child.id, "the id is free");
    assert_eq!(pages(&device, &target), [5, 0]);
    gpu_writes(&device, target.gpu_address, 9);
    assert_eq!(gpu_reads(&device, next.gpu_address), 6);
    target.free(&device).expect("it is freed");
}

fn an_object_that_goes_lets_its_children_go() {
    let device = open();
    let child = numbered(&device, 1, 5);
    let target = sparse(&device, 1, 0);
    bind(&device, &target, &[bound(&child, 0, 0, PAGE)]).expect("it is bound");
    let bench = Bench::new(&device);
    target.free(&device).expect("it is freed");
    gpu_cannot_write(&bench, target.gpu_address);
    assert_eq!(gpu_reads(&device, child.gpu_address), 5, "the child stays");
}

/// A sparse image of 64 GiB, and more ranges than one call may name.
fn a_large_object_takes_many_ranges() {
    const COUNT: u64 = 20_000;
    let device = open();
    let target = sparse(&device, 16 << 20, 0);
    let child = numbered(&device, 4, 10);
    // Neighbours that are no continuation of each other, so that every range stands for itself.
    let range = |index| bound(&child, (index % 4) * PAGE, 3 * index * PAGE, PAGE);
    for start in (0..COUNT).step_by(5_000) {
        let ranges: Vec<_> = (start..start + 5_000).map(range).collect();
        bind(&device, &target, &ranges).expect("they are bound");
    }
    let read = |page| gpu_reads(&device, target.gpu_address + page * PAGE);
    for index in [0, 1, 4_999, 5_000, 12_345, COUNT - 1] {
        assert_eq!(u64::from(read(3 * index)), 10 + index % 4, "{index}");
        assert_eq!(read(3 * index + 1), 0, "{index}");
    }
    bind(&device, &target, &[unbound(PAGE, (16 << 20) * PAGE - PAGE)]).expect("it is unbound");
    assert_eq!((read(0), read(3), read(3 * COUNT - 3)), (10, 0, 0));
}

fn a_fence_tells_when_it_is_bound() {
    let device = open();
    let (target, child) = (sparse(&device, 1, 0), numbered(&device, 1, 5));
    let fence = bind_later(&device, &target, &[bound(&child, 0, 0, PAGE)]).expect("it is accepted");
    assert!(fence.poll(LONG));
    assert_eq!(fence.status(), 1);
    assert_eq!(pages(&device, &target), [5]);
    let bench = Bench::new(&device);
    let after = Submission {
        flags: CMDBATCH_MARKER,
        ..Submission::default()
    };
    let timestamp = after
        .submit(&device, &bench.context, &[Syncpoint::Fence(&fence)])
        .expect("the GPU can wait for it");
    bench.wait(timestamp);
}

fn a_context_binds_in_its_turn() {
    let device = open();
    let bench = Bench::new(&device);
    let target = sparse(&device, 1, MEMFLAGS_VBO_NO_MAP_ZERO);
    let child = numbered(&device, 1, 5);
    let blocked = bench.block(0);
    let range = bound(&child, 0, 0, PAGE);
    let binding = aux_bind(&device, &bench.context, &target, &[range], &[]).expect("it is queued");
    assert_eq!(binding, blocked + 1, "it has a timestamp of its own");
    let write = Commands::default()
        .mem_write(target.gpu_address, &[6])
        .clone();
    let after = bench.submit_at(0, &write).expect("it is submitted");
    gpu_cannot_write(&Bench::new(&device), target.gpu_address);
    bench.release(0);
    bench.wait(after);
    assert_eq!(gpu_reads(&device, child.gpu_address), 6);
}

fn a_context_binds_after_its_points() {
    let device = open();
    let bench = Bench::new(&device);
    let (target, child) = (sparse(&device, 1, 0), numbered(&device, 1, 5));
    let timeline = SwSync::new().expect("the kernel has sw_sync");
    let fence = timeline.fence(1);
    let points = [Syncpoint::Fence(&fence)];
    let range = bound(&child, 0, 0, PAGE);
    let timestamp =
        aux_bind(&device, &bench.context, &target, &[range], &points).expect("it is queued");
    // The child is freed meanwhile, and bound all the same.
    child.free(&device).expect("it is freed");
    assert_eq!(bench.context.wait(timestamp, 50), Err(Errno::TIMEDOUT));
    assert_eq!(pages(&device, &target), [0]);
    timeline.advance();
    bench.wait(timestamp);
    assert_eq!(pages(&device, &target), [5]);
}

fn a_guilty_context_binds_nothing() {
    let device = open();
    let bench = Bench::new(&device);
    let (target, child) = (sparse(&device, 1, 0), numbered(&device, 1, 5));
    bench.block(0);
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    bench.submit_at(0, &bad).expect("it is submitted");
    let range = bound(&child, 0, 0, PAGE);
    let behind = aux_bind(&device, &bench.context, &target, &[range], &[]).expect("it is queued");
    bench.release(0);
    assert_eq!(bench.context.wait(behind, LONG), Err(Errno::DEADLK));
    assert_eq!(bench.context.timestamp(TIMESTAMP_RETIRED), Ok(behind));
    assert_eq!(pages(&device, &target), [0]);
}

/// CVE-2024-23380: the tree of ranges and what the GPU sees must change together. The GPU reads one of the children, or
/// zero, and never anything else.
fn binding_and_unbinding_may_race() {
    let device = open();
    let target = sparse(&device, 8, 0);
    let children = [10, 20].map(|first| numbered(&device, 8, first));
    thread::scope(|scope| {
        for (turn, child) in (0..).zip(&children) {
            let (device, target) = (&device, &target);
            scope.spawn(move || {
                for round in 0..2_000 {
                    let (start, length) = ((round + turn) % 5, 1 + round % 3);
                    let range = bound(child, start * PAGE, start * PAGE, length * PAGE);
                    let hole = unbound((start + 1) * PAGE, length * PAGE);
                    bind(device, target, &[range, hole]).expect("it is bound");
                }
            });
        }
        for _ in 0..20 {
            let seen = pages(&device, &target);
            for (page, value) in (0..).zip(seen) {
                assert!([0, 10 + page, 20 + page].contains(&value), "{page} {value}");
            }
        }
    });
}

/// Children go while they are bound, and their ids are given to others.
fn binding_and_freeing_may_race() {
    let device = open();
    let target = sparse(&device, 2, 0);
    thread::scope(|scope| {
        for page in 0..2 {
            let (device, target) = (&device, &target);
            scope.spawn(move || {
                for _ in 0..300 {
                    let child = Object::gpumem(device, PAGE, 0).expect("memory is allocated");
                    let range = bound(&child, 0, page * PAGE, PAGE);
                    bind(device, target, &[range]).expect("it is bound");
                    child.free(device).expect("it is freed");
                }
            });
        }
        let bench = Bench::new(&device);
        for value in 1..40 {
            let to = target.gpu_address + PAGE - 4;
            bench.run(Commands::default().mem_write(to, &[value, value]));
        }
    });
}
