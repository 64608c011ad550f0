// SPDX-License-Identifier: GPL-2.0

//! What counters count: the packets, dwords and bytes of a stream, and time.

use std::thread;

use kgsl_shim::abi::device::{ReadCalibratedTimestamps, CLOCK_DEVICE, READ_CALIBRATED_TIMESTAMPS};
use kgsl_shim::abi::perfcounter::{PerfcounterRead, PerfcounterReadGroup, PERFCOUNTER_READ};
use rustix::io::Errno;

use super::{address, get, open, put, read, read_list, ALWAYSON, CP, GROUP_MAX, NOWHERE, VBIF};
use crate::client::{Bench, Device};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_stream_is_counted_to_the_dword,
    a_stream_reads_what_the_program_reads,
    a_stream_counts_between_two_reads,
    a_stream_selects_what_nobody_has_reserved,
    a_counter_counts_from_when_it_was_reserved,
    a_counter_counts_every_context,
    cycles_go_by_and_some_are_busy,
    the_always_on_counter_is_the_clock,
    what_nobody_has_reserved_reads_as_zero,
    a_list_is_read_whole_or_not_at_all,
    a_list_that_is_nowhere_is_not_read,
];

/// PERF_CP_ALWAYS_COUNT, PERF_CP_BUSY_CYCLES, PERF_CP_PM4_DATA, PERF_CP_PM4_HEADERS, PERF_CP_VBIF_READ_BEATS and
/// PERF_CP_VBIF_WRITE_BEATS.
const ALWAYS_COUNT: u32 = 0;
const BUSY_CYCLES: u32 = 2;
const PM4_DATA: u32 = 45;
const PM4_HEADERS: u32 = 46;
const READ_BEATS: u32 = 47;
const WRITE_BEATS: u32 = 48;

/// The totals of GBIF.
const GBIF_READ: u32 = 34;
const GBIF_WRITE: u32 = 46;

/// Commands of known size: `packets` packets, `payload` dwords that are not headers, and so many bytes moved.
struct Known {
    commands: Commands,
    packets: u64,
    payload: u64,
    read: u64,
    written: u64,
}

fn known(bench: &Bench<'_>) -> Known {
    let mut commands = Commands::default();
    for index in 0..16 {
        commands.mem_write(bench.dword(index), &[1]);
    }
    for index in 0..8 {
        commands.mem_to_mem(
            bench.dword(index),
            bench.dword(index + 1),
            bench.dword(index + 2),
        );
    }
    commands.nop(&[0; 25]);
    Known {
        commands,
        packets: 16 + 8 + 1,
        payload: 16 * 3 + 8 * 7 + 25,
        read: 8 * 8,
        written: 16 * 4 + 8 * 4,
    }
}

fn reserve(device: &Device, countables: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let registers = countables
        .iter()
        .map(|&(group, countable)| get(device, group, countable).expect("a counter is free"));
    registers.collect()
}

fn values(device: &Device, countables: &[(u32, u32)]) -> Vec<u64> {
    let entry = |&(groupid, countable): &(u32, u32)| PerfcounterReadGroup {
        groupid,
        countable,
        value: u64::MAX,
    };
    let mut list: Vec<_> = countables.iter().map(entry).collect();
    read_list(device, &mut list).expect("they are read");
    list.iter().map(|read| read.value).collect()
}

fn a_stream_is_counted_to_the_dword() {
    let device = open();
    let bench = Bench::new(&device);
    let counters = [
        (CP, PM4_HEADERS),
        (CP, PM4_DATA),
        (CP, READ_BEATS),
        (CP, WRITE_BEATS),
        (VBIF, GBIF_READ),
        (VBIF, GBIF_WRITE),
    ];
    reserve(&device, &counters);
    assert_eq!(values(&device, &counters), [0; 6], "they count from here");
    let known = known(&bench);
    for runs in 1..=3 {
        bench.run(&known.commands);
        let expected = [
            known.packets,
            known.payload,
            known.read / 32,
            known.written / 32,
            known.read / 32,
            known.written / 32,
        ];
        assert_eq!(
            values(&device, &counters),
            expected.map(|value| value * runs)
        );
        let dwords = u64::try_from(known.commands.dwords().len()).expect("they are few");
        assert_eq!(known.packets + known.payload, dwords);
    }
}

