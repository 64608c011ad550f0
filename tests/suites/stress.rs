// SPDX-License-Identifier: GPL-2.0

//! Much of everything: processes that are killed while they submit, every context that there is, no memory left, a machine
//! that sleeps, a module that comes and goes while it is used.

mod memory;
mod module;
mod processes;
mod suspend;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::client::{Bench, Device};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Suite;

pub(super) use self::module::load_and_unload;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "stress",
    groups: &[
        processes::TESTS,
        memory::TESTS,
        suspend::TESTS,
        module::TESTS,
    ],
};

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// What debugfs has of processes that have the device open.
const PROCESSES: &str = "/sys/kernel/debug/kgsl/proc";

fn open() -> Device {
    Device::open().expect("the node opens")
}

fn module() -> Module {
    Module::named("kgsl_shim")
}

/// A process with an errand, which has said that it is ready; what it says is read no further.
fn start(arguments: &[&str]) -> Child {
    let mut child = Command::new("/bin/client")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other process starts");
    let mut said = String::new();
    let output = child.stdout.as_mut().expect("it is a pipe");
    BufReader::new(output)
        .read_line(&mut said)
        .expect("it says something");
    assert_eq!(said, "ready\n", "{arguments:?}");
    child
}

fn kill(mut child: Child) {
    child.kill().expect("it is killed");
    child.wait().expect("it ends");
}

/// Fails unless the device does what it is asked, nothing of the dead is left, and the module can go.
fn nothing_is_left() {
    let device = open();
    let bench = Bench::new(&device);
    bench.run(Commands::default().mem_write(bench.dword(0), &[42]));
    assert_eq!(bench.memory.read(0, 1), [42]);
    let processes = fs::read_dir(PROCESSES).expect("debugfs has them").count();
    assert_eq!(processes, 1, "somebody is left");
    let inflight = Path::new("/sys/class/kgsl/kgsl-3d0/dispatch/inflight");
    let inflight = fs::read_to_string(inflight).expect("it is read");
    assert_eq!(inflight.trim(), "0");
    drop(bench);
    drop(device);
    module().remove().expect("nobody uses it any more");
    module().insert().expect("the module is inserted");
}
