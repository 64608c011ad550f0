// SPDX-License-Identifier: GPL-2.0

//! Calls that race: each of these has been a hole in some driver. The kernel's log tells of what a test itself cannot see.
//!
//! Others stand where what they race with is: binding and unbinding (`memory`), freeing and submitting (`memory`),
//! destroying timelines and contexts and their fences (`timeline`, `sync`).

use std::thread;
use std::time::Duration;

use kgsl_shim::abi::command::CMDBATCH_MARKER;
use kgsl_shim::abi::context::CONTEXT_FAULT_INFO;
use kgsl_shim::abi::device::PROPERTY_GPU_RESET_STAT;
use kgsl_shim::abi::memory::{
    GpuEventTimestamp, GpuobjFree, GpuobjImport, GpuobjImportDmaBuf, GpuobjImportUserAddress,
    GPUOBJ_FREE, GPUOBJ_FREE_ON_EVENT, GPUOBJ_IMPORT, GPU_EVENT_TIMESTAMP, USER_MEM_TYPE_ADDR,
    USER_MEM_TYPE_DMABUF,
};
use rustix::io::Errno;

use crate::client::{
    address, fork_briefly, page_fault, pinned, system_heap, Access, Bench, Context, Device,
    Mapping, Object, Over, Submission,
};
use crate::pm4::Commands;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "race",
    groups: &[crate::tests![
        closing_and_submitting,
        closing_and_importing,
        closing_and_mapping,
        mapping_and_freeing,
        freed_ids_and_those_who_guess_them,
        forking_and_pinning,
        protecting_and_pinning,
        hiding_and_pinning,
        importing_a_buffer_and_closing_it,
        creating_and_destroying_contexts_of_one_process,
        faulting_and_asking,
        freeing_on_timestamps_and_closing,
    ]],
};

/// The size of a page, in bytes.
const PAGE: u64 = 0x1000;

/// Pages of the memory that is pinned.
const PAGES: usize = 64;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// Does one thing over and over while another is done so many times.
fn meanwhile(times: usize, once: impl Fn(usize), others: &[&(dyn Fn() + Sync)]) {
    let over = &Over::default();
    thread::scope(|scope| {
        for other in others {
            scope.spawn(move || over.until(other));
        }
        over.after(|| (0..times).for_each(once));
    });
}

