// SPDX-License-Identifier: GPL-2.0

//! Timelines come, move and go, and give fences for their points.

use std::thread;

use kgsl_shim::abi::timeline::{
    TimelineCreate, TimelineSignal, TimelineValue, TIMELINE_CREATE, TIMELINE_SIGNAL,
};
use rustix::io::Errno;

use super::{create, destroy, fence, open, signal, signal_values, value, LONG, NOWHERE};
use crate::client::address;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_timeline_stands_where_it_was_created,
    a_timeline_only_moves_forward,
    one_call_signals_many,
    every_file_sees_a_timeline,
    only_its_file_destroys_a_timeline,
    closing_destroys_a_timeline,
    what_is_unknown_is_refused,
    padding_must_be_zero,
    a_list_that_is_none_is_refused,
    longer_points_must_end_in_zeroes,
    a_fence_signals_at_its_point,
    a_fence_of_a_destroyed_timeline_signals_an_error,
    destroying_and_fences_may_race,
];

/// ENOENT, as the status of a fence.
const NO_ENTRY: i32 = -2;

fn a_timeline_stands_where_it_was_created() {
    let device = open();
    for start in [0, 1, u64::from(u32::MAX) + 1, u64::MAX] {
        let id = create(&device, start);
        assert_ne!(id, 0);
        assert_eq!(value(&device, id), Ok(start));
        destroy(&device, id).expect("it is destroyed");
        assert_eq!(value(&device, id), Err(Errno::NODEV));
    }
}

fn a_timeline_only_moves_forward() {
    let device = open();
    let id = create(&device, 5);
    for (to, expected) in [(4, 5), (5, 5), (6, 6), (0, 6), (u64::MAX, u64::MAX)] {
        signal(&device, &[(id, to)]).expect("it is signaled");
        assert_eq!(value(&device, id), Ok(expected));
    }
}

fn one_call_signals_many() {
    let device = open();
    let ids = [(); 3].map(|()| create(&device, 0));
    signal(
        &device,
        &[(ids[0], 1), (ids[1], 2), (ids[2], 3), (ids[0], 7)],
    )
    .expect("they are signaled");
    assert_eq!(ids.map(|id| value(&device, id)), [Ok(7), Ok(2), Ok(3)]);
}

fn every_file_sees_a_timeline() {
    let (device, other) = (open(), open());
    let id = create(&device, 0);
    signal(&other, &[(id, 9)]).expect("it is signaled");
    assert_eq!((value(&device, id), value(&other, id)), (Ok(9), Ok(9)));
}

fn only_its_file_destroys_a_timeline() {
    let (device, other) = (open(), open());
    let id = create(&device, 0);
    assert_eq!(destroy(&other, id), Err(Errno::INVAL));
    assert_eq!(value(&device, id), Ok(0), "it is still there");
    destroy(&device, id).expect("it is destroyed");
    assert_eq!(destroy(&device, id), Err(Errno::NODEV));
}

fn closing_destroys_a_timeline() {
    let (device, other) = (open(), open());
    let id = create(&device, 0);
    let point = fence(&other, id, 1).expect("there is a fence");
    drop(device);
    assert!(point.poll(LONG));
    assert_eq!(point.status(), NO_ENTRY);
    assert_eq!(value(&other, id), Err(Errno::NODEV));
}

fn what_is_unknown_is_refused() {
    let device = open();
    let known = create(&device, 0);
    for id in [0, known + 1, u32::MAX] {
        assert_eq!(value(&device, id), Err(Errno::NODEV), "{id}");
        assert_eq!(destroy(&device, id), Err(Errno::NODEV), "{id}");
        assert_eq!(fence(&device, id, 1).err(), Some(Errno::NODEV), "{id}");
        let refused = signal(&device, &[(known, 3), (id, 1)]);
        assert_eq!(refused, Err(Errno::NODEV), "{id}");
    }
    assert_eq!(value(&device, known), Ok(0), "no point was signaled");
}

