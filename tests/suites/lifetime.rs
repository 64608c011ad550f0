// SPDX-License-Identifier: GPL-2.0

//! Nothing outlives who made it: processes that are killed, children that inherit the device, and races of closing.

use std::io::{BufRead, BufReader, Lines};
use std::os::fd::AsFd;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use rustix::io::Errno;

use crate::client::{Bench, Context, Device, Object};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "lifetime",
    groups: &[crate::tests![
        a_killed_process_leaves_nothing,
        a_process_that_waits_can_be_killed,
        a_child_cannot_use_what_its_parent_has,
        all_files_of_a_process_share_the_limit_of_contexts,
        destroyed_contexts_do_not_count,
        all_processes_share_the_ids_of_contexts,
        files_come_and_go_while_others_work,
        closing_drops_work_in_threads,
        the_module_goes_after_all_of_it,
    ]],
};

fn open() -> Device {
    Device::open().expect("the node opens")
}

/// A process with an errand, and what it says.
fn start(arguments: &[&str], stdin: Stdio) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new("/bin/client")
        .args(arguments)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other process starts");
    let output = child.stdout.take().expect("it is a pipe");
    (child, BufReader::new(output).lines())
}

fn kill(errand: &str) {
    let (mut child, mut lines) = start(&[errand], Stdio::null());
    let said = lines.next().expect("it says something");
    assert_eq!(said.expect("it is read"), "ready");
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
}

fn reload() {
    let module = Module::named("kgsl_shim");
    module.remove().expect("nobody uses it any more");
    module.insert().expect("the module is inserted");
}

fn a_killed_process_leaves_nothing() {
    for _ in 0..3 {
        kill("hang");
        reload();
    }
}

/// It waits in the kernel, for work that never begins.
fn a_process_that_waits_can_be_killed() {
    for errand in [
        "wait-for-ever",
        "wait-for-point",
        "wait-for-room",
        "destroy-what-waits",
    ] {
        kill(errand);
        reload();
    }
}

fn a_child_cannot_use_what_its_parent_has() {
    let device = open();
    let bench = Bench::new(&device);
    let (object, context) = (bench.data.id.to_string(), bench.context.id.to_string());
    let inherited = device.as_fd().try_clone_to_owned();
    let inherited = Stdio::from(inherited.expect("it is duplicated"));
    let (mut child, lines) = start(&["inherited", &object, &context], inherited);
    let said: Vec<_> = lines.map(|line| line.expect("it is read")).collect();
    assert!(child.wait().expect("it ends").success());
    let invalid = Errno::INVAL.raw_os_error();
    let expected = ["mmap", "info", "alloc", "submit"].map(|use_| format!("{use_} {invalid}"));
    assert_eq!(said, expected);
    bench.run(Commands::default().nop(&[]));
}

/// How many contexts can be created on these files, in turns.
fn contexts(files: &[&Device]) -> usize {
    let mut created = 0;
    for file in files.iter().cycle() {
        match Context::new(file) {
            Ok(_) => created += 1,
            Err(errno) => {
                assert_eq!(errno, Errno::NOSPC);
                break;
            }
        }
    }
    created
}

fn all_files_of_a_process_share_the_limit_of_contexts() {
    let (first, second) = (open(), open());
    assert_eq!(contexts(&[&first, &second]), 201);
    drop(first);
    assert_eq!(contexts(&[&second]), 101, "the first file's half is free");
}

fn destroyed_contexts_do_not_count() {
    let device = open();
    for _ in 0..1000 {
        let context = Context::new(&device).expect("a context is created");
        context.destroy().expect("it is destroyed");
    }
    assert_eq!(contexts(&[&device]), 201);
}

/// The timestamp memory has a slot for each context of the device; the C driver keeps some for itself.
const CONTEXT_IDS: usize = 812;

fn all_processes_share_the_ids_of_contexts() {
    let device = open();
    let mut children: Vec<_> = (0..4)
        .map(|_| {
            let (child, mut lines) = start(&["take-contexts"], Stdio::null());
            let said = lines.next().expect("it says something");
            assert_eq!(said.expect("it is read"), "201");
            child
        })
        .collect();
    assert_eq!(contexts(&[&device]), CONTEXT_IDS - 4 * 201);
    for child in &mut children {
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
    }
    assert_eq!(contexts(&[&device]), 201 - (CONTEXT_IDS - 4 * 201));
}

fn files_come_and_go_while_others_work() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for value in 1..25 {
                    let device = open();
                    let bench = Bench::new(&device);
                    bench.run(Commands::default().mem_write(bench.dword(0), &[value]));
                    assert_eq!(bench.memory.read(0, 1), [value]);
                }
            });
        }
    });
}

fn closing_drops_work_in_threads() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let device = open();
                    let bench = Bench::new(&device);
                    let object = Object::gpumem(&device, 0x1000, 0).expect("memory is allocated");
                    bench.block(0);
                    let commands = Commands::default()
                        .mem_write(object.gpu_address, &[1])
                        .clone();
                    (0..10).for_each(|_| {
                        bench.submit_at(0, &commands).expect("it is submitted");
                    });
                    bench.release(0);
                }
            });
        }
    });
}

fn the_module_goes_after_all_of_it() {
    reload();
}
