// SPDX-License-Identifier: GPL-2.0

//! `/sys/kernel/debug/kgsl/`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process;
use std::thread;

use kgsl_shim::abi::context::{CONTEXT_PRIORITY_SHIFT, CONTEXT_TYPE_SHIFT};
use kgsl_shim::abi::memory::{
    GpuobjImportDmaBuf, GpuobjImportUserAddress, MEMFLAGS_GPUREADONLY, MEMFLAGS_VBO,
    USER_MEM_TYPE_ADDR, USER_MEM_TYPE_DMABUF,
};
use rustix::io::Errno;

use super::{import, open, text, wait_until, PAGE};
use crate::client::{
    address, bind, bound, system_heap, Bench, Context, Device, Mapping, Object, Over,
};
use crate::module::Module;
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    memory_is_listed_as_it_was_allocated,
    imported_memory_is_listed,
    what_is_bound_is_listed,
    a_process_is_shown_while_it_has_the_device_open,
    a_context_is_shown_while_it_lives,
    a_guilty_context_says_so,
    everything_is_counted,
    an_open_file_keeps_the_module,
    the_tree_goes_with_the_module,
    looking_and_closing_may_race,
];

const TREE: &str = "/sys/kernel/debug/kgsl";

fn of_process(file: &str) -> PathBuf {
    Path::new(TREE)
        .join(format!("proc/{}", process::id()))
        .join(file)
}

/// The objects of this process, by id: the words of their lines.
fn objects() -> BTreeMap<u32, Vec<String>> {
    let text = text(of_process("mem"));
    let mut lines = text.lines();
    let columns: Vec<_> = lines
        .next()
        .expect("there is a header")
        .split_whitespace()
        .collect();
    let expected = [
        "gpuaddr", "useraddr", "size", "id", "flags", "type", "usage", "sglen", "mapcnt",
    ];
    assert_eq!(columns, expected);
    let objects = lines.map(|line| {
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.len(), columns.len(), "{line:?}");
        (words[3].parse().expect("it is an id"), words)
    });
    objects.collect()
}

fn memory_is_listed_as_it_was_allocated() {
    let device = open();
    assert!(objects().is_empty());
    let sizes = [PAGE, 3 * PAGE, 0x10_0000];
    let made = sizes.map(|size| Object::gpumem(&device, size, 0).expect("memory is allocated"));
    let listed = objects();
    assert_eq!(listed.len(), 3);
    for object in &made {
        let words = &listed[&object.id];
        assert_eq!(words[0], format!("{:016x}", object.gpu_address));
        assert_eq!(words[1], "0".repeat(16));
        assert_eq!(words[2], object.size.to_string());
        assert_eq!(words[4], "----w-N");
        assert_eq!(words[5], "gpumem");
        assert_eq!(words[6], "any(0)");
        assert_eq!(words[7], (object.size / PAGE).to_string());
        assert_eq!(words[8], "0");
    }
    let mapping = made[0].map(&device).expect("it is mapped");
    let mapped = &objects()[&made[0].id];
    assert_eq!(mapped[1], format!("{:016x}", mapping.address()));
    assert_eq!((mapped[4].as_str(), mapped[8].as_str()), ("----w-Y", "1"));
    made[1].free(&device).expect("it is freed");
    let left = objects();
    assert_eq!(
        left.keys().copied().collect::<Vec<_>>(),
        [made[0].id, made[2].id]
    );
    let flags = u32::try_from(MEMFLAGS_GPUREADONLY).expect("it is low") | (3 << 26) | (6 << 8);
    let textured = Object::gpumem(&device, PAGE, flags).expect("memory is allocated");
    let words = &objects()[&textured.id];
    assert_eq!(
        (words[4].as_str(), words[6].as_str()),
        ("r---c-N", "texture")
    );
}

fn imported_memory_is_listed() {
    let device = open();
    let memory = Mapping::anonymous(0x2000).expect("there is memory");
    let mut from = GpuobjImportUserAddress {
        virtaddr: memory.address(),
    };
    let user = import(&device, USER_MEM_TYPE_ADDR, address(&mut from), 0x2000);
    let buffer = system_heap(4 * PAGE).expect("the heap has memory");
    let mut from = GpuobjImportDmaBuf {
        fd: buffer.as_raw_fd(),
    };
    let shared = import(&device, USER_MEM_TYPE_DMABUF, address(&mut from), 4);
    let listed = objects();
    assert_eq!(listed[&user][2], "8192");
    assert_eq!(listed[&user][5], "usermem");
    assert_eq!(listed[&shared][2], (4 * PAGE).to_string());
    assert_eq!(listed[&shared][5], "ion");
}

