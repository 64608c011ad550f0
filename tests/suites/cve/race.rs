// SPDX-License-Identifier: GPL-2.0

//! Races between those who use something and those who do away with it. The kernel's log tells of what a test cannot see.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kgsl_shim::abi::context::CONTEXT_FAULT_INFO;
use kgsl_shim::abi::memory::MEMFLAGS_VBO;
use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineDestroy, TimelineFenceGet, TIMELINE_CREATE, TIMELINE_DESTROY,
    TIMELINE_FENCE_GET,
};
use rustix::io::Errno;

use super::{open, works, LONG, PAGE};
use crate::client::{
    aux_signal, bind, bound, page_fault, unbound, Bench, Context, Device, Fence, Object,
};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    cve_2022_22057_fences_go_while_their_timeline_does,
    cve_2024_23380_children_go_while_they_are_bound_and_unbound,
    cve_2024_38399_faults_are_reported_while_others_happen,
    cve_2025_27038_what_is_in_flight_loses_everything_at_once,
];

fn timeline(device: &Device) -> u32 {
    let mut argument = TimelineCreate::default();
    device
        .ioctl(TIMELINE_CREATE, &mut argument)
        .expect("a timeline is created");
    argument.id
}

fn fence(device: &Device, timeline: u32, seqno: u64) -> Option<Fence> {
    let mut argument = TimelineFenceGet {
        seqno,
        timeline,
        handle: -1,
    };
    device.ioctl(TIMELINE_FENCE_GET, &mut argument).ok()?;
    Some(Fence::take(argument.handle))
}

/// Destroying took references of fences whose last one was just being given back.
fn cve_2022_22057_fences_go_while_their_timeline_does() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    for round in 0..150 {
        let id = timeline(&device);
        let mut fences: Vec<_> = (1..9)
            .filter_map(|seqno| fence(&device, id, seqno))
            .collect();
        assert_eq!(fences.len(), 8);
        let late = fences.split_off(4);
        thread::scope(|scope| {
            scope.spawn(move || drop(fences));
            scope.spawn(|| while fence(&device, id, 3).is_some() {});
            if round % 2 == 0 {
                // The GPU signals some of them meanwhile.
                let _ = aux_signal(&device, &context, &[(id, 6)], &[]);
            }
            device
                .ioctl(TIMELINE_DESTROY, &mut TimelineDestroy { id })
                .expect("it is destroyed");
        });
        // Whoever still has one is told, by a signal or an error.
        assert!(late.iter().all(|fence| fence.poll(LONG)), "round {round}");
    }
    works(&device);
}

/// The range was in the tree before it was mapped, and the lock was not held between.
fn cve_2024_23380_children_go_while_they_are_bound_and_unbound() {
    let device = open();
    let target = Object::gpuobj(&device, 8 * PAGE, MEMFLAGS_VBO).expect("there are addresses");
    let stays = Object::gpumem(&device, 8 * PAGE, 0).expect("there is memory");
    let done = AtomicBool::new(false);
    let running = || !done.load(Ordering::Relaxed);
    thread::scope(|scope| {
        scope.spawn(|| {
            while running() {
                let ranges = [bound(&stays, 0, 0, 8 * PAGE), unbound(2 * PAGE, 4 * PAGE)];
                bind(&device, &target, &ranges).expect("it is bound");
            }
        });
        scope.spawn(|| {
            while running() {
                // Through the place that is bound and unbound, and only there.
                let bench = Bench::new(&device);
                let at = target.gpu_address + 3 * PAGE;
                bench.run(Commands::default().mem_write(at, &[0x600d]).mem_to_mem(
                    bench.dword(0),
                    at,
                    bench.dword(1),
                ));
                let seen = bench.memory.read(0, 1)[0];
                assert!([0, 0x600d].contains(&seen), "{seen:#x}");
                bench.data.free(&device).expect("it is freed");
                bench.commands.free(&device).expect("it is freed");
                bench.context.destroy().expect("it is destroyed");
            }
        });
        for _ in 0..150 {
            let child = Object::gpumem(&device, 2 * PAGE, 0).expect("there is memory");
            let range = bound(&child, 0, 3 * PAGE, 2 * PAGE);
            bind(&device, &target, &[range]).expect("it is bound");
            child.free(&device).expect("it is freed");
        }
        done.store(true, Ordering::Relaxed);
    });
    target.free(&device).expect("it is freed");
    works(&device);
}

/// The list of faults was read while an element was added or freed.
fn cve_2024_38399_faults_are_reported_while_others_happen() {
    let device = open();
    let wrong = Commands::default().mem_write(8, &[1]).clone();
    for _ in 0..20 {
        let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_FAULT_INFO);
        let (done, id) = (AtomicBool::new(false), bench.context.id);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let told = page_fault(&device, id).map(|(count, _)| count);
                        assert!(matches!(told, Ok(1) | Err(Errno::INVAL)), "{told:?}");
                    }
                });
            }
            let timestamp = bench.submit_at(0, &wrong).expect("it is submitted");
            assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
            assert_eq!(page_fault(&device, id).map(|(count, _)| count), Ok(1));
            bench.context.destroy().expect("it is destroyed");
            done.store(true, Ordering::Relaxed);
        });
        bench.data.free(&device).expect("it is freed");
        bench.commands.free(&device).expect("it is freed");
    }
    works(&device);
}

/// A browser's GPU process made the driver use what it had freed. Memory, mapping, context and file of commands that run
/// go in every order, at once.
fn cve_2025_27038_what_is_in_flight_loses_everything_at_once() {
    let witness = open();
    for round in 0..40 {
        let device = open();
        let bench = Bench::new(&device);
        let target = Object::gpumem(&device, PAGE, 0).expect("there is memory");
        let mut commands = Commands::default();
        (0..40).for_each(|_| {
            commands.mem_write(target.gpu_address, &[1; 8]);
        });
        bench.block(0);
        (0..4).for_each(|_| {
            bench.submit_at(0, &commands).expect("it is submitted");
        });
        thread::scope(|scope| {
            scope.spawn(|| target.free(&device));
            scope.spawn(|| bench.commands.free(&device));
            if round % 2 == 0 {
                scope.spawn(|| bench.context.destroy());
            }
            scope.spawn(|| device.reopen());
            bench.release(0);
        });
    }
    works(&witness);
}
