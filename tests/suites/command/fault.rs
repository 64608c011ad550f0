// SPDX-License-Identifier: GPL-2.0

//! A context whose work cannot be done: who is told what, and that nobody else notices.

use std::thread;

use kgsl_shim::abi::command::{
    Fault, FaultReport, PageFaultReport, FAULT_TYPE_NO_FAULT, FAULT_TYPE_PAGEFAULT,
    GET_FAULT_REPORT, PAGEFAULT_READ, PAGEFAULT_WRITE,
};
use kgsl_shim::abi::context::{CONTEXT_FAULT_INFO, TIMESTAMP_QUEUED, TIMESTAMP_RETIRED};
use kgsl_shim::abi::device::{
    ContextProperty, ContextPropertyFault, CONTEXT_PROP_FAULTS, CTX_STAT_GUILTY, CTX_STAT_INNOCENT,
    CTX_STAT_NO_ERROR, PROPERTY_CONTEXT_PROPERTY, PROPERTY_GPU_RESET_STAT,
};
use rustix::io::Errno;

use super::{open, LONG, NOWHERE};
use crate::client::{address, fault_report, Bench, Context, Device};
use crate::kernel_log::Reader;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_hang_ends_the_context_and_all_that_waited,
    others_go_on,
    the_guilty_stay_guilty,
    a_report_says_where_the_gpu_could_not_go,
    a_hang_has_no_page_fault,
    there_is_no_report_of_a_good_context,
    a_report_that_is_none_is_refused,
    a_context_remembers_its_faults,
    a_property_that_is_none_is_refused,
    a_full_queue_ends_with_its_context,
];

/// An address where the GPU has nothing.
const NO_MEMORY: u64 = 0x40_4000_0000;

fn reset_status(device: &Device, context: &Context<'_>) -> u32 {
    let mut value = context.id;
    device
        .read_property(PROPERTY_GPU_RESET_STAT, &mut value)
        .expect("the property is read");
    value
}

fn a_hang_ends_the_context_and_all_that_waited() {
    let mut log = Reader::from_now().expect("the kernel log opens");
    let device = open();
    let bench = Bench::new(&device);
    let hung = bench.block(0);
    let behind = bench
        .submit_at(0, Commands::default().mem_write(bench.dword(1), &[1]))
        .expect("it is submitted");
    thread::scope(|scope| {
        for timestamp in [hung, behind] {
            let context = &bench.context;
            scope.spawn(move || assert_eq!(context.wait(timestamp, LONG), Err(Errno::DEADLK)));
        }
    });
    assert_eq!(bench.context.wait(0, LONG), Err(Errno::DEADLK));
    assert_eq!(bench.memory.read(4, 1), [0], "what waited was dropped");
    for kind in [TIMESTAMP_QUEUED, TIMESTAMP_RETIRED] {
        assert_eq!(bench.context.timestamp(kind), Ok(behind), "{kind}");
    }
    assert_eq!(reset_status(&device, &bench.context), CTX_STAT_GUILTY);
    assert_eq!(reset_status(&device, &bench.context), CTX_STAT_NO_ERROR);
    let refused = bench.submit_at(0, Commands::default().nop(&[]));
    assert_eq!(refused, Err(Errno::DEADLK));
    let said = log.read().expect("the kernel log is read");
    assert!(said.contains("waited in vain"), "{said}");
}

fn others_go_on() {
    let device = open();
    let (guilty, innocent) = (Bench::new(&device), Bench::new(&device));
    innocent.block(0);
    let behind = innocent
        .submit_at(0, Commands::default().mem_write(innocent.dword(1), &[1]))
        .expect("it is submitted");
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    let timestamp = guilty.submit_at(0, &bad).expect("it is submitted");
    assert_eq!(guilty.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    innocent.release(0);
    innocent.wait(behind);
    assert_eq!(innocent.memory.read(4, 1), [1]);
    assert_eq!(reset_status(&device, &innocent.context), CTX_STAT_INNOCENT);
    assert_eq!(reset_status(&device, &innocent.context), CTX_STAT_NO_ERROR);
}

/// Whoever has caused a reset is told so, though another has caused one since.
fn the_guilty_stay_guilty() {
    let device = open();
    let benches = [(); 3].map(|()| Bench::new(&device));
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    for bench in &benches {
        let timestamp = bench.submit_at(0, &bad).expect("it is submitted");
        assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    }
    for bench in &benches {
        assert_eq!(reset_status(&device, &bench.context), CTX_STAT_GUILTY);
    }
}

/// A context that keeps its faults, ended by the commands.
fn ended<'device>(device: &'device Device, commands: &Commands) -> Bench<'device> {
    let bench = Bench::with_flags(device, Context::USUAL | CONTEXT_FAULT_INFO);
    let timestamp = bench.submit_at(0, commands).expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    bench
}

fn a_report_says_where_the_gpu_could_not_go() {
    let device = open();
    let write = Commands::default().mem_write(NO_MEMORY, &[1]).clone();
    let read = Commands::default()
        .mem_to_mem(NO_MEMORY + 64, NO_MEMORY, NO_MEMORY)
        .clone();
    for (commands, direction) in [(write, PAGEFAULT_WRITE), (read, PAGEFAULT_READ)] {
        let bench = ended(&device, &commands);
        let mut page_fault = PageFaultReport::default();
        let mut faults = [Fault {
            kind: FAULT_TYPE_PAGEFAULT,
            ..Fault::default()
        }];
        fault_report(&device, bench.context.id, &mut faults).expect("it is counted");
        assert_eq!(faults[0].count, 1);
        faults[0].fault = address(&mut page_fault);
        faults[0].size = 32;
        fault_report(&device, bench.context.id, &mut faults).expect("it is reported");
        assert_eq!(page_fault.fault_addr & !0xfff, NO_MEMORY);
        assert_eq!(
            page_fault.flags & (PAGEFAULT_READ | PAGEFAULT_WRITE),
            direction
        );
    }
}

