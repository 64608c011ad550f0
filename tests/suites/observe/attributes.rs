// SPDX-License-Identifier: GPL-2.0

//! `/sys/class/kgsl/kgsl-3d0/`.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::Duration;

use kgsl_shim::abi::device::PROPERTY_GPU_MODEL;
use rustix::io::Errno;

use super::{load, open, text, wait_until};
use crate::client::{Bench, Over, NODE};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    every_attribute_reads,
    nobody_can_write,
    there_is_one_clock,
    the_model_is_the_property,
    a_load_is_seen_and_its_end,
    the_time_at_the_only_level_grows,
    a_fault_is_counted,
    what_is_in_flight_is_counted,
    attributes_go_with_the_module,
    reading_and_unloading_may_race,
];

const DEVICE: &str = "/sys/class/kgsl/kgsl-3d0";

/// The attributes of the C driver that monitors read.
const NAMES: [&str; 27] = [
    "gpubusy",
    "gpu_busy_percentage",
    "gpuclk",
    "max_gpuclk",
    "gpu_available_frequencies",
    "gpu_clock_stats",
    "clock_mhz",
    "min_clock_mhz",
    "max_clock_mhz",
    "freq_table_mhz",
    "gpu_model",
    "num_pwrlevels",
    "min_pwrlevel",
    "max_pwrlevel",
    "default_pwrlevel",
    "thermal_pwrlevel",
    "idle_timer",
    "reset_count",
    "devfreq/cur_freq",
    "devfreq/min_freq",
    "devfreq/max_freq",
    "devfreq/available_frequencies",
    "devfreq/governor",
    "dispatch/inflight",
    "dispatch/context_drawqueue_size",
    "dispatch/context_queue_wait",
    "dispatch/drawobj_timeout",
];

fn read(name: &str) -> String {
    text(Path::new(DEVICE).join(name))
}

fn number(name: &str) -> u64 {
    let text = read(name);
    let line = text.strip_suffix('\n').expect("it is a line");
    line.trim_end()
        .parse()
        .unwrap_or_else(|_| panic!("{name}: {text:?}"))
}

/// The two numbers of `gpubusy`, in microseconds.
fn busy() -> (u64, u64) {
    let text = read("gpubusy");
    assert!(text.len() >= 16 && text.ends_with('\n'), "{text:?}");
    let numbers: Vec<u64> = text
        .split_whitespace()
        .map(|word| word.parse().expect("it is a number"))
        .collect();
    let [busy, total] = numbers[..] else {
        panic!("{text:?}");
    };
    assert!(busy <= total, "{text:?}");
    (busy, total)
}

fn percentage() -> u64 {
    let text = read("gpu_busy_percentage");
    let number = text.strip_suffix(" %\n").expect("it is a percentage");
    let number = number.parse().expect("it is a number");
    assert!(number <= 100, "{text:?}");
    number
}

fn every_attribute_reads() {
    for name in NAMES {
        let text = read(name);
        assert!(text.ends_with('\n') && text.len() > 1, "{name}: {text:?}");
    }
    assert_eq!(number("idle_timer"), 80);
    assert_eq!(number("num_pwrlevels"), 1);
    assert_eq!(number("dispatch/context_drawqueue_size"), 50);
    assert_eq!(number("dispatch/drawobj_timeout"), 2000);
    assert_eq!(read("devfreq/governor"), "performance\n");
}

fn nobody_can_write() {
    for name in NAMES {
        let refused = File::options()
            .write(true)
            .open(Path::new(DEVICE).join(name));
        let refused = refused.map(|_| ()).map_err(|error| error.raw_os_error());
        assert_eq!(refused, Err(Some(Errno::ACCESS.raw_os_error())), "{name}");
    }
}

