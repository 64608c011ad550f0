// SPDX-License-Identifier: GPL-2.0

//! TIMELINE_WAIT.

use std::thread;

use kgsl_shim::abi::timeline::{TimelineWait, TIMELINE_WAIT, TIMELINE_WAIT_ALL, TIMELINE_WAIT_ANY};
use rustix::io::Errno;

use super::{create, destroy, open, signal, value, values, wait, LONG, NOWHERE};
use crate::client::{address, Device};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    what_is_reached_is_not_waited_for,
    all_need_all_and_any_needs_one,
    a_wait_without_time_only_asks,
    a_wait_of_less_than_a_millisecond_only_asks,
    a_wait_ends_at_its_timeout,
    a_signal_ends_a_wait,
    destroying_ends_a_wait,
    a_wait_for_what_is_unknown_is_refused,
    a_wait_that_is_none_is_refused,
    many_wait_at_once,
];

const BOTH: [u32; 2] = [TIMELINE_WAIT_ALL, TIMELINE_WAIT_ANY];

fn what_is_reached_is_not_waited_for() {
    let device = open();
    let id = create(&device, 5);
    for flags in BOTH {
        for timeout in [0, 10, LONG] {
            assert_eq!(wait(&device, &[(id, 5), (id, 0)], flags, timeout), Ok(()));
        }
    }
}

fn all_need_all_and_any_needs_one() {
    let device = open();
    let (reached, behind) = (create(&device, 5), create(&device, 0));
    let points = [(behind, 1), (reached, 5)];
    assert_eq!(wait(&device, &points, TIMELINE_WAIT_ANY, LONG), Ok(()));
    assert_eq!(
        wait(&device, &points, TIMELINE_WAIT_ALL, 0),
        Err(Errno::BUSY)
    );
    signal(&device, &[(behind, 1)]).expect("it is signaled");
    assert_eq!(wait(&device, &points, TIMELINE_WAIT_ALL, LONG), Ok(()));
}

fn a_wait_without_time_only_asks() {
    let device = open();
    let id = create(&device, 0);
    for flags in BOTH {
        assert_eq!(wait(&device, &[(id, 1)], flags, 0), Err(Errno::BUSY));
    }
}

/// The C driver's arithmetic: what is left of a millisecond is cut off.
fn a_wait_of_less_than_a_millisecond_only_asks() {
    let device = open();
    let id = create(&device, 0);
    let mut points = values(&[(id, 1)]);
    let mut argument = TimelineWait {
        tv_nsec: 999_999,
        timelines: address(&mut points[..]),
        count: 1,
        timelines_size: 16,
        flags: TIMELINE_WAIT_ALL,
        ..TimelineWait::default()
    };
    let waited = device.ioctl(TIMELINE_WAIT, &mut argument);
    assert_eq!(waited, Err(Errno::BUSY));
}

fn a_wait_ends_at_its_timeout() {
    let device = open();
    let id = create(&device, 0);
    for flags in BOTH {
        assert_eq!(wait(&device, &[(id, 1)], flags, 30), Err(Errno::TIMEDOUT));
    }
}

/// Waits in a thread while `act` runs; how the wait ended.
fn wait_meanwhile(
    device: &Device,
    points: &[(u32, u64)],
    flags: u32,
    act: impl FnOnce(),
) -> Result<(), Errno> {
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait(device, points, flags, LONG));
        // So that the wait has most likely begun; nothing depends on it.
        thread::sleep(std::time::Duration::from_millis(20));
        act();
        waiter.join().expect("it does not panic")
    })
}

fn a_signal_ends_a_wait() {
    let device = open();
    let (first, second) = (create(&device, 0), create(&device, 0));
    let points = [(first, 2), (second, 2)];
    let ended = wait_meanwhile(&device, &points, TIMELINE_WAIT_ANY, || {
        signal(&device, &[(first, 1)]).expect("it is signaled");
        signal(&device, &[(second, 2)]).expect("it is signaled");
    });
    assert_eq!(ended, Ok(()));
    let ended = wait_meanwhile(&device, &points, TIMELINE_WAIT_ALL, || {
        signal(&device, &[(first, 5)]).expect("it is signaled");
    });
    assert_eq!(ended, Ok(()));
}

fn destroying_ends_a_wait() {
    let device = open();
    for flags in BOTH {
        let (doomed, other) = (create(&device, 0), create(&device, 0));
        let points = [(doomed, 1), (other, 1)];
        let ended = wait_meanwhile(&device, &points, flags, || {
            destroy(&device, doomed).expect("it is destroyed");
        });
        assert_eq!(ended, Err(Errno::NOENT), "{flags}");
    }
}

fn a_wait_for_what_is_unknown_is_refused() {
    let device = open();
    let known = create(&device, 0);
    for id in [0, known + 1, u32::MAX] {
        let refused = wait(&device, &[(known, 0), (id, 0)], TIMELINE_WAIT_ANY, 0);
        assert_eq!(refused, Err(Errno::NOENT), "{id}");
    }
}

fn a_wait_that_is_none_is_refused() {
    let device = open();
    let id = create(&device, 5);
    for flags in [0, 3, 4, u32::MAX] {
        let refused = wait(&device, &[(id, 1)], flags, 0);
        assert_eq!(refused, Err(Errno::INVAL), "{flags}");
    }
    let empty = wait(&device, &[], TIMELINE_WAIT_ALL, 0);
    assert_eq!(empty, Err(Errno::INVAL));
    let mut points = values(&[(id, 1)]);
    let good = TimelineWait {
        timelines: address(&mut points[..]),
        count: 1,
        timelines_size: 16,
        flags: TIMELINE_WAIT_ALL,
        ..TimelineWait::default()
    };
    let call = |argument| device.ioctl(TIMELINE_WAIT, &mut { argument });
    assert_eq!(call(good), Ok(()));
    assert_eq!(call(TimelineWait { pad: 1, ..good }), Err(Errno::INVAL));
    let for_ever = TimelineWait {
        tv_sec: i64::MAX,
        tv_nsec: i64::MAX,
        ..good
    };
    assert_eq!(call(for_ever), Ok(()));
    for (tv_sec, tv_nsec) in [(-1, 0), (0, -1), (i64::MIN, i64::MIN)] {
        let refused = call(TimelineWait {
            tv_sec,
            tv_nsec,
            ..good
        });
        assert_eq!(refused, Err(Errno::INVAL), "{tv_sec} {tv_nsec}");
    }
    for timelines in NOWHERE {
        let refused = call(TimelineWait { timelines, ..good });
        assert_eq!(refused, Err(Errno::FAULT), "{timelines:#x}");
    }
}

/// Each waits for its point, and moves the timeline to the next one's.
fn many_wait_at_once() {
    let device = open();
    let id = create(&device, 0);
    thread::scope(|scope| {
        for turn in 1..=16 {
            let device = &device;
            scope.spawn(move || {
                wait(device, &[(id, turn)], TIMELINE_WAIT_ALL, LONG).expect("its turn comes");
                signal(device, &[(id, turn + 1)]).expect("it is signaled");
            });
        }
        signal(&device, &[(id, 1)]).expect("it is signaled");
    });
    assert_eq!(value(&device, id), Ok(17));
}
