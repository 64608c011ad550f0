// SPDX-License-Identifier: GPL-2.0

//! Memory of others, and what is left when a call fails half way.

use std::fs;

use kgsl_shim::abi::memory::{
    GpuobjImport, GpuobjImportUserAddress, GPUOBJ_IMPORT, MEMFLAGS_GPUREADONLY, USER_MEM_TYPE_ADDR,
};
use rustix::io::Errno;

use super::{faults, has_nothing, open, works, PAGE};
use crate::client::{address, Access, Bench, Device, Mapping, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    cve_2022_25664_the_gpu_never_sees_what_was_there_before,
    cve_2021_1905_a_pinning_that_fails_is_undone,
    cve_2021_1906_an_address_that_was_freed_is_free,
    read_only_memory_stays_read_only,
];

/// Pages of what is allocated and freed over and over.
const PAGES: usize = 16;

/// What the GPU reads there, one dword of each page.
fn gpu_reads(device: &Device, object: &Object) -> Vec<u32> {
    let bench = Bench::new(device);
    let mut commands = Commands::default();
    for page in 0..PAGES as u64 {
        let from = object.gpu_address + page * PAGE + 0x40;
        commands.mem_to_mem(bench.dword(page), from, bench.dword(0x100));
    }
    bench.run(&commands);
    bench.memory.read(0, PAGES)
}

fn cve_2022_25664_the_gpu_never_sees_what_was_there_before() {
    for round in 1..9 {
        let device = open();
        let object = Object::gpumem(&device, PAGES as u64 * PAGE, 0).expect("there is memory");
        assert_eq!(gpu_reads(&device, &object), [0; PAGES], "round {round}");
        let mapping = object.map(&device).expect("it is mapped");
        mapping.write(0, &vec![0x05ec_2e70; PAGES * 1024]);
        if round % 2 == 0 {
            // One time it goes by itself, the other with its file.
            object.free(&device).expect("it is freed");
        }
    }
}

fn import(device: &Device, virtaddr: u64, pages: u64) -> Result<u32, Errno> {
    let mut from = GpuobjImportUserAddress { virtaddr };
    let mut argument = GpuobjImport {
        private: address(&mut from),
        private_len: pages * PAGE,
        kind: USER_MEM_TYPE_ADDR,
        ..GpuobjImport::default()
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
    Ok(argument.id)
}

/// How many KiB the process has pinned.
fn pinned() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmPin:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|word| word.parse().ok())
        .expect("the kernel tells")
}

/// The error path gave pages back that it had not got, or forgot some that it had.
fn cve_2021_1905_a_pinning_that_fails_is_undone() {
    let device = open();
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    for hidden in 1..PAGES {
        let length = hidden * 4096;
        memory
            .protect_end(length, Access::Nothing)
            .expect("it is hidden");
        for first in [0, (PAGES - hidden) as u64 / 2] {
            let refused = import(
                &device,
                memory.address() + first * PAGE,
                PAGES as u64 - first,
            );
            assert_eq!(refused, Err(Errno::FAULT), "{hidden} pages are hidden");
            assert_eq!(pinned(), 0);
        }
        memory
            .protect_end(length, Access::ReadWrite)
            .expect("it is shown");
    }
    has_nothing(&device);
    import(&device, memory.address(), PAGES as u64).expect("all of it is there");
    works(&device);
}

/// What was unmapped on an error path stayed in the address space, or another's place was given away.
fn cve_2021_1906_an_address_that_was_freed_is_free() {
    let device = open();
    let neighbour = Object::gpumem(&device, PAGE, 0).expect("there is memory");
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    let id = import(&device, memory.address(), 4).expect("it is imported");
    let at = Object::info(&device, id).expect("it is there").gpuaddr;
    let object = Object {
        id,
        gpu_address: at,
        size: 4 * PAGE,
        flags: 0,
    };
    object.free(&device).expect("it is freed");
    assert_eq!(object.free(&device), Err(Errno::INVAL), "a second time");
    memory.protect(4096, Access::Nothing).expect("it is hidden");
    for _ in 0..50 {
        assert_eq!(import(&device, memory.address(), 4), Err(Errno::FAULT));
    }
    let info = Object::info(&device, neighbour.id).expect("it is there");
    assert_eq!(info.gpuaddr, neighbour.gpu_address);
    let next = Object::gpumem(&device, 4 * PAGE, 0).expect("there is memory");
    assert_eq!(
        (next.id, next.gpu_address),
        (id, at),
        "id and place are free"
    );
    works(&device);
}

/// Whether a mapping of the program was read-only was asked once, and it was pinned for writing.
fn read_only_memory_stays_read_only() {
    let device = open();
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    memory.write(0, &[7]);
    memory
        .protect(PAGES * 4096, Access::Read)
        .expect("it is read-only");
    let id = import(&device, memory.address(), 4).expect("it is imported");
    let info = Object::info(&device, id).expect("it is there");
    assert_eq!(info.flags & MEMFLAGS_GPUREADONLY, MEMFLAGS_GPUREADONLY);
    faults(&device, Commands::default().mem_write(info.gpuaddr, &[8]));
    assert_eq!(memory.read(0, 1), [7]);
}