fn there_is_one_clock() {
    let clock = number("gpuclk");
    for name in [
        "max_gpuclk",
        "gpu_available_frequencies",
        "devfreq/cur_freq",
        "devfreq/min_freq",
        "devfreq/max_freq",
        "devfreq/available_frequencies",
    ] {
        assert_eq!(number(name), clock, "{name}");
    }
    for name in [
        "clock_mhz",
        "min_clock_mhz",
        "max_clock_mhz",
        "freq_table_mhz",
    ] {
        assert_eq!(number(name) * 1_000_000, clock, "{name}");
    }
}

fn the_model_is_the_property() {
    let mut property = [0u8; 32];
    open()
        .read_property(PROPERTY_GPU_MODEL, &mut property)
        .expect("there is a model");
    let length = property
        .iter()
        .position(|&byte| byte == 0)
        .expect("it ends");
    assert_eq!(
        read("gpu_model").as_bytes(),
        [&property[..length], b"\n"].concat()
    );
}

fn a_load_is_seen_and_its_end() {
    for _ in 0..2 {
        wait_until(|| busy() == (0, 0));
        assert_eq!(percentage(), 0);
        // The processor does nothing else, but other threads of the machine want their share.
        load(|| percentage() >= 30 && busy().0 > 0);
        wait_until(|| busy() == (0, 0));
        assert_eq!(percentage(), 0, "the GPU sleeps");
    }
}

fn the_time_at_the_only_level_grows() {
    let before = number("gpu_clock_stats");
    load(|| number("gpu_clock_stats") > before + 50_000);
    let after = number("gpu_clock_stats");
    wait_until(|| busy() == (0, 0));
    assert_eq!(
        number("gpu_clock_stats"),
        number("gpu_clock_stats"),
        "it stands still"
    );
    assert!(after > before);
}

fn a_fault_is_counted() {
    let device = open();
    let before = number("reset_count");
    for faults in 1..=3 {
        let bench = Bench::new(&device);
        let bad = Commands::default().packet(0x7f, &[0]).clone();
        bench.submit_at(0, &bad).expect("it is submitted");
        wait_until(|| number("reset_count") == before + faults);
    }
    let bench = Bench::new(&device);
    bench.run(Commands::default().nop(&[]));
    assert_eq!(number("reset_count"), before + 3);
}

fn what_is_in_flight_is_counted() {
    let device = open();
    let bench = Bench::new(&device);
    assert_eq!(number("dispatch/inflight"), 0);
    bench.block(0);
    let nop = Commands::default().nop(&[]).clone();
    let mut last = 0;
    for queued in 1..=4 {
        assert_eq!(number("dispatch/inflight"), queued);
        last = bench.submit_at(0, &nop).expect("it is submitted");
    }
    bench.release(0);
    bench.wait(last);
    assert_eq!(number("dispatch/inflight"), 0);
}

fn module() -> Module {
    Module::named("kgsl_shim")
}

fn attributes_go_with_the_module() {
    let mut open = NAMES.map(|name| File::open(Path::new(DEVICE).join(name)).expect("it opens"));
    module()
        .remove()
        .expect("nobody holds it by its attributes");
    assert!(!Path::new(DEVICE).exists() && !Path::new(NODE).exists());
    for file in &mut open {
        let mut rest = String::new();
        let gone = std::io::Read::read_to_string(file, &mut rest);
        let gone = gone.map_err(|error| error.raw_os_error());
        assert_eq!(gone, Err(Some(Errno::NODEV.raw_os_error())));
    }
    module().insert().expect("the module is inserted");
    assert_eq!(number("reset_count"), 0, "a new device");
}

fn reading_and_unloading_may_race() {
    let over = Over::default();
    thread::scope(|scope| {
        for names in NAMES.chunks(9) {
            let over = &over;
            let read = move || {
                for name in names {
                    // It is there, or it is not.
                    let _ = fs::read_to_string(Path::new(DEVICE).join(name));
                }
                // Inserting and removing need the processors, too.
                thread::sleep(Duration::from_micros(200));
            };
            scope.spawn(move || over.until(read));
        }
        over.after(|| {
            for _ in 0..8 {
                module()
                    .remove()
                    .expect("nobody holds it by its attributes");
                module().insert().expect("the module is inserted");
            }
        });
    });
}