/// The 64-bit value at a place of the data, in bytes.
fn qword(bench: &Bench<'_>, offset: usize) -> u64 {
    let [low, high] = bench.memory.read(offset, 2)[..] else {
        unreachable!("two dwords were read");
    };
    u64::from(low) | (u64::from(high) << 32)
}

fn a_stream_reads_what_the_program_reads() {
    let device = open();
    let bench = Bench::new(&device);
    let registers = reserve(&device, &[(CP, PM4_HEADERS), (VBIF, GBIF_WRITE)]);
    let mut commands = known(&bench).commands;
    // A pair as one value, and each half by itself.
    for (index, (low, high)) in (0..).zip(&registers) {
        commands.reg_to_mem(*low, false, bench.dword(32 + 2 * index));
        commands.reg_to_mem(*high, false, bench.dword(33 + 2 * index));
    }
    commands.reg_to_mem(registers[0].0, true, bench.dword(36));
    bench.run(&commands);
    // Each packet sees itself begun, and what those before it have written.
    let known = known(&bench);
    assert_eq!(qword(&bench, 4 * 32), known.packets + 1);
    assert_eq!(qword(&bench, 4 * 34), (known.written + 8) / 32);
    assert_eq!(qword(&bench, 4 * 36), known.packets + 5);
    let [packets, written] = values(&device, &[(CP, PM4_HEADERS), (VBIF, GBIF_WRITE)])[..] else {
        unreachable!("two counters were read");
    };
    assert_eq!(packets, known.packets + 5);
    assert_eq!(written, (known.written + 4 * 4 + 8) / 32);
}

fn a_stream_counts_between_two_reads() {
    let device = open();
    let bench = Bench::new(&device);
    let (low, _) = get(&device, CP, PM4_DATA).expect("a counter is free");
    let known = known(&bench);
    for _ in 0..3 {
        let mut commands = Commands::default();
        commands.reg_to_mem(low, true, bench.dword(32));
        for dword in known.commands.dwords() {
            commands.dword(*dword);
        }
        commands.reg_to_mem(low, true, bench.dword(34));
        bench.run(&commands);
        let between = qword(&bench, 4 * 34) - qword(&bench, 4 * 32);
        assert_eq!(
            between,
            known.payload + 3,
            "the second read has three operands"
        );
    }
}

/// As turnip's performance queries do, which never ask the kernel.
fn a_stream_selects_what_nobody_has_reserved() {
    let device = open();
    let bench = Bench::new(&device);
    // The last counter is reserved: the stream cannot take it.
    let (low, _) = get(&device, CP, PM4_DATA).expect("a counter is free");
    let first = low - 2 * 13;
    let mut commands = Commands::default();
    commands.registers(0x8d0 + 1, &[PM4_HEADERS]);
    commands.registers(0x8d0 + 13, &[PM4_HEADERS]);
    for (register, index) in [(first + 2, 0), (low, 2)] {
        commands.reg_to_mem(register, true, bench.dword(index));
    }
    commands.nop(&[0; 10]).nop(&[]);
    for (register, index) in [(first + 2, 4), (low, 6)] {
        commands.reg_to_mem(register, true, bench.dword(index));
    }
    bench.run(&commands);
    assert_eq!(qword(&bench, 16) - qword(&bench, 0), 1 + 2 + 1, "packets");
    assert_eq!(
        qword(&bench, 24) - qword(&bench, 8),
        10 + 3 + 3,
        "dwords of packets"
    );
}

fn a_counter_counts_from_when_it_was_reserved() {
    let device = open();
    let bench = Bench::new(&device);
    for _ in 0..2 {
        get(&device, CP, PM4_HEADERS).expect("a counter is free");
        assert_eq!(read(&device, CP, PM4_HEADERS), Ok(0));
        bench.run(Commands::default().nop(&[]));
        assert_eq!(read(&device, CP, PM4_HEADERS), Ok(1));
        // A second reservation changes nothing.
        get(&device, CP, PM4_HEADERS).expect("it is shared");
        assert_eq!(read(&device, CP, PM4_HEADERS), Ok(1));
        put(&device, CP, PM4_HEADERS).expect("it is held");
        put(&device, CP, PM4_HEADERS).expect("it is held");
    }
}

fn a_counter_counts_every_context() {
    let device = open();
    get(&device, CP, PM4_HEADERS).expect("a counter is free");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let device = open();
                let bench = Bench::new(&device);
                for _ in 0..25 {
                    bench.run(known(&bench).commands.nop(&[]));
                }
            });
        }
    });
    // The contexts are gone; what they did counts.
    assert_eq!(read(&device, CP, PM4_HEADERS), Ok(4 * 25 * 26));
}

