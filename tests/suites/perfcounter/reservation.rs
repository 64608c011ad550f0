// SPDX-License-Identifier: GPL-2.0

//! PERFCOUNTER_GET, _PUT and _QUERY: who has which counter, and each way to misuse them.

use std::thread;

use kgsl_shim::abi::perfcounter::{PerfcounterQuery, PERFCOUNTER_GET, PERFCOUNTER_QUERY};
use rustix::io::Errno;

use super::{
    address, countables, get, open, put, read, size, ALWAYSON, CP, GROUP_MAX, NOT_USED, NOWHERE,
    VBIF,
};
use crate::client::{Argument, Device};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_counter_has_two_registers,
    a_full_group_is_busy,
    a_countable_is_shared,
    what_is_not_held_cannot_be_put,
    closing_gives_everything_back,
    a_group_that_does_not_exist_is_refused,
    a_group_without_counters_is_busy,
    the_always_on_counter_is_fixed,
    a_countable_that_means_none_is_refused,
    the_way_to_memory_has_few_countables,
    a_group_is_listed,
    a_list_that_is_nowhere_is_refused,
    a_structure_may_be_short_or_long,
    reserving_and_closing_may_race,
];

/// The number of counters of the command processor.
const CP_COUNTERS: u32 = 14;

fn a_counter_has_two_registers() {
    let device = open();
    let (low, high) = get(&device, CP, 46).expect("a counter is free");
    assert_eq!(high, low + 1);
    // RBBM_PERFCTR_CP of A6xx, or of A7xx; the C driver, too, gives the last one first.
    assert!(
        [0x400, 0x300]
            .map(|first| first + 2 * (CP_COUNTERS - 1))
            .contains(&low),
        "{low:#x}"
    );
    let (next, _) = get(&device, CP, 45).expect("a counter is free");
    assert_eq!(next, low - 2);
}

fn a_full_group_is_busy() {
    let device = open();
    let registers: Vec<_> = (0..CP_COUNTERS)
        .map(|countable| get(&device, CP, countable).expect("a counter is free").0)
        .collect();
    let mut distinct = registers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), registers.len());
    assert_eq!(get(&device, CP, 100), Err(Errno::BUSY));
    assert_eq!(
        get(&device, CP, 3).map(|(low, _)| low),
        Ok(registers[3]),
        "it is shared"
    );
    put(&device, CP, 5).expect("it is held");
    assert_eq!(get(&device, CP, 100).map(|(low, _)| low), Ok(registers[5]));
    assert_eq!(get(&device, CP, 5), Err(Errno::BUSY));
}

fn a_countable_is_shared() {
    let (first, second) = (open(), open());
    let registers = get(&first, CP, 46).expect("a counter is free");
    assert_eq!(get(&second, CP, 46), Ok(registers));
    put(&first, CP, 46).expect("it is held");
    assert!(
        countables(&first, CP).contains(&46),
        "the other file has it"
    );
    put(&second, CP, 46).expect("it is held");
    assert!(!countables(&first, CP).contains(&46));
}

fn what_is_not_held_cannot_be_put() {
    let (device, other) = (open(), open());
    assert_eq!(put(&device, CP, 46), Err(Errno::NODEV), "nobody has it");
    for _ in 0..3 {
        get(&device, CP, 46).expect("a counter is free");
    }
    assert_eq!(
        put(&other, CP, 46),
        Err(Errno::NODEV),
        "another file has it"
    );
    for _ in 0..3 {
        put(&device, CP, 46).expect("it is held");
    }
    assert_eq!(
        put(&device, CP, 46),
        Err(Errno::NODEV),
        "it was put already"
    );
    for (group, countable) in [(GROUP_MAX, 0), (u32::MAX, 0), (CP, NOT_USED), (ALWAYSON, 0)] {
        let refused = put(&device, group, countable);
        assert_eq!(refused, Err(Errno::NODEV), "{group:#x} {countable:#x}");
    }
}

fn closing_gives_everything_back() {
    let (device, other) = (open(), open());
    for countable in 0..CP_COUNTERS {
        get(&device, CP, countable).expect("a counter is free");
        get(&device, CP, countable).expect("it is shared");
    }
    get(&other, CP, 0).expect("it is shared");
    drop(device);
    let left = countables(&other, CP);
    assert_eq!(
        left.iter()
            .filter(|&&countable| countable != NOT_USED)
            .count(),
        1,
        "{left:x?}"
    );
    drop(other);
    assert!(countables(&open(), CP)
        .iter()
        .all(|&countable| countable == NOT_USED));
}

fn a_group_that_does_not_exist_is_refused() {
    let device = open();
    for group in [GROUP_MAX, GROUP_MAX + 1, u32::MAX] {
        assert_eq!(get(&device, group, 0), Err(Errno::INVAL), "{group:#x}");
        assert_eq!(size(&device, group), Err(Errno::INVAL), "{group:#x}");
        assert_eq!(read(&device, group, 0), Err(Errno::INVAL), "{group:#x}");
    }
}

