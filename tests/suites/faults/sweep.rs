// SPDX-License-Identifier: GPL-2.0

//! The sweep itself: one call, over and over, until no fault is left that it has not met.

use std::fs;

use kgsl_shim::abi::perfcounter::{PerfcounterQuery, PERFCOUNTER_QUERY};
use kgsl_shim::abi::timeline::{TimelineValue, TIMELINE_QUERY};
use rustix::io::Errno;

use super::works;
use crate::client::{address, page_pins, pinned, Device, FailNth, Faults};

/// More steps that can fail than any call has.
const STEPS_MAX: u32 = 2_000;

/// What a program and root can see of the device, as far as calls change it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    descriptors: usize,
    contexts: Vec<String>,
    memory: String,
    bindings: String,
    /// What the process is said to have pinned, in KiB, and the pins there are.
    pinned: (u64, u64),
    counters: Vec<u32>,
    timelines: Vec<Result<u64, Errno>>,
}

impl State {
    fn of(device: &Device) -> Self {
        let process = format!("/sys/kernel/debug/kgsl/proc/{}", std::process::id());
        let text = |file: &str| fs::read_to_string(format!("{process}/{file}")).unwrap_or_default();
        Self {
            descriptors: list("/proc/self/fd").len(),
            contexts: list("/sys/kernel/debug/kgsl/kgsl-3d0/ctx")
                .iter()
                .map(|path| fs::read_to_string(path).unwrap_or_default())
                .collect(),
            memory: text("mem"),
            bindings: text("vbos"),
            pinned: (pinned(), page_pins()),
            counters: counters(device),
            timelines: (1..4).map(|timeline| value(device, timeline)).collect(),
        }
    }
}

impl State {
    /// Whether each thing is as in one of two others.
    fn is_between(&self, first: &Self, second: &Self) -> bool {
        let is = |thing: fn(&Self, &Self) -> bool| thing(self, first) || thing(self, second);
        is(|a, b| a.descriptors == b.descriptors)
            && is(|a, b| a.contexts == b.contexts)
            && is(|a, b| a.memory == b.memory)
            && is(|a, b| a.bindings == b.bindings)
            && is(|a, b| a.pinned == b.pinned)
            && is(|a, b| a.counters == b.counters)
            && is(|a, b| a.timelines == b.timelines)
    }
}

/// The paths in a directory.
fn list(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("the directory is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("it is read").path().display().to_string())
        .collect();
    paths.sort();
    paths
}

/// What the counters of the first group count.
fn counters(device: &Device) -> Vec<u32> {
    let mut list = [0; 32];
    let mut argument = PerfcounterQuery {
        countables: address(&mut list[..]),
        count: 32,
        ..PerfcounterQuery::default()
    };
    device
        .ioctl(PERFCOUNTER_QUERY, &mut argument)
        .expect("the group is known");
    list.into()
}

fn value(device: &Device, timeline: u32) -> Result<u64, Errno> {
    let mut argument = TimelineValue {
        timeline,
        ..TimelineValue::default()
    };
    device.ioctl(TIMELINE_QUERY, &mut argument)?;
    Ok(argument.seqno)
}

/// Has every step of the call fail that can, one at a time; `undo` takes back what it does when it succeeds. The state is
/// compared while `device` is idle.
pub(super) fn sweep<T>(device: &Device, call: impl Fn() -> Result<T, Errno>, undo: impl Fn(T)) {
    sweep_copies(device, &call, &undo);
    let refused = steps(Faults::Everything, device, &call, &undo).refused;
    println!("of allocations and copies {refused} are refused");
    assert!(refused > 0, "nothing was injected");
    works(device);
}

/// The same for copies from and to user space alone. Where the call fails and the state is another one, the answer was what
/// could not be delivered: the last copy of all, and only that.
pub(super) fn sweep_copies<T>(
    device: &Device,
    call: impl Fn() -> Result<T, Errno>,
    undo: impl Fn(T),
) {
    // Once without, so that the program's own memory is there, and the state is that after a first time.
    undo(call().expect("it succeeds"));
    let outcome = steps(Faults::Copies, device, &call, &undo);
    println!(
        "of {} copies {} are refused",
        outcome.steps, outcome.refused
    );
    for changed in &outcome.changed {
        assert_eq!(*changed, outcome.steps, "it has left something behind");
    }
    works(device);
}

/// What came of a sweep.
#[derive(Debug, Default)]
struct Outcome {
    /// How many steps can fail.
    steps: u32,
    /// With how many of them failing the call failed.
    refused: u32,
    /// Those of them after which the state was another one.
    changed: Vec<u32>,
}

fn steps<T>(
    faults: Faults,
    device: &Device,
    call: impl Fn() -> Result<T, Errno>,
    undo: impl Fn(T),
) -> Outcome {
    let injector = FailNth::new(faults).expect("the kernel injects faults");
    let first = State::of(device);
    let mut before = first.clone();
    let mut outcome = Outcome::default();
    for nth in 1..STEPS_MAX {
        let (result, hit) = injector.during(nth, &call);
        if let Ok(made) = result {
            undo(made);
            let undone = State::of(device);
            // What was made and not delivered may have been undone with it.
            assert!(
                undone.is_between(&first, &before),
                "undone after fault {nth}: {undone:#?}, before {before:#?}"
            );
            before = undone;
            if !hit {
                outcome.steps = nth - 1;
                return outcome;
            }
            continue;
        }
        outcome.refused += 1;
        let after = State::of(device);
        let errno = result.err();
        match errno {
            Some(Errno::NOMEM) => assert_eq!(after, before, "fault {nth}"),
            Some(Errno::FAULT) if hit => {}
            _ => panic!("fault {nth}: {errno:?}"),
        }
        if after != before {
            outcome.changed.push(nth);
            before = after;
        }
    }
    panic!("there are more than {STEPS_MAX} steps");
}