fn cycles_go_by_and_some_are_busy() {
    let device = open();
    let bench = Bench::new(&device);
    let counters = [(CP, ALWAYS_COUNT), (CP, BUSY_CYCLES)];
    reserve(&device, &counters);
    let mut last = [0; 2];
    // A virtual machine's clock may move in steps of a millisecond and more.
    while last[1] == 0 {
        bench.run(&known(&bench).commands);
        let list = values(&device, &counters);
        let now = [list[0], list[1]];
        assert!(now[0] >= last[0] && now[1] >= last[1], "{last:?} {now:?}");
        assert!(now[1] <= now[0], "more busy than time went by");
        last = now;
    }
}

fn device_clock(device: &Device) -> u64 {
    let (mut source, mut ticks, mut deviation) = (CLOCK_DEVICE, 0u64, 0u64);
    let mut argument = ReadCalibratedTimestamps {
        sources: address(&mut source),
        timestamps: address(&mut ticks),
        deviation: address(&mut deviation),
        count: 1,
        ..ReadCalibratedTimestamps::default()
    };
    device
        .ioctl(READ_CALIBRATED_TIMESTAMPS, &mut argument)
        .expect("the clock is read");
    ticks
}

/// Nobody has to reserve it: turnip's tracing only reads it.
fn the_always_on_counter_is_the_clock() {
    let device = open();
    for _ in 0..5 {
        let before = device_clock(&device);
        let value = read(&device, ALWAYSON, 0).expect("it is read");
        let after = device_clock(&device);
        assert!(
            before <= value && value <= after,
            "{before} {value} {after}"
        );
    }
    let bench = Bench::new(&device);
    let (low, _) = get(&device, ALWAYSON, 0).expect("it is shared");
    let before = read(&device, ALWAYSON, 0).expect("it is read");
    bench.run(Commands::default().reg_to_mem(low, true, bench.dword(0)));
    let after = read(&device, ALWAYSON, 0).expect("it is read");
    assert!((before..=after).contains(&qword(&bench, 0)));
}

fn what_nobody_has_reserved_reads_as_zero() {
    let device = open();
    Bench::new(&device).run(Commands::default().nop(&[]));
    for (group, countable) in [
        (CP, PM4_HEADERS),
        (CP, u32::MAX),
        (VBIF, GBIF_READ),
        (ALWAYSON, 1),
    ] {
        assert_eq!(
            read(&device, group, countable),
            Ok(0),
            "{group:#x} {countable:#x}"
        );
    }
}

fn a_list_is_read_whole_or_not_at_all() {
    let device = open();
    let good = PerfcounterReadGroup {
        groupid: ALWAYSON,
        countable: 0,
        value: 77,
    };
    let bad = PerfcounterReadGroup {
        groupid: GROUP_MAX,
        ..good
    };
    let mut list = [good, good, bad];
    assert_eq!(read_list(&device, &mut list), Err(Errno::INVAL));
    assert!(list.iter().all(|read| read.value == 77), "{list:?}");
    let mut most = [good; 101];
    assert_eq!(
        read_list(&device, &mut most),
        Err(Errno::INVAL),
        "101 are too many"
    );
    assert_eq!(read_list(&device, &mut most[..100]), Ok(()));
    let first = most[0].value;
    assert!(
        most[..100].iter().all(|read| read.value == first),
        "one moment"
    );
    assert_eq!(most[100].value, 77);
}

fn a_list_that_is_nowhere_is_not_read() {
    let device = open();
    let read_at = |reads, count| {
        let mut argument = PerfcounterRead {
            reads,
            count,
            ..PerfcounterRead::default()
        };
        device.ioctl(PERFCOUNTER_READ, &mut argument)
    };
    for nowhere in NOWHERE {
        assert_eq!(read_at(nowhere, 1), Err(Errno::FAULT), "{nowhere:#x}");
    }
    assert_eq!(read_at(0, 1), Err(Errno::INVAL), "no list at all");
    let mut entry = PerfcounterReadGroup::default();
    for count in [0, 101, u32::MAX] {
        assert_eq!(
            read_at(address(&mut entry), count),
            Err(Errno::INVAL),
            "{count}"
        );
    }
}
