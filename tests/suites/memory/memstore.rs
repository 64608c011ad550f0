// SPDX-License-Identifier: GPL-2.0

//! The timestamp memory.

use kgsl_shim::abi::context::TIMESTAMP_RETIRED;
use kgsl_shim::abi::memory::{MEMSTORE_SIZE, MEMSTORE_TOKEN};
use rustix::io::Errno;

use super::{open, PAGE};
use crate::client::{Access, Bench, Device, Mapping};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    the_timestamp_memory_is_read_only,
    the_timestamp_memory_shows_what_retires,
];

fn memstore(device: &Device, length: u64, access: Access) -> Result<Mapping, Errno> {
    let length = usize::try_from(length).expect("lengths are small");
    Mapping::new(device, length, access, MEMSTORE_TOKEN)
}

fn the_timestamp_memory_is_read_only() {
    let device = open();
    let writable = memstore(&device, MEMSTORE_SIZE, Access::ReadWrite);
    assert_eq!(writable.err(), Some(Errno::PERM));
    for length in [PAGE, MEMSTORE_SIZE + PAGE] {
        let part = memstore(&device, length, Access::Read);
        assert_eq!(part.err(), Some(Errno::INVAL), "{length:#x}");
    }
    let mapping = memstore(&device, MEMSTORE_SIZE, Access::Read).expect("it is mapped");
    let made_writable = mapping.protect(0x1000, Access::ReadWrite);
    assert_eq!(made_writable, Err(Errno::ACCESS));
}

fn the_timestamp_memory_shows_what_retires() {
    let device = open();
    let shown = memstore(&device, MEMSTORE_SIZE, Access::Read).expect("it is mapped");
    let bench = Bench::new(&device);
    let slot = usize::try_from(bench.context.id).expect("ids are small") * 40;
    let timestamps = || (shown.read(slot, 1)[0], shown.read(slot + 8, 1)[0]);
    assert_eq!(timestamps(), (0, 0));
    bench.run(Commands::default().nop(&[]));
    assert_eq!(timestamps(), (1, 1));
    let blocked = bench.block(0);
    bench
        .submit_at(0, Commands::default().nop(&[]))
        .expect("it is submitted");
    while timestamps().0 != blocked {
        std::thread::yield_now();
    }
    assert_eq!(timestamps(), (2, 1), "begun, but not finished");
    bench.release(0);
    bench.wait(3);
    assert_eq!(timestamps(), (3, 3));
    assert_eq!(bench.context.timestamp(TIMESTAMP_RETIRED), Ok(3));
}