fn a_hang_has_no_page_fault() {
    let device = open();
    let bench = ended(&device, Commands::default().packet(0x7f, &[0]));
    let mut faults = [FAULT_TYPE_NO_FAULT, FAULT_TYPE_PAGEFAULT].map(|kind| Fault {
        kind,
        ..Fault::default()
    });
    fault_report(&device, bench.context.id, &mut faults).expect("there is a report");
    assert_eq!(faults.map(|fault| fault.count), [0, 0]);
}

fn there_is_no_report_of_a_good_context() {
    let (device, other) = (open(), open());
    let good = Context::with_flags(&device, Context::USUAL | CONTEXT_FAULT_INFO)
        .expect("a context is created");
    let foreign = ended(&other, Commands::default().mem_write(NO_MEMORY, &[1]));
    let forgetful = Bench::new(&device);
    let timestamp = forgetful
        .submit_at(0, Commands::default().mem_write(NO_MEMORY, &[1]))
        .expect("it is submitted");
    assert_eq!(forgetful.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    let mut faults = [Fault {
        kind: FAULT_TYPE_PAGEFAULT,
        ..Fault::default()
    }];
    for id in [
        0,
        good.id,
        foreign.context.id,
        forgetful.context.id,
        u32::MAX,
    ] {
        assert_eq!(
            fault_report(&device, id, &mut faults),
            Err(Errno::INVAL),
            "{id}"
        );
    }
}

fn a_report_that_is_none_is_refused() {
    let device = open();
    let bench = ended(&device, Commands::default().mem_write(NO_MEMORY, &[1]));
    let id = bench.context.id;
    assert_eq!(fault_report(&device, id, &mut []), Err(Errno::INVAL));
    let mut unknown = [Fault {
        kind: 77,
        ..Fault::default()
    }];
    assert_eq!(fault_report(&device, id, &mut unknown), Err(Errno::INVAL));
    for nowhere in NOWHERE {
        let mut argument = FaultReport {
            faultlist: nowhere,
            faultnents: 1,
            faultsize: 24,
            context_id: id,
            pad: 0,
        };
        let refused = device.ioctl(GET_FAULT_REPORT, &mut argument);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
        let mut faults = [Fault {
            fault: nowhere,
            kind: FAULT_TYPE_PAGEFAULT,
            count: 1,
            size: 32,
            pad: 0,
        }];
        let refused = fault_report(&device, id, &mut faults);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
    }
}

fn faults(device: &Device, query: ContextProperty) -> Result<ContextPropertyFault, Errno> {
    let mut faults = ContextPropertyFault::default();
    let mut query = ContextProperty {
        data: address(&mut faults),
        ..query
    };
    device.read_property(PROPERTY_CONTEXT_PROPERTY, &mut query)?;
    Ok(faults)
}

fn query(context_id: u32) -> ContextProperty {
    ContextProperty {
        size: 8,
        property: CONTEXT_PROP_FAULTS,
        context_id,
        ..ContextProperty::default()
    }
}

fn a_context_remembers_its_faults() {
    let device = open();
    let good = Bench::new(&device);
    good.run(Commands::default().nop(&[]));
    let none = faults(&device, query(good.context.id)).expect("it is told");
    assert_eq!((none.faults, none.timestamp), (0, 0));
    good.run(Commands::default().nop(&[]));
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    let timestamp = good.submit_at(0, &bad).expect("it is submitted");
    assert_eq!(good.context.wait(timestamp, LONG), Err(Errno::DEADLK));
    let one = faults(&device, query(good.context.id)).expect("it is told");
    assert_eq!((one.faults, one.timestamp), (1, 3));
}

fn a_property_that_is_none_is_refused() {
    let (device, other) = (open(), open());
    let own = Context::new(&device).expect("a context is created").id;
    let foreign = Context::new(&other).expect("a context is created").id;
    for id in [0, foreign, u32::MAX] {
        let refused = faults(&device, query(id)).err();
        assert_eq!(refused, Some(Errno::INVAL), "{id}");
    }
    for property in [0, 2, u32::MAX] {
        let unknown = ContextProperty {
            property,
            ..query(own)
        };
        let refused = faults(&device, unknown).err();
        assert_eq!(refused, Some(Errno::OPNOTSUPP), "{property}");
    }
    let short = ContextProperty {
        size: 4,
        ..query(own)
    };
    assert_eq!(faults(&device, short).err(), Some(Errno::INVAL));
    for data in NOWHERE {
        let mut nowhere = ContextProperty { data, ..query(own) };
        let refused = device.read_property(PROPERTY_CONTEXT_PROPERTY, &mut nowhere);
        assert_eq!(refused, Err(Errno::FAULT), "{data:#x}");
    }
}

/// The GPU waits in vain, the queue behind is full, and the program is told when the context ends.
fn a_full_queue_ends_with_its_context() {
    let device = open();
    let bench = Bench::new(&device);
    bench.block(0);
    let nop = Commands::default().nop(&[]).clone();
    let refused = loop {
        if let Err(errno) = bench.submit_at(0, &nop) {
            break errno;
        }
    };
    assert_eq!(refused, Errno::DEADLK);
}
