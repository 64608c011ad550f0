// SPDX-License-Identifier: GPL-2.0

//! Imported dma-bufs are mapped for the GPU when work is submitted that may need them: whoever comes before that, or
//! goes, is not to find out.

use kgsl_shim::abi::memory::MEMFLAGS_GPUREADONLY;

use super::binding::sparse;
use super::{gpu_cannot_write, gpu_reads, gpu_writes, open, PAGE};
use crate::client::{bind, bound, system_heap, Access, Bench, Device, Mapping, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    work_that_was_submitted_before_the_import_reaches_it,
    a_bound_buffer_is_reached_when_it_has_been_freed,
    many_buffers_come_and_go_without_work,
    two_threads_submit_what_needs_a_new_import,
];

/// More buffers than wait to be mapped.
const MANY: u32 = 100;

/// A dma-buf of one page, and as the process sees it.
fn buffer() -> (std::os::fd::OwnedFd, Mapping) {
    let buffer = system_heap(PAGE).expect("the kernel has a system heap");
    let mapping = Mapping::new(&buffer, 0x1000, Access::ReadWrite, 0).expect("it is mapped");
    (buffer, mapping)
}

/// Imports a dma-buf; its id and its GPU address.
fn import(device: &Device, buffer: &std::os::fd::OwnedFd) -> (u32, u64) {
    let id = Object::import_dma_buf(device, buffer).expect("it is imported");
    let info = Object::info(device, id).expect("it is known");
    assert_eq!(info.flags & MEMFLAGS_GPUREADONLY, 0);
    (id, info.gpuaddr)
}

/// A copy of a dword to the eighth one of the bench's data.
fn copy(bench: &Bench<'_>, from: u64) -> Commands {
    let (to, zero) = (bench.dword(8), bench.dword(9));
    Commands::default().mem_to_mem(to, from, zero).clone()
}

/// The work waits, and learns only then what it is to read.
fn work_that_was_submitted_before_the_import_reaches_it() {
    let device = open();
    let bench = Bench::new(&device);
    let (buffer, mapping) = buffer();
    mapping.write(16, &[41]);
    let (at, dwords) = bench.write_at(1024, &copy(&bench, bench.dword(0)));
    let commands = Commands::default()
        .wait_until_equal(bench.dword(0), 1)
        .indirect_buffer(at, dwords)
        .clone();
    let timestamp = bench.submit_at(0, &commands).expect("it is submitted");
    let (_, address) = import(&device, &buffer);
    bench.write_at(1024, &copy(&bench, address + 16));
    bench.release(0);
    bench.wait(timestamp);
    assert_eq!(bench.memory.read(32, 1), [41]);
}

fn a_bound_buffer_is_reached_when_it_has_been_freed() {
    let device = open();
    let (buffer, mapping) = buffer();
    let target = sparse(&device, 2, 0);
    let id = Object::import_dma_buf(&device, &buffer).expect("it is imported");
    let info = Object::info(&device, id).expect("it is known");
    let child = Object {
        id,
        gpu_address: info.gpuaddr,
        size: info.size,
        flags: info.flags,
    };
    bind(&device, &target, &[bound(&child, 0, PAGE, PAGE)]).expect("it is bound");
    child.free(&device).expect("it is freed");
    gpu_writes(&device, target.gpu_address + PAGE + 4, 42);
    assert_eq!(mapping.read(4, 1), [42]);
}

fn many_buffers_come_and_go_without_work() {
    let device = open();
    let bench = Bench::new(&device);
    let (buffer, mapping) = buffer();
    mapping.write(0, &[43]);
    let all: Vec<_> = (0..MANY).map(|_| import(&device, &buffer)).collect();
    let (freed, kept) = all.split_at(all.len() / 2);
    for (id, _) in freed {
        Object::free_id(&device, *id).expect("it is freed");
    }
    // Before there are benches that get its place.
    gpu_cannot_write(&bench, freed[0].1);
    for (_, address) in kept {
        assert_eq!(gpu_reads(&device, *address), 43);
    }
}

fn two_threads_submit_what_needs_a_new_import() {
    let device = open();
    let (buffer, mapping) = buffer();
    let benches = [Bench::new(&device), Bench::new(&device)];
    for round in 0..MANY {
        mapping.write(0, &[round]);
        let (id, address) = import(&device, &buffer);
        std::thread::scope(|scope| {
            for bench in &benches {
                scope.spawn(move || {
                    bench.run(&copy(bench, address));
                    assert_eq!(bench.memory.read(32, 1), [round]);
                });
            }
        });
        Object::free_id(&device, id).expect("it is freed");
    }
}
