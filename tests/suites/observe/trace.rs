// SPDX-License-Identifier: GPL-2.0

//! Trace events, as trace-cmd and perf find them: through tracefs.

use std::fs;
use std::path::Path;
use std::process;

use kgsl_shim::abi::device::PROPERTY_GPU_RESET_STAT;
use kgsl_shim::abi::memory::MEMFLAGS_USE_CPU_MAP;
use rustix::io::Errno;

use super::{open, text, wait_until, PAGE};
use crate::client::{Bench, Device, Object};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    every_event_has_a_format,
    nothing_is_traced_until_somebody_asks,
    a_submission_is_traced_from_queue_to_retirement,
    a_fault_is_traced,
    memory_is_traced,
    memory_without_an_address_is_traced,
    events_go_with_the_module,
];

pub(super) const TRACING: &str = "/sys/kernel/tracing";

const EVENTS: [&str; 6] = [
    "adreno_cmdbatch_queued",
    "adreno_cmdbatch_submitted",
    "adreno_cmdbatch_retired",
    "adreno_gpu_fault",
    "kgsl_mem_alloc",
    "kgsl_mem_free",
];

fn write(file: &str, what: &str) {
    let path = Path::new(TRACING).join(file);
    fs::write(&path, what).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Our events, while the value lives.
pub(super) struct Tracing;

impl Tracing {
    pub(super) fn start() -> Self {
        write("trace", "");
        write("events/kgsl/enable", "1");
        Self
    }

    /// What has been traced: the event's name, and what it says.
    fn events(&self) -> Vec<(String, String)> {
        let text = text(Path::new(TRACING).join("trace"));
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let events = lines.filter_map(|line| {
            EVENTS.iter().find_map(|event| {
                let (_, said) = line.split_once(&format!(" {event}: "))?;
                Some(((*event).to_owned(), said.to_owned()))
            })
        });
        events.collect()
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        write("events/kgsl/enable", "0");
    }
}

/// The value of a field.
fn field<'a>(said: &'a str, name: &str) -> &'a str {
    let value = said
        .split_whitespace()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name} in {said:?}"))
}

fn every_event_has_a_format() {
    for event in EVENTS {
        let format = text(
            Path::new(TRACING)
                .join("events/kgsl")
                .join(event)
                .join("format"),
        );
        assert!(format.starts_with(&format!("name: {event}\n")), "{format}");
        assert!(format.contains("print fmt: "), "{format}");
    }
}

fn nothing_is_traced_until_somebody_asks() {
    let tracing = Tracing::start();
    drop(tracing);
    write("trace", "");
    let device = open();
    Bench::new(&device).run(Commands::default().nop(&[]));
    assert!(Tracing.events().is_empty());
}

fn a_submission_is_traced_from_queue_to_retirement() {
    let device = open();
    let bench = Bench::new(&device);
    let tracing = Tracing::start();
    let blocked = bench.block(0);
    wait_until(|| tracing.events().iter().any(|(event, _)| event == EVENTS[1]));
    let second = bench
        .submit_at(0, Commands::default().nop(&[]))
        .expect("it is submitted");
    bench.release(0);
    bench.wait(second);
    let events = tracing.events();
    let of_context = events
        .iter()
        .filter(|(_, said)| field(said, "ctx") == bench.context.id.to_string());
    let story: Vec<_> = of_context
        .map(|(event, said)| (event.as_str(), field(said, "ts").parse().expect("a number")))
        .collect();
    let [queued, submitted, retired] = [EVENTS[0], EVENTS[1], EVENTS[2]];
    let expected = [
        (queued, blocked),
        (submitted, blocked),
        (queued, second),
        (retired, blocked),
        (submitted, second),
        (retired, second),
    ];
    assert_eq!(story, expected);
    for (event, said) in &events {
        if *event == retired {
            field(said, "active").parse::<u64>().expect("nanoseconds");
        }
    }
}

