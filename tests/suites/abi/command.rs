// SPDX-License-Identifier: GPL-2.0

//! GPU_COMMAND: what the GPU does with a submission, and which submissions it refuses.

use std::thread;

use kgsl_shim::abi::command::{
    CommandObject, GpuCommand, CMDBATCH_MARKER, GPU_COMMAND, MAX_NUMIBS,
};
use kgsl_shim::abi::context::{TIMESTAMP_CONSUMED, TIMESTAMP_QUEUED, TIMESTAMP_RETIRED};
use rustix::io::Errno;

use super::{open, LONG, PAGE};
use crate::client::{address, Context, Device, Mapping, Object};
use crate::pm4::{Commands, Generation};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    the_gpu_writes_memory,
    timestamps_count_up,
    submissions_of_a_context_run_in_order,
    one_submission_may_have_many_buffers,
    a_marker_retires,
    a_wait_ends_at_its_timeout_and_the_work_goes_on,
    contexts_do_not_wait_for_each_other,
    threads_submit_at_once,
    closing_drops_work_that_waits,
    an_unknown_context_is_refused,
    a_buffer_that_cannot_be_run_is_refused,
    too_many_buffers_are_refused,
    a_list_that_is_nowhere_is_refused,
];

/// An object for commands, one for data, and a context, of a device that is open.
struct Bench<'device> {
    commands: Object,
    instructions: Mapping,
    data: Object,
    memory: Mapping,
    context: Context<'device>,
}

impl<'device> Bench<'device> {
    fn new(device: &'device Device) -> Self {
        let commands = Object::gpumem(device, PAGE, 0).expect("memory is allocated");
        let data = Object::gpumem(device, PAGE, 0).expect("memory is allocated");
        Self {
            instructions: commands.map(device).expect("it is mapped"),
            memory: data.map(device).expect("it is mapped"),
            context: Context::new(device).expect("a context is created"),
            commands,
            data,
        }
    }

    /// Writes the commands at the offset, in bytes, and submits them.
    fn submit_at(&self, offset: u64, commands: &Commands) -> Result<u32, Errno> {
        self.instructions.write(
            usize::try_from(offset).expect("offsets are small"),
            commands.dwords(),
        );
        self.context
            .submit(self.commands.gpu_address + offset, commands.dwords().len())
    }

    fn run(&self, commands: &Commands) -> u32 {
        let timestamp = self.submit_at(0, commands).expect("it is submitted");
        self.context.wait(timestamp, LONG).expect("it retires");
        timestamp
    }

    /// The GPU address of a dword of the data.
    fn dword(&self, index: u64) -> u64 {
        self.data.gpu_address + index * 4
    }
}

fn the_gpu_writes_memory() {
    let device = open();
    let bench = Bench::new(&device);
    let mut commands = Commands::default();
    commands
        .nop(&[1, 2, 3])
        .mem_write(bench.dword(0), &[10, 20])
        .wait_mem_writes();
    commands.mem_to_mem(bench.dword(2), bench.dword(0), bench.dword(1));
    commands.event_write(Generation::A6xx, bench.dword(3), 40);
    bench.run(&commands);
    assert_eq!(bench.memory.read(0, 5), [10, 20, 30, 40, 0]);
}

fn timestamps_count_up() {
    let device = open();
    let bench = Bench::new(&device);
    for expected in 1..=10 {
        assert_eq!(bench.run(Commands::default().nop(&[])), expected);
        for kind in [TIMESTAMP_QUEUED, TIMESTAMP_CONSUMED, TIMESTAMP_RETIRED] {
            assert_eq!(bench.context.timestamp(kind), Ok(expected), "{kind}");
        }
    }
}

/// Each adds 1 to what the one before has left behind.
fn submissions_of_a_context_run_in_order() {
    let device = open();
    let bench = Bench::new(&device);
    bench.memory.write(0, &[0, 1]);
    let mut commands = Commands::default();
    commands
        .mem_to_mem(bench.dword(0), bench.dword(0), bench.dword(1))
        .wait_mem_writes();
    let last = (0..200).fold(0, |_, _| {
        bench.submit_at(0, &commands).expect("it is submitted")
    });
    bench.context.wait(last, LONG).expect("it retires");
    assert_eq!((last, bench.memory.read(0, 1)), (200, vec![200]));
}

fn one_submission_may_have_many_buffers() {
    let device = open();
    let bench = Bench::new(&device);
    let mut list: Vec<_> = (0..30)
        .map(|index| {
            let mut commands = Commands::default();
            commands.mem_write(
                bench.dword(index),
                &[u32::try_from(index).expect("indices are small") + 1],
            );
            let offset = index * 64;
            bench.instructions.write(
                usize::try_from(offset).expect("offsets are small"),
                commands.dwords(),
            );
            Context::buffer(
                bench.commands.gpu_address + offset,
                commands.dwords().len() as u64 * 4,
            )
        })
        .collect();
    let timestamp = bench
        .context
        .submit_list(&mut list)
        .expect("it is submitted");
    bench.context.wait(timestamp, LONG).expect("it retires");
    assert_eq!(timestamp, 1);
    assert_eq!(bench.memory.read(0, 30), (1..=30).collect::<Vec<_>>());
}

fn a_marker_retires() {
    let device = open();
    let bench = Bench::new(&device);
    let flags = u64::from(CMDBATCH_MARKER);
    let mut command = GpuCommand {
        flags,
        context_id: bench.context.id,
        ..GpuCommand::default()
    };
    device
        .ioctl(GPU_COMMAND, &mut command)
        .expect("it is submitted");
    assert_eq!(command.timestamp, 1);
    bench.context.wait(1, LONG).expect("it retires");
}

