// SPDX-License-Identifier: GPL-2.0

//! SYNCSOURCE_*: fences that the program signals itself.

use std::os::fd::AsFd;

use kgsl_shim::abi::sync::{
    SyncsourceCreate, SyncsourceFence, SYNCSOURCE_CREATE, SYNCSOURCE_CREATE_FENCE,
    SYNCSOURCE_DESTROY, SYNCSOURCE_SIGNAL_FENCE,
};
use rustix::io::Errno;

use super::{open, CANCELED, LONG};
use crate::client::{Bench, Context, Device, Fence, Submission, SwSync, Syncpoint};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    the_program_signals_a_fence,
    the_gpu_waits_for_the_program,
    fences_signal_in_any_order,
    destroying_a_source_cancels_its_fences,
    closing_the_last_file_cancels_its_fences,
    a_fence_is_signaled_once,
    a_source_that_is_none_is_refused,
    sources_are_bounded,
    the_module_stays_while_a_fence_is_held,
];

fn create(device: &Device) -> u32 {
    let mut argument = SyncsourceCreate::default();
    device
        .ioctl(SYNCSOURCE_CREATE, &mut argument)
        .expect("a source is created");
    argument.id
}

fn sources_are_bounded() {
    let device = open();
    let refused = (0..).find_map(|count| {
        let mut argument = SyncsourceCreate::default();
        let created = device.ioctl(SYNCSOURCE_CREATE, &mut argument);
        created.err().map(|errno| (count, errno))
    });
    assert_eq!(refused, Some((65_536, Errno::NOSPC)));
}

fn destroy(device: &Device, id: u32) -> Result<(), Errno> {
    let mut argument = SyncsourceCreate {
        id,
        ..SyncsourceCreate::default()
    };
    device.ioctl(SYNCSOURCE_DESTROY, &mut argument)
}

fn fence(device: &Device, id: u32) -> Result<Fence, Errno> {
    let mut argument = SyncsourceFence {
        id,
        ..SyncsourceFence::default()
    };
    device.ioctl(SYNCSOURCE_CREATE_FENCE, &mut argument)?;
    Ok(Fence::take(argument.fence_fd))
}

fn signal(device: &Device, id: u32, fence_fd: i32) -> Result<(), Errno> {
    let mut argument = SyncsourceFence {
        id,
        fence_fd,
        ..SyncsourceFence::default()
    };
    device.ioctl(SYNCSOURCE_SIGNAL_FENCE, &mut argument)
}

fn the_program_signals_a_fence() {
    let device = open();
    let id = create(&device);
    let fence = fence(&device, id).expect("there is a fence");
    assert!(!fence.poll(20));
    let (_, timeline) = fence.names();
    assert!(timeline.contains("syncsource"), "{timeline}");
    signal(&device, id, fence.descriptor()).expect("it is signaled");
    assert!(fence.is_signaled());
    assert_eq!(fence.status(), 1);
    destroy(&device, id).expect("it is destroyed");
}

fn the_gpu_waits_for_the_program() {
    let device = open();
    let bench = Bench::new(&device);
    let id = create(&device);
    let fence = fence(&device, id).expect("there is a fence");
    let (address, dwords) = bench.write_at(0, Commands::default().mem_write(bench.dword(0), &[7]));
    let submission = Submission {
        buffers: vec![Context::buffer(address, dwords as u64 * 4)],
        ..Submission::default()
    };
    let timestamp = submission
        .submit(&device, &bench.context, &[Syncpoint::Fence(&fence)])
        .expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, 100), Err(Errno::TIMEDOUT));
    signal(&device, id, fence.descriptor()).expect("it is signaled");
    bench.wait(timestamp);
    assert_eq!(bench.memory.read(0, 1), [7]);
}

fn fences_signal_in_any_order() {
    let device = open();
    let id = create(&device);
    let fences = [(); 3].map(|()| fence(&device, id).expect("there is a fence"));
    signal(&device, id, fences[2].descriptor()).expect("it is signaled");
    assert_eq!(
        fences.each_ref().map(Fence::is_signaled),
        [false, false, true]
    );
    signal(&device, id, fences[0].descriptor()).expect("it is signaled");
    assert_eq!(
        fences.each_ref().map(Fence::is_signaled),
        [true, false, true]
    );
}

fn destroying_a_source_cancels_its_fences() {
    let device = open();
    let id = create(&device);
    let (signaled, pending) = (
        fence(&device, id).expect("there is a fence"),
        fence(&device, id).expect("there is a fence"),
    );
    signal(&device, id, signaled.descriptor()).expect("it is signaled");
    destroy(&device, id).expect("it is destroyed");
    assert!(pending.poll(LONG));
    assert_eq!((signaled.status(), pending.status()), (1, CANCELED));
    assert_eq!(destroy(&device, id), Err(Errno::INVAL));
}

fn closing_the_last_file_cancels_its_fences() {
    let (device, other) = (open(), open());
    let id = create(&device);
    let pending = fence(&device, id).expect("there is a fence");
    drop(device);
    assert!(!pending.poll(20), "sources belong to the process");
    drop(other);
    assert!(pending.poll(LONG));
    assert_eq!(pending.status(), CANCELED);
}

fn a_fence_is_signaled_once() {
    let device = open();
    let (first, second) = (create(&device), create(&device));
    let of_first = fence(&device, first).expect("there is a fence");
    let foreign = SwSync::new().expect("the kernel has sw_sync").fence(1);
    let file = std::fs::File::open("/dev/null").expect("it opens");
    let refused = |id, descriptor| {
        assert_eq!(
            signal(&device, id, descriptor),
            Err(Errno::INVAL),
            "{id} {descriptor}"
        );
    };
    refused(second, of_first.descriptor());
    refused(first, foreign.descriptor());
    refused(first, -1);
    refused(first, std::os::fd::AsRawFd::as_raw_fd(&file.as_fd()));
    assert!(!of_first.is_signaled());
    signal(&device, first, of_first.descriptor()).expect("it is signaled");
    refused(first, of_first.descriptor());
}

fn a_source_that_is_none_is_refused() {
    let device = open();
    let id = create(&device);
    let fence_of = fence(&device, id).expect("there is a fence");
    for unknown in [0, id + 1, u32::MAX] {
        assert_eq!(
            fence(&device, unknown).err(),
            Some(Errno::INVAL),
            "{unknown}"
        );
        let refused = signal(&device, unknown, fence_of.descriptor());
        assert_eq!(refused, Err(Errno::INVAL), "{unknown}");
        assert_eq!(destroy(&device, unknown), Err(Errno::INVAL), "{unknown}");
    }
}

/// The fence's functions are the module's, whether it has signaled or not.
fn the_module_stays_while_a_fence_is_held() {
    let module = Module::named("kgsl_shim");
    let device = open();
    let id = create(&device);
    let fence = fence(&device, id).expect("there is a fence");
    assert_eq!(module.remove(), Err(Errno::AGAIN));
    drop(device);
    assert_eq!(fence.status(), CANCELED);
    assert_eq!(module.remove(), Err(Errno::AGAIN));
    drop(fence);
    // The kernel lets go of what a file has held a little after the file is closed.
    while module.remove() == Err(Errno::AGAIN) {
        std::thread::yield_now();
    }
    module.insert().expect("the module is inserted");
}