/// The C driver's groups of older chips, and those of power that this GPU does not draw.
fn a_group_without_counters_is_busy() {
    let device = open();
    for group in [0x0c, 0x0f, 0x21] {
        assert_eq!(size(&device, group), Ok(0), "{group:#x}");
        assert_eq!(get(&device, group, 0), Err(Errno::BUSY), "{group:#x}");
        assert_eq!(read(&device, group, 0), Ok(0), "{group:#x}");
    }
}

fn the_always_on_counter_is_fixed() {
    let device = open();
    assert_eq!(size(&device, ALWAYSON), Ok(1));
    assert_eq!(get(&device, ALWAYSON, 0), Ok((0x980, 0x981)));
    for countable in [1, 2, 0xff] {
        assert_eq!(
            get(&device, ALWAYSON, countable),
            Err(Errno::INVAL),
            "{countable}"
        );
    }
    put(&device, ALWAYSON, 0).expect("it is held");
    assert_eq!(countables(&device, ALWAYSON), [0], "it counts all the same");
}

fn a_countable_that_means_none_is_refused() {
    let device = open();
    for countable in [NOT_USED, NOT_USED - 1] {
        assert_eq!(
            get(&device, CP, countable),
            Err(Errno::INVAL),
            "{countable:#x}"
        );
    }
    // A number that the hardware does not know counts nothing.
    get(&device, CP, 0x7fff_ffff).expect("a counter is free");
    assert_eq!(read(&device, CP, 0x7fff_ffff), Ok(0));
}

fn the_way_to_memory_has_few_countables() {
    let device = open();
    let (low, high) = get(&device, VBIF, 34).expect("a counter is free");
    assert_eq!((low, high), (0x3cc7, 0x3ccb));
    assert_eq!(
        get(&device, VBIF, 0x100),
        Err(Errno::INVAL),
        "the select has eight bits"
    );
}

fn query(device: &Device, list: u64, count: u32) -> Result<u32, Errno> {
    let mut argument = PerfcounterQuery {
        groupid: CP,
        countables: list,
        count,
        ..PerfcounterQuery::default()
    };
    device.ioctl(PERFCOUNTER_QUERY, &mut argument)?;
    Ok(argument.max_counters)
}

fn a_group_is_listed() {
    let device = open();
    get(&device, CP, 46).expect("a counter is free");
    let all = countables(&device, CP);
    assert_eq!(all.len(), 14);
    assert_eq!((all[12], all[13]), (NOT_USED, 46));
    for room in [1, 13, 14, 15, 64] {
        let mut list = [7; 64];
        assert_eq!(
            query(&device, address(&mut list[..]), room),
            Ok(CP_COUNTERS)
        );
        let written = usize::try_from(room.min(CP_COUNTERS)).expect("it is small");
        assert_eq!(list[..written], all[..written]);
        assert!(list[written..].iter().all(|&entry| entry == 7), "{room}");
    }
    let mut list = [7; 1];
    assert_eq!(query(&device, address(&mut list[..]), 0), Ok(CP_COUNTERS));
    assert_eq!(list, [7]);
    assert_eq!(
        query(&device, 0, 14),
        Ok(CP_COUNTERS),
        "no list, only the number"
    );
}

fn a_list_that_is_nowhere_is_refused() {
    let device = open();
    for nowhere in NOWHERE {
        assert_eq!(
            query(&device, nowhere, 14),
            Err(Errno::FAULT),
            "{nowhere:#x}"
        );
    }
}

fn a_structure_may_be_short_or_long() {
    let device = open();
    // Group and countable alone: there is no room for the registers.
    let mut bytes = [0xa5; 40];
    bytes[..8].fill(0);
    let number = |size: u32| (PERFCOUNTER_GET.number() & !0x3fff_0000) | (size << 16);
    assert_eq!(device.raw(number(8), Argument::Bytes(&mut bytes)), Ok(0));
    assert!(bytes[8..].iter().all(|&byte| byte == 0xa5), "{bytes:x?}");
    bytes[..20].fill(0);
    assert_eq!(device.raw(number(40), Argument::Bytes(&mut bytes)), Ok(0));
    assert_ne!(bytes[8..12], [0; 4], "the register");
    assert!(bytes[20..].iter().all(|&byte| byte == 0xa5), "{bytes:x?}");
    // A call that fails writes nothing.
    bytes[..4].fill(0xff);
    let before = bytes;
    assert_eq!(
        device.raw(number(20), Argument::Bytes(&mut bytes)),
        Err(Errno::INVAL)
    );
    assert_eq!(bytes, before);
}

fn reserving_and_closing_may_race() {
    let watcher = open();
    thread::scope(|scope| {
        for start in 0..4 {
            scope.spawn(move || {
                for round in 0..50 {
                    let device = open();
                    for countable in start..start + 8 {
                        let held = get(&device, CP, countable);
                        assert!(matches!(held, Ok(_) | Err(Errno::BUSY)), "{held:?}");
                        if held.is_ok() && round % 2 == 0 {
                            put(&device, CP, countable).expect("it is held");
                        }
                    }
                }
            });
        }
        for _ in 0..200 {
            assert_eq!(countables(&watcher, CP).len(), 14);
        }
    });
    assert!(countables(&watcher, CP)
        .iter()
        .all(|&countable| countable == NOT_USED));
}
