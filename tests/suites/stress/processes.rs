// SPDX-License-Identifier: GPL-2.0

//! Many processes and many contexts.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::{kill, nothing_is_left, open};
use crate::client::{Bench, Context};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    sixty_four_submit_while_others_are_killed,
    every_context_there_is_works_and_goes,
];

/// How many processes submit at once.
const PROCESSES: usize = 64;

/// How many contexts the device has: slots of 40 bytes in 32 KiB of timestamp memory, but those of the device and its rings.
const CONTEXTS: usize = 32 * 1024 / 40 - 7;

/// A process that submits until it is killed.
fn submitter() -> Child {
    Command::new("/bin/client")
        .arg("submit")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other process starts")
}

/// The first line that a process says.
fn line(child: &mut Child) -> String {
    let mut said = String::new();
    BufReader::new(child.stdout.as_mut().expect("it is a pipe"))
        .read_line(&mut said)
        .expect("it says something");
    said
}

/// All but one are killed in the midst of it, and others started in their place; the one that is not is served.
fn sixty_four_submit_while_others_are_killed() {
    let device = open();
    let bench = Bench::new(&device);
    let mut first: Vec<_> = (1..PROCESSES).map(|_| submitter()).collect();
    for child in &mut first {
        assert_eq!(line(child), "ready\n");
    }
    let mut second = Vec::new();
    for (child, value) in first.into_iter().zip(0..) {
        kill(child);
        second.extend((value % 4 == 0).then(submitter));
        bench.run(Commands::default().mem_write(bench.dword(0), &[value]));
        assert_eq!(bench.memory.read(0, 1), [value]);
    }
    second.into_iter().for_each(kill);
    drop(bench);
    drop(device);
    nothing_is_left();
}

/// A process that creates contexts until it may not have more, and how many it has.
fn hoard() -> (Child, usize) {
    let mut child = Command::new("/bin/client")
        .arg("contexts")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the other process starts");
    let count = line(&mut child).trim().parse().expect("it says how many");
    (child, count)
}

/// Each of them has done something; the last process has got what the others have left.
fn every_context_there_is_works_and_goes() {
    for _ in 0..2 {
        let hoards: Vec<_> = (0..5).map(|_| hoard()).collect();
        let counts: Vec<_> = hoards.iter().map(|(_, count)| *count).collect();
        let total: usize = counts.iter().sum();
        assert_eq!(total, CONTEXTS, "{counts:?}");
        assert_eq!(counts[..4], [201; 4]);
        let device = open();
        let refused = Context::new(&device).err();
        assert_eq!(refused, Some(rustix::io::Errno::NOSPC));
        hoards.into_iter().for_each(|(child, _)| kill(child));
        drop(device);
        nothing_is_left();
    }
}
