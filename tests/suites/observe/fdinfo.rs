// SPDX-License-Identifier: GPL-2.0

//! `/proc/self/fdinfo/FD` in the keys of drm-usage-stats.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd};

use kgsl_shim::abi::memory::{
    GpuobjImportDmaBuf, GpuobjImportUserAddress, MEMFLAGS_VBO, USER_MEM_TYPE_ADDR,
    USER_MEM_TYPE_DMABUF,
};

use super::{copy, import, open, text, PAGE};
use crate::client::{address, system_heap, Bench, Device, Mapping, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    every_key_is_well_formed,
    memory_is_what_was_allocated,
    imported_memory_counts_too,
    clients_are_told_apart,
    the_engine_is_charged_to_who_uses_it,
];

/// The keys of the driver, without those of every file.
fn keys(device: &Device) -> BTreeMap<String, String> {
    let text = text(format!("/proc/self/fdinfo/{}", device.as_fd().as_raw_fd()));
    let ours = text.lines().filter(|line| line.starts_with("drm-"));
    let pairs = ours.map(|line| line.split_once(":\t").expect("a key and a value"));
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The value of a key, which has that unit.
fn value(device: &Device, key: &str, unit: &str) -> u64 {
    let keys = keys(device);
    let value = keys
        .get(key)
        .unwrap_or_else(|| panic!("no {key} in {keys:?}"));
    let number = value.strip_suffix(unit).expect("it has its unit");
    number.trim_end().parse().expect("it is a number")
}

/// As `Documentation/gpu/drm-usage-stats.rst` has them.
fn every_key_is_well_formed() {
    let device = open();
    let keys = keys(&device);
    assert_eq!(keys["drm-driver"], "kgsl_shim");
    let is_number = |text: &str| text.parse::<u64>().is_ok();
    for (key, value) in &keys {
        let (number, unit) = value.split_once(' ').unwrap_or((value, ""));
        let expected: &[&str] = match key.as_str() {
            "drm-driver" => continue,
            "drm-client-id" | "drm-engine-capacity-gpu" | "drm-cycles-gpu" => &[""],
            "drm-engine-gpu" => &["ns"],
            "drm-maxfreq-gpu" => &["Hz", "KHz", "MHz"],
            "drm-total-memory" | "drm-shared-memory" | "drm-resident-memory" => &["KiB", "MiB"],
            _ => panic!("{key} is no key"),
        };
        assert!(
            is_number(number) && expected.contains(&unit),
            "{key}: {value:?}"
        );
    }
    assert_eq!(keys.len(), 9);
    assert!(value(&device, "drm-engine-capacity-gpu", "") >= 1);
}

fn total(device: &Device) -> u64 {
    let total = value(device, "drm-total-memory", "KiB");
    assert_eq!(value(device, "drm-resident-memory", "KiB"), total);
    total
}

fn memory_is_what_was_allocated() {
    let device = open();
    assert_eq!(total(&device), 0);
    let objects = [1, 3, 16, 100]
        .map(|pages| Object::gpumem(&device, pages * PAGE, 0).expect("memory is allocated"));
    assert_eq!(total(&device), 120 * PAGE / 1024);
    Object::gpuobj(&device, 100 * PAGE, MEMFLAGS_VBO).expect("there are addresses");
    assert_eq!(total(&device), 120 * PAGE / 1024, "addresses are no memory");
    for object in &objects {
        object.free(&device).expect("it is freed");
    }
    assert_eq!(total(&device), 0);
}

fn imported_memory_counts_too() {
    let device = open();
    let memory = Mapping::anonymous(0x2000).expect("there is memory");
    let mut from = GpuobjImportUserAddress {
        virtaddr: memory.address(),
    };
    import(&device, USER_MEM_TYPE_ADDR, address(&mut from), 0x2000);
    assert_eq!(
        (total(&device), value(&device, "drm-shared-memory", "KiB")),
        (8, 0)
    );
    let buffer = system_heap(4 * PAGE).expect("the heap has memory");
    let mut from = GpuobjImportDmaBuf {
        fd: buffer.as_raw_fd(),
    };
    import(&device, USER_MEM_TYPE_DMABUF, address(&mut from), 4);
    assert_eq!(
        (total(&device), value(&device, "drm-shared-memory", "KiB")),
        (24, 16)
    );
}

fn clients_are_told_apart() {
    let (first, second) = (open(), open());
    let ids = [&first, &second].map(|device| value(device, "drm-client-id", ""));
    assert_ne!(ids[0], ids[1]);
    Object::gpumem(&first, PAGE, 0).expect("memory is allocated");
    assert_eq!(total(&first), 4);
    assert_eq!(total(&second), 4, "the memory is the process's");
}

fn the_engine_is_charged_to_who_uses_it() {
    let (idle, busy) = (open(), open());
    let bench = Bench::new(&busy);
    let memory = Object::gpumem(&busy, 0x10_0000, 0).expect("memory is allocated");
    let half = memory.size / 2;
    let copy = copy(memory.gpu_address + half, memory.gpu_address, half);
    let engine = |device| value(device, "drm-engine-gpu", "ns");
    let mut last = engine(&busy);
    // A virtual machine's clock may move in steps of a millisecond and more.
    for _ in 0..3 {
        let before = last;
        while last == before {
            bench.run(&copy);
            last = engine(&busy);
            assert!(last >= before);
        }
    }
    assert_eq!(
        value(&busy, "drm-cycles-gpu", ""),
        last,
        "a cycle is a nanosecond"
    );
    assert_eq!(value(&busy, "drm-maxfreq-gpu", "Hz"), 1_000_000_000);
    assert_eq!(engine(&idle), 0);
    bench.context.destroy().expect("it is destroyed");
    assert_eq!(engine(&busy), last, "what was used stays used");
}
