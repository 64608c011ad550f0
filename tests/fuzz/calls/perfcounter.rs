// SPDX-License-Identifier: GPL-2.0

//! Performance counters.

use kgsl_shim::abi::perfcounter::{
    PerfcounterGet, PerfcounterPut, PerfcounterQuery, PerfcounterRead, PerfcounterReadGroup,
    PERFCOUNTER_GET, PERFCOUNTER_PUT, PERFCOUNTER_QUERY, PERFCOUNTER_READ,
};

use crate::fuzz::run::Run;

/// A group and what it counts: few enough that calls meet.
fn counter(run: &mut Run<'_>) -> (u32, u32) {
    match run.dice.one_in(16) {
        true => (run.dice.odd32(), run.dice.odd32()),
        false => (run.dice.below32(0x24), run.dice.below32(8)),
    }
}

/// PERFCOUNTER_GET.
pub(super) fn get(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (groupid, countable) = counter(run);
    let mut argument = PerfcounterGet {
        groupid,
        countable,
        ..PerfcounterGet::default()
    };
    let _ = run.ioctl(&device, PERFCOUNTER_GET, &mut argument);
}

/// PERFCOUNTER_PUT.
pub(super) fn put(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let (groupid, countable) = counter(run);
    let mut argument = PerfcounterPut {
        groupid,
        countable,
        reserved: [0; 2],
    };
    let _ = run.ioctl(&device, PERFCOUNTER_PUT, &mut argument);
}

/// PERFCOUNTER_QUERY.
pub(super) fn query(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = PerfcounterQuery {
        groupid: counter(run).0,
        countables: match run.dice.one_in(3) {
            true => 0,
            false => run.stage.arena.room(256),
        },
        count: run.dice.count(32),
        ..PerfcounterQuery::default()
    };
    let _ = run.ioctl(&device, PERFCOUNTER_QUERY, &mut argument);
}

/// PERFCOUNTER_READ.
pub(super) fn read(run: &mut Run<'_>) {
    let (_, Some(device)) = run.some_file() else {
        return;
    };
    let list: Vec<_> = (0..=run.dice.below(4))
        .map(|_| {
            let (groupid, countable) = counter(run);
            PerfcounterReadGroup {
                groupid,
                countable,
                value: 0,
            }
        })
        .collect();
    let mut argument = PerfcounterRead {
        reads: run.list(&list),
        count: run.dice.count(5),
        ..PerfcounterRead::default()
    };
    let _ = run.ioctl(&device, PERFCOUNTER_READ, &mut argument);
}