fn padding_must_be_zero() {
    let device = open();
    let mut argument = TimelineCreate {
        pad: 1,
        ..TimelineCreate::default()
    };
    assert_eq!(
        device.ioctl(TIMELINE_CREATE, &mut argument),
        Err(Errno::INVAL)
    );
    let mut values = [TimelineValue {
        seqno: 1,
        timeline: create(&device, 0),
        pad: 1,
    }];
    assert_eq!(signal_values(&device, &mut values), Err(Errno::INVAL));
}

fn a_list_that_is_none_is_refused() {
    let device = open();
    let id = create(&device, 0);
    assert_eq!(signal(&device, &[]), Err(Errno::INVAL));
    let mut values = super::values(&[(id, 1)]);
    let good = TimelineSignal {
        timelines: address(&mut values[..]),
        count: 1,
        timelines_size: 16,
    };
    let call = |argument| device.ioctl(TIMELINE_SIGNAL, &mut { argument });
    let without_size = TimelineSignal {
        timelines_size: 0,
        ..good
    };
    assert_eq!(call(without_size), Err(Errno::AGAIN));
    for timelines in NOWHERE {
        let refused = call(TimelineSignal { timelines, ..good });
        assert_eq!(refused, Err(Errno::FAULT), "{timelines:#x}");
    }
    let too_many = TimelineSignal {
        count: u32::MAX,
        ..good
    };
    assert_eq!(call(too_many), Err(Errno::INVAL));
    assert_eq!(value(&device, id), Ok(0));
}

/// A newer program's structures are taken while what the kernel does not know of them is zero.
fn longer_points_must_end_in_zeroes() {
    let device = open();
    let id = create(&device, 0);
    let mut list = [1, u64::from(id), 0, 2, u64::from(id), 0];
    let mut argument = TimelineSignal {
        timelines: address(&mut list[..]),
        count: 2,
        timelines_size: 24,
    };
    device
        .ioctl(TIMELINE_SIGNAL, &mut argument)
        .expect("it is signaled");
    assert_eq!(value(&device, id), Ok(2));
    list[5] = 1;
    argument.timelines = address(&mut list[..]);
    assert_eq!(
        device.ioctl(TIMELINE_SIGNAL, &mut argument),
        Err(Errno::TOOBIG)
    );
}

fn a_fence_signals_at_its_point() {
    let device = open();
    let id = create(&device, 3);
    let reached = [0, 3].map(|seqno| fence(&device, id, seqno).expect("there is a fence"));
    assert!(reached.iter().all(|fence| fence.status() == 1));
    let ahead = [4, 6].map(|seqno| fence(&device, id, seqno).expect("there is a fence"));
    let (_, name) = ahead[0].names();
    assert!(name.starts_with("kgsl-sw-timeline"), "{name}");
    signal(&device, &[(id, 5)]).expect("it is signaled");
    assert!(ahead[0].poll(LONG));
    assert_eq!((ahead[0].status(), ahead[1].status()), (1, 0));
    signal(&device, &[(id, 6)]).expect("it is signaled");
    assert!(ahead[1].poll(LONG));
}

fn a_fence_of_a_destroyed_timeline_signals_an_error() {
    let device = open();
    let id = create(&device, 0);
    let ahead = fence(&device, id, 1).expect("there is a fence");
    let merged = ahead
        .merge(&fence(&device, id, 2).expect("there is a fence"))
        .expect("they are merged");
    destroy(&device, id).expect("it is destroyed");
    assert!(ahead.poll(LONG) && merged.poll(LONG));
    assert_eq!(ahead.status(), NO_ENTRY);
}

/// CVE-2022-22057 was this race.
fn destroying_and_fences_may_race() {
    let device = open();
    for _ in 0..100 {
        let id = create(&device, 0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut seqno = 1;
                    while let Ok(point) = fence(&device, id, seqno) {
                        seqno += 1;
                        drop(point);
                    }
                });
            }
            scope.spawn(|| while signal(&device, &[(id, 5)]).is_ok() {});
            thread::yield_now();
            destroy(&device, id).expect("it is destroyed");
        });
    }
}