fn fault(device: &Device, commands: &Commands) -> String {
    let bench = Bench::new(device);
    let tracing = Tracing::start();
    bench.submit_at(0, commands).expect("it is submitted");
    let mut status = bench.context.id;
    wait_until(|| {
        status = bench.context.id;
        device
            .read_property(PROPERTY_GPU_RESET_STAT, &mut status)
            .expect("it is asked");
        status != 0
    });
    let events = tracing.events();
    let faults: Vec<_> = events
        .iter()
        .filter(|(event, _)| event == EVENTS[3])
        .collect();
    let [(_, said)] = faults[..] else {
        panic!("{events:?}");
    };
    assert_eq!(field(said, "ctx"), bench.context.id.to_string());
    assert_eq!(field(said, "ts"), "1");
    said.clone()
}

fn a_fault_is_traced() {
    let device = open();
    let said = fault(&device, Commands::default().packet(0x7f, &[0]));
    assert_eq!(field(&said, "type"), "stream");
    let said = fault(&device, Commands::default().mem_write(0x12_3456_7000, &[1]));
    assert_eq!(field(&said, "type"), "page");
    assert_eq!(field(&said, "gpuaddr"), "0x1234567000");
}

fn memory_is_traced() {
    let device = open();
    let tracing = Tracing::start();
    let object = Object::gpumem(&device, 3 * PAGE, 0).expect("memory is allocated");
    object.free(&device).expect("it is freed");
    let left = Object::gpumem(&device, PAGE, 0).expect("memory is allocated");
    drop(device);
    let story: Vec<_> = tracing
        .events()
        .iter()
        .map(|(event, said)| {
            assert_eq!(field(said, "tgid"), process::id().to_string());
            assert_eq!(field(said, "flags"), "0x0");
            let [address, size, id] =
                ["gpuaddr", "size", "id"].map(|name| field(said, name).to_owned());
            (event.clone(), address, size, id)
        })
        .collect();
    let line = |event: &str, object: &Object| {
        (
            event.to_owned(),
            format!("{:#x}", object.gpu_address),
            object.size.to_string(),
            object.id.to_string(),
        )
    };
    let [alloc, free] = [EVENTS[4], EVENTS[5]];
    let expected = [
        line(alloc, &object),
        line(free, &object),
        line(alloc, &left),
        line(free, &left),
    ];
    assert_eq!(story, expected);
}

/// The GPU never sees what the program has not mapped where both are to share an address; it is freed all the same.
fn memory_without_an_address_is_traced() {
    let device = open();
    let tracing = Tracing::start();
    let flags = u32::try_from(MEMFLAGS_USE_CPU_MAP).expect("it is low");
    let object = Object::gpumem(&device, PAGE, flags).expect("memory is allocated");
    let left = Object::gpumem(&device, PAGE, flags).expect("memory is allocated");
    object.free(&device).expect("it is freed");
    drop(device);
    let story: Vec<_> = tracing
        .events()
        .iter()
        .map(|(event, said)| {
            assert_eq!(field(said, "gpuaddr"), "0x0");
            (event.clone(), field(said, "id").to_owned())
        })
        .collect();
    let line = |event: &str, object: &Object| (event.to_owned(), object.id.to_string());
    let [alloc, free] = [EVENTS[4], EVENTS[5]];
    let expected = [
        line(alloc, &object),
        line(alloc, &left),
        line(free, &object),
        line(free, &left),
    ];
    assert_eq!(story, expected);
}

fn events_go_with_the_module() {
    let module = Module::named("kgsl_shim");
    let tracing = Tracing::start();
    assert_eq!(module.remove(), Ok::<(), Errno>(()));
    assert!(!Path::new(TRACING).join("events/kgsl").exists());
    module.insert().expect("the module is inserted");
    let device = open();
    Bench::new(&device).run(Commands::default().nop(&[]));
    assert!(tracing.events().is_empty(), "they are off again");
}