fn a_wait_ends_at_its_timeout_and_the_work_goes_on() {
    let device = open();
    let bench = Bench::new(&device);
    let mut commands = Commands::default();
    commands
        .wait_until_equal(bench.dword(0), 1)
        .mem_write(bench.dword(1), &[2]);
    let timestamp = bench.submit_at(0, &commands).expect("it is submitted");
    assert_eq!(bench.context.wait(timestamp, 50), Err(Errno::TIMEDOUT));
    assert_eq!(bench.context.timestamp(TIMESTAMP_RETIRED), Ok(0));
    bench.memory.write(0, &[1]);
    bench.context.wait(timestamp, LONG).expect("it retires");
    assert_eq!(bench.memory.read(4, 1), [2]);
}

fn contexts_do_not_wait_for_each_other() {
    let device = open();
    let (first, second) = (Bench::new(&device), Bench::new(&device));
    let blocked = first
        .submit_at(0, Commands::default().wait_until_equal(first.dword(0), 1))
        .expect("it is submitted");
    second.run(Commands::default().mem_write(second.dword(0), &[5]));
    assert_eq!(
        first.context.timestamp(TIMESTAMP_RETIRED),
        Ok(0),
        "the first still waits"
    );
    second.run(Commands::default().mem_write(first.dword(0), &[1]));
    first
        .context
        .wait(blocked, LONG)
        .expect("the second has woken the first");
}

fn threads_submit_at_once() {
    let device = open();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let bench = Bench::new(&device);
                (0..50).for_each(|value| {
                    bench.run(Commands::default().mem_write(bench.dword(0), &[value]));
                    assert_eq!(bench.memory.read(0, 1), [value]);
                });
            });
        }
    });
}

fn closing_drops_work_that_waits() {
    for _ in 0..10 {
        let device = open();
        let bench = Bench::new(&device);
        let commands = Commands::default()
            .wait_until_equal(bench.dword(0), 1)
            .clone();
        (0..10).for_each(|_| assert!(bench.submit_at(0, &commands).is_ok()));
        drop(bench);
    }
}

fn an_unknown_context_is_refused() {
    let device = open();
    let mut bench = Bench::new(&device);
    let own = bench.context.id;
    for id in [0, own + 1, 100_000, u32::MAX] {
        bench.context.id = id;
        assert_eq!(
            bench.submit_at(0, Commands::default().nop(&[])),
            Err(Errno::INVAL),
            "{id}"
        );
    }
    bench.context.id = own;
    bench.run(Commands::default().nop(&[]));
}

fn a_buffer_that_cannot_be_run_is_refused() {
    let device = open();
    let bench = Bench::new(&device);
    let start = bench.commands.gpu_address;
    for (gpu_address, size) in [
        (0, 4),
        (start, 0),
        (start, 3),
        (start + 2, 4),
        (start, PAGE * 8),
        (start + PAGE - 4, 8),
        (start, 0x10_0000 * 4),
        (start, u64::MAX - 3),
        (u64::MAX - 3, 8),
    ] {
        let refused = bench
            .context
            .submit_list(&mut [Context::buffer(gpu_address, size)]);
        assert_eq!(
            refused,
            Err(Errno::INVAL),
            "{size:#x} bytes at {gpu_address:#x}"
        );
    }
    let no_kind = CommandObject {
        flags: 0,
        ..Context::buffer(start, 4)
    };
    assert_eq!(bench.context.submit_list(&mut [no_kind]), Err(Errno::INVAL));
    assert_eq!(
        bench.context.timestamp(TIMESTAMP_QUEUED),
        Ok(0),
        "nothing was queued"
    );
}

fn too_many_buffers_are_refused() {
    let device = open();
    let bench = Bench::new(&device);
    let count = usize::try_from(MAX_NUMIBS).expect("the limit is small") + 1;
    bench
        .instructions
        .write(0, Commands::default().nop(&[]).dwords());
    let mut list = vec![Context::buffer(bench.commands.gpu_address, 4); count];
    assert_eq!(bench.context.submit_list(&mut list), Err(Errno::INVAL));
    list.pop();
    let timestamp = bench
        .context
        .submit_list(&mut list)
        .expect("the limit itself is allowed");
    bench.context.wait(timestamp, LONG).expect("it retires");
}

fn a_list_that_is_nowhere_is_refused() {
    let device = open();
    let bench = Bench::new(&device);
    let mut list = [Context::buffer(bench.commands.gpu_address, 4)];
    let good = address(&mut list[..]);
    for (cmdlist, numcmds) in [
        (0, 1),
        (8, 1),
        (0xffff_8000_0000_0000, 1),
        (u64::MAX - 31, 1),
        (u64::MAX - 31, 2000),
    ] {
        let mut command = GpuCommand {
            cmdlist,
            numcmds,
            cmdsize: 32,
            context_id: bench.context.id,
            ..list_command()
        };
        assert_eq!(
            device.ioctl(GPU_COMMAND, &mut command),
            Err(Errno::FAULT),
            "{cmdlist:#x}"
        );
    }
    let mut command = GpuCommand {
        cmdlist: good,
        numcmds: 1,
        cmdsize: 32,
        context_id: bench.context.id,
        ..list_command()
    };
    bench
        .instructions
        .write(0, Commands::default().nop(&[]).dwords());
    assert_eq!(device.ioctl(GPU_COMMAND, &mut command), Ok(()));
}

fn list_command() -> GpuCommand {
    GpuCommand {
        flags: u64::from(kgsl_shim::abi::command::CMDBATCH_SUBMIT_IB_LIST),
        ..GpuCommand::default()
    }
}
