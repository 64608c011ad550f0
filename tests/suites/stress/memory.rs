// SPDX-License-Identifier: GPL-2.0

//! A machine without memory: who has taken it goes, and the device stays.

use std::fs;

use super::{nothing_is_left, open};
use crate::client::{Bench, Object};
use crate::kernel_log::Reader;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![the_hog_is_killed_and_the_device_lives];

/// How loud the kernel is on the console.
const LOUDNESS: &str = "/proc/sys/kernel/printk";

/// What a kernel may say when it is out of memory; whatever else is bad is looked for here, as long as the console is quiet.
const BAD: [&str; 7] = [
    "BUG: ",
    "WARNING: ",
    "Oops",
    "UBSAN",
    "refcount_t",
    "corruption",
    "kmemleak: ",
];

/// A console that says nothing until this is dropped: the kernel's report of the kill has a backtrace, and would count as a
/// symptom.
struct Quiet(String);

impl Quiet {
    fn new() -> Self {
        let before = fs::read_to_string(LOUDNESS).expect("it is read");
        fs::write(LOUDNESS, "1").expect("it is written");
        Self(before)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The first of four numbers is the console's.
        let level = self.0.split_whitespace().next().unwrap_or("7");
        let _ = fs::write(LOUDNESS, level);
    }
}

/// What the kernel could give to programs, in KiB.
fn available() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").expect("it is read");
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|word| word.parse().ok())
        .expect("the kernel tells")
}

/// The hog takes memory of the GPU until there is none; the kernel kills it, and everything comes back.
fn the_hog_is_killed_and_the_device_lives() {
    let device = open();
    let bench = Bench::new(&device);
    bench.run(Commands::default().nop(&[]));
    let before = available();
    for _ in 0..2 {
        let quiet = Quiet::new();
        let mut log = Reader::from_now().expect("the kernel log opens");
        let status = std::process::Command::new("/bin/client")
            .arg("hog")
            .status()
            .expect("the hog starts");
        let said = log.read().expect("the kernel log is read");
        drop(quiet);
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        assert_eq!(signal, Some(libc::SIGKILL), "{said}");
        assert!(said.contains("Out of memory: Killed process"), "{said}");
        let bad = said
            .lines()
            .find(|line| BAD.iter().any(|bad| line.contains(bad)));
        assert_eq!(bad, None, "{said}");
        bench.run(Commands::default().mem_write(bench.dword(0), &[7]));
        assert_eq!(bench.memory.read(0, 1), [7]);
    }
    let object = Object::gpumem(&device, 16 << 20, 0).expect("there is memory again");
    object.free(&device).expect("it is freed");
    let after = available();
    println!("{before} KiB before, {after} KiB after");
    // The kernel's own caches differ by a few MiB; the hog had all but those.
    assert!(
        after + before / 8 > before,
        "{before} KiB, and then {after}"
    );
    drop(bench);
    drop(device);
    nothing_is_left();
}