fn what_is_bound_is_listed() {
    let device = open();
    let parent = Object::gpuobj(&device, 8 * PAGE, MEMFLAGS_VBO).expect("there are addresses");
    let child = Object::gpumem(&device, 2 * PAGE, 0).expect("memory is allocated");
    let lines = || -> Vec<String> {
        let text = text(of_process("vbos"));
        text.lines()
            .skip(1)
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    assert!(lines().is_empty());
    let listed = &objects()[&parent.id];
    assert_eq!(
        (listed[5].as_str(), listed[7].as_str()),
        ("vbo", "0"),
        "it has no memory"
    );
    bind(&device, &parent, &[bound(&child, 0, 4 * PAGE, 2 * PAGE)]).expect("it is bound");
    let expected = format!(
        "{} {:016x} {} {} {} 0",
        parent.id,
        parent.gpu_address,
        4 * PAGE,
        2 * PAGE,
        child.id
    );
    assert_eq!(lines(), [expected]);
}

fn a_process_is_shown_while_it_has_the_device_open() {
    let directory = of_process("");
    assert!(!directory.exists());
    for _ in 0..3 {
        let (first, second) = (open(), open());
        Object::gpumem(&second, PAGE, 0).expect("memory is allocated");
        assert_eq!(objects().len(), 1);
        drop(first);
        assert_eq!(objects().len(), 1, "the other file is open");
        drop(second);
        assert!(!directory.exists());
    }
}

fn context_path(id: u32) -> PathBuf {
    Path::new(TREE).join("kgsl-3d0/ctx").join(id.to_string())
}

fn a_context_is_shown_while_it_lives() {
    let device = open();
    let flags = Context::USUAL | (5 << CONTEXT_TYPE_SHIFT) | (3 << CONTEXT_PRIORITY_SHIFT);
    let bench = Bench::with_flags(&device, flags);
    let path = context_path(bench.context.id);
    let who = format!("id: {} type: VK priority: 3 process: ", bench.context.id);
    let said = text(&path);
    assert!(said.starts_with(&who), "{said}");
    assert!(said.contains(&format!("({})\n", process::id())), "{said}");
    assert!(said.contains("status: active faults: 0\n"), "{said}");
    assert!(
        said.contains("timestamps: queued: 0 consumed: 0 retired: 0\n"),
        "{said}"
    );
    bench.run(Commands::default().nop(&[]));
    bench.block(0);
    bench
        .submit_at(0, Commands::default().nop(&[]))
        .expect("it is submitted");
    wait_until(|| text(&path).contains("timestamps: queued: 3 consumed: 2 retired: 1\n"));
    assert!(text(&path).contains("queue: 1 running: 1\n"));
    bench.release(0);
    bench.context.destroy().expect("it is destroyed");
    assert!(!path.exists());
}

fn a_guilty_context_says_so() {
    let device = open();
    let bench = Bench::new(&device);
    let bad = Commands::default().packet(0x7f, &[0]).clone();
    bench.submit_at(0, &bad).expect("it is submitted");
    let path = context_path(bench.context.id);
    wait_until(|| text(&path).contains("status: invalid faults: 1\n"));
    drop(bench);
    drop(device);
    assert!(!path.exists());
}

fn counter(name: &str) -> u64 {
    let text = text(Path::new(TREE).join("kgsl-3d0/counters"));
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.expect("it is counted")
        .parse()
        .expect("it is a number")
}

/// Nothing else runs, and so the differences are those of these commands.
fn everything_is_counted() {
    let device = open();
    let bench = Bench::new(&device);
    let names = [
        "packets",
        "dwords",
        "bytes_written",
        "draws_skipped",
        "blits",
        "registers",
    ];
    let before = names.map(counter);
    // A direct draw of A6xx has three operands at least.
    let commands = Commands::default()
        .mem_write(bench.dword(0), &[1, 2])
        .packet(0x38, &[0, 1, 3])
        .registers(0x8c01, &[0])
        .clone();
    bench.run(&commands);
    let after = names.map(counter);
    let counted: Vec<_> = before
        .iter()
        .zip(after)
        .map(|(before, after)| after - before)
        .collect();
    assert_eq!(counted, [3, 5 + 4 + 2, 8, 1, 0, 1]);
}

fn module() -> Module {
    Module::named("kgsl_shim")
}

fn an_open_file_keeps_the_module() {
    let file = File::open(Path::new(TREE).join("kgsl-3d0/counters")).expect("it opens");
    assert_eq!(module().remove(), Err(Errno::AGAIN));
    drop(file);
    module().remove().expect("nobody uses it any more");
    module().insert().expect("the module is inserted");
}

fn the_tree_goes_with_the_module() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    assert!(context_path(context.id).exists());
    drop(device);
    module().remove().expect("nobody uses it any more");
    assert!(!Path::new(TREE).exists());
    module().insert().expect("the module is inserted");
    assert!(Path::new(TREE).join("kgsl-3d0/ctx").exists());
    assert_eq!(counter("packets"), 0, "a new device");
}

/// Reads everything that is there.
fn look(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => look(&entry.path()),
            _ => drop(fs::read(entry.path())),
        }
    }
}

fn looking_and_closing_may_race() {
    let over = Over::default();
    let work = |device: &Device| {
        let bench = Bench::new(device);
        bench.run(Commands::default().nop(&[]));
        Object::gpumem(device, PAGE, 0).expect("memory is allocated");
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| over.until(|| look(Path::new(TREE))));
        }
        let closers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| (0..30).for_each(|_| work(&open()))))
            .collect();
        over.after(|| {
            for closer in closers {
                closer.join().expect("it does not panic");
            }
        });
    });
    assert!(!of_process("").exists());
}