fn import_user(device: &Device, memory: &Mapping, pages: usize) -> Result<u32, Errno> {
    let mut from = GpuobjImportUserAddress {
        virtaddr: memory.address(),
    };
    let mut argument = GpuobjImport {
        private: address(&mut from),
        private_len: pages as u64 * PAGE,
        kind: USER_MEM_TYPE_ADDR,
        ..GpuobjImport::default()
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
    Ok(argument.id)
}

fn import_buffer(device: &Device, fd: i32) -> Result<u32, Errno> {
    let mut from = GpuobjImportDmaBuf { fd };
    let mut argument = GpuobjImport {
        private: address(&mut from),
        private_len: 4,
        kind: USER_MEM_TYPE_DMABUF,
        ..GpuobjImport::default()
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
    Ok(argument.id)
}

fn free(device: &Device, id: u32) -> Result<(), Errno> {
    let object = Object {
        id,
        gpu_address: 0,
        size: 0,
        flags: 0,
    };
    object.free(device)
}

/// The descriptor that a thread uses is closed by another, which opens the device again: calls fail, or meet a file that
/// knows nothing of what they name.
fn while_closed(call: impl Fn(&Device) + Sync) {
    let slot = open();
    meanwhile(
        200,
        |_| slot.reopen().expect("the node opens"),
        &[&|| call(&slot), &|| call(&slot)],
    );
}

fn closing_and_submitting() {
    let keeper = open();
    let nop = Object::gpumem(&keeper, PAGE, 0).expect("memory is allocated");
    let commands = Commands::default().nop(&[1, 2, 3]).clone();
    nop.map(&keeper)
        .expect("it is mapped")
        .write(0, commands.dwords());
    while_closed(|device| {
        let Ok(context) = Context::new(device) else {
            return;
        };
        for _ in 0..4 {
            let submitted = context.submit(nop.gpu_address, commands.dwords().len());
            assert!(
                matches!(submitted, Ok(_) | Err(Errno::INVAL | Errno::NOENT)),
                "{submitted:?}"
            );
        }
    });
    assert!(Object::info(&keeper, nop.id).is_ok(), "it is still there");
    keeper_works(&keeper);
}

/// The process still has its memory, and its contexts work.
fn keeper_works(keeper: &Device) {
    let bench = Bench::new(keeper);
    bench.run(Commands::default().mem_write(bench.dword(0), &[7]));
    assert_eq!(bench.memory.read(0, 1), [7]);
}

fn closing_and_importing() {
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    while_closed(|device| {
        if let Ok(id) = import_user(device, &memory, PAGES) {
            // Nobody else may have freed it, unless the process has lost everything with its last file.
            let freed = free(device, id);
            assert!(matches!(freed, Ok(()) | Err(Errno::INVAL)), "{freed:?}");
        }
    });
    assert_eq!(pinned(), 0, "it goes with the files");
}

fn closing_and_mapping() {
    while_closed(|device| {
        let Ok(object) = Object::gpumem(device, PAGE, 0) else {
            return;
        };
        if let Ok(mapping) = object.map(device) {
            mapping.write(0, &[1]);
            assert_eq!(
                mapping.read(0, 1),
                [1],
                "a mapping stays when its file goes"
            );
        }
    });
}

/// A mapping shows the object as it was, or the next one of that id, and never what was freed.
fn mapping_and_freeing() {
    let device = open();
    let map = || {
        if let Ok(mapping) = Mapping::new(&device, 4096, Access::ReadWrite, PAGE) {
            let seen = mapping.read(0, 1)[0];
            assert!(seen == 0 || seen == 0x600d, "{seen:#x}");
            mapping.write(0, &[0x600d]);
        }
    };
    meanwhile(
        1000,
        |_| {
            let object = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
            object.free(&device).expect("it is freed");
        },
        &[&map, &map],
    );
}

/// Whoever guesses an id that is given out anew sees a whole object or none.
fn freed_ids_and_those_who_guess_them() {
    let device = open();
    let guess = || {
        for id in 1..4 {
            if let Ok(info) = Object::info(&device, id) {
                assert!([PAGE, 3 * PAGE].contains(&info.size), "{info:x?}");
                assert!(info.gpuaddr >= 0x40_0000_0000, "{info:x?}");
            }
        }
    };
    let allocate = |size| {
        let object = Object::gpumem(&device, size, 0).expect("memory is allocated");
        object.free(&device).expect("it is freed");
    };
    meanwhile(1000, |_| allocate(PAGE), &[&guess, &|| allocate(3 * PAGE)]);
}

/// A page that is shared with a child cannot be pinned as it is: the kernel gives up some of what it had pinned, and what
/// it leaves in the list is no longer ours to give back.
fn forking_and_pinning() {
    let device = open();
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    let pin = |round: usize| {
        for page in 0..PAGES {
            memory.write(page * 4096, &[u32::try_from(round).expect("it is small")]);
        }
        let id = import_user(&device, &memory, PAGES).expect("it is imported");
        free(&device, id).expect("it is freed");
    };
    meanwhile(150, pin, &[&fork_briefly]);
    let expected = memory.read(0, 1);
    assert!((0..PAGES).all(|page| memory.read(page * 4096, 1) == expected));
    is_shared_with_the_gpu(&device, &memory);
}

fn is_shared_with_the_gpu(device: &Device, memory: &Mapping) {
    let id = import_user(device, memory, PAGES).expect("it is imported");
    let at = Object::info(device, id).expect("it is there").gpuaddr;
    let bench = Bench::new(device);
    for page in [0, PAGES - 1] {
        let offset = page * 4096 + 64;
        bench.run(Commands::default().mem_write(at + offset as u64, &[0x600d]));
        assert_eq!(memory.read(offset, 1), [0x600d]);
    }
}

/// The memory is pinned for writing or for reading, as it is just then.
fn protecting_and_pinning() {
    let device = open();
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    let protect = || {
        for access in [Access::Read, Access::ReadWrite] {
            memory
                .protect(PAGES / 2 * 4096, access)
                .expect("it is protected");
        }
    };
    let pin = |_| {
        let id = import_user(&device, &memory, PAGES).expect("it is imported");
        free(&device, id).expect("it is freed");
    };
    meanwhile(300, pin, &[&protect]);
    is_shared_with_the_gpu(&device, &memory);
}

/// The end of the range comes and goes: all of it is pinned, or nothing.
fn hiding_and_pinning() {
    let device = open();
    let memory = Mapping::anonymous(PAGES * 4096).expect("there is memory");
    let hide = || {
        for access in [Access::Nothing, Access::ReadWrite] {
            memory
                .protect_end(PAGES / 2 * 4096, access)
                .expect("it is protected");
        }
    };
    let bench = Bench::new(&device);
    let pin = |_| match import_user(&device, &memory, PAGES) {
        Ok(id) => {
            let at = Object::info(&device, id).expect("it is there").gpuaddr;
            let end = at + (PAGES * 4096) as u64 - 4;
            // It is read: what came back after the first look at it is pinned for reading.
            bench.run(Commands::default().mem_to_mem(bench.dword(0), end, end));
            free(&device, id).expect("it is freed");
        }
        Err(errno) => assert_eq!(errno, Errno::FAULT),
    };
    meanwhile(300, pin, &[&hide]);
    is_shared_with_the_gpu(&device, &memory);
}

fn importing_a_buffer_and_closing_it() {
    let device = open();
    let import = |fd| {
        let imported = import_buffer(&device, fd);
        if let Ok(id) = imported {
            thread::yield_now();
            free(&device, id).expect("it is freed");
        }
    };
    let number = std::os::fd::AsRawFd::as_raw_fd(&system_heap(4 * PAGE).expect("there is a heap"));
    let buffers = || {
        for _ in 0..4 {
            let buffer = system_heap(4 * PAGE).expect("there is a heap");
            // Long enough for somebody to find it.
            thread::sleep(Duration::from_micros(50));
            drop(buffer);
        }
    };
    meanwhile(2000, |_| import(number), &[&buffers]);
}

fn creating_and_destroying_contexts_of_one_process() {
    let device = open();
    let live = || {
        let bench = Bench::new(&device);
        let timestamp = bench
            .submit_at(0, Commands::default().nop(&[]))
            .expect("it is submitted");
        assert_eq!(bench.context.wait(timestamp, LONG), Ok(()));
        bench.context.destroy().expect("it is destroyed");
        bench.data.free(&device).expect("it is freed");
        bench.commands.free(&device).expect("it is freed");
    };
    let guess = || {
        for id in 1..6 {
            let submitted = Context::of(&device, id).submit(0x1000, 1);
            assert!(submitted.is_err(), "nothing is there");
        }
    };
    meanwhile(100, |_| live(), &[&live, &guess]);
}

/// What is known of a fault goes with its context, while others ask for it.
fn faulting_and_asking() {
    let device = open();
    let fault = || {
        let bench = Bench::with_flags(&device, Context::USUAL | CONTEXT_FAULT_INFO);
        let bad = Commands::default().mem_write(0x12_3456_7000, &[1]).clone();
        let timestamp = bench.submit_at(0, &bad).expect("it is submitted");
        assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
        bench.context.destroy().expect("it is destroyed");
        bench.data.free(&device).expect("it is freed");
        bench.commands.free(&device).expect("it is freed");
    };
    let ask = || {
        for context_id in 1..6 {
            if let Ok((_, report)) = page_fault(&device, context_id) {
                assert!([0, 0x12_3456_7000].contains(&report.fault_addr));
            }
            let mut status = context_id;
            let _ = device.read_property(PROPERTY_GPU_RESET_STAT, &mut status);
        }
    };
    meanwhile(25, |_| fault(), &[&ask, &ask, &fault]);
}

/// What is freed later is freed once, though its context or the whole process goes first.
fn freeing_on_timestamps_and_closing() {
    while_closed(|device| {
        let Ok(context) = Context::new(device) else {
            return;
        };
        for _ in 0..4 {
            let Ok(object) = Object::gpumem(device, PAGE, 0) else {
                return;
            };
            let marked = marker().submit(device, &context, &[]);
            let mut event = GpuEventTimestamp {
                context_id: context.id,
                timestamp: marked.unwrap_or(0),
            };
            let mut argument = GpuobjFree {
                flags: GPUOBJ_FREE_ON_EVENT,
                private: address(&mut event),
                id: object.id,
                kind: GPU_EVENT_TIMESTAMP,
                len: 8,
                ..GpuobjFree::default()
            };
            let freed = device.ioctl(GPUOBJ_FREE, &mut argument);
            assert!(
                matches!(freed, Ok(()) | Err(Errno::INVAL | Errno::BUSY)),
                "{freed:?}"
            );
        }
    });
}

fn marker() -> Submission {
    Submission {
        flags: CMDBATCH_MARKER,
        ..Submission::default()
    }
}
