// SPDX-License-Identifier: GPL-2.0

//! `proc/PID/mem` and `proc/PID/vbos` in debugfs: the memory objects of a process, in the columns of
//! the C driver; and `proc/PID/pool`: the pages that it has freed and the kernel does not have back.

use crate::{
    abi::memory as abi,
    driver::memory::{
        AddressSpace,
        Object, //
    },
};
use kernel::seq_file::{
    seq_print,
    SeqFile, //
};

/// Names of memory types, by number.
const USAGES: [(u32, &str); 16] = [
    (0, "any(0)"),
    (1, "framebuffer"),
    (2, "renderbuffer"),
    (3, "arraybuffer"),
    (4, "elementarraybuffer"),
    (5, "vertexarraybuffer"),
    (6, "texture"),
    (7, "surface"),
    (8, "egl_surface"),
    (9, "gl"),
    (10, "cl"),
    (16, "command"),
    (17, "2d"),
    (18, "egl_image"),
    (20, "multisample"),
    (255, "kernel"),
];

/// Lists every object.
pub(super) fn show_objects(space: &AddressSpace, to: &SeqFile) {
    seq_print!(
        to,
        "{:>16} {:>16} {:>16} {:>7} {:>9} {:>10} {:>18} {:>7} {:>6}\n",
        "gpuaddr",
        "useraddr",
        "size",
        "id",
        "flags",
        "type",
        "usage",
        "sglen",
        "mapcnt"
    );
    space.for_each_object(|object| show_object(object, to));
}

fn show_object(object: &Object, to: &SeqFile) {
    seq_print!(
        to,
        "{:016x} {:016x} {:16} {:7} {:>9} {:>10} {:>18} {:7} {:6}\n",
        object.gpu_address(),
        object.user_address(),
        object.size(),
        object.id,
        Letters(object),
        object.origin().name(),
        usage(object.flags().memory_type()),
        object.memory_size() / PAGE,
        object.mappings()
    );
}

/// The size of a page, in bytes.
const PAGE: u64 = 4096;

/// The name of a memory type.
fn usage(memory_type: u32) -> &'static str {
    let known = USAGES.iter().find(|(number, _)| *number == memory_type);
    known.map_or("unknown", |(_, name)| name)
}

/// The flags of an object, a letter each.
struct Letters<'a>(&'a Object);

impl kernel::fmt::Display for Letters<'_> {
    fn fmt(&self, f: &mut kernel::fmt::Formatter<'_>) -> kernel::fmt::Result {
        let bits = self.0.flags().bits();
        let cached = match (bits & abi::CACHEMODE_MASK) >> abi::CACHEMODE_SHIFT {
            abi::CACHEMODE_WRITEBACK => 'c',
            abi::CACHEMODE_UNCACHED => 'u',
            _ => 'w',
        };
        let letter = |flag, letter| match bits & flag {
            0 => '-',
            _ => letter,
        };
        let letters = [
            letter(abi::MEMFLAGS_GPUREADONLY, 'r'),
            letter(abi::MEMFLAGS_VBO, 'v'),
            letter(abi::MEMFLAGS_GUARD_PAGE, 'g'),
            letter(abi::MEMFLAGS_IOCOHERENT, 'i'),
            cached,
            letter(abi::MEMFLAGS_USE_CPU_MAP, 'p'),
            match self.0.mappings() {
                0 => 'N',
                _ => 'Y',
            },
        ];
        f.pad(core::str::from_utf8(&letters.map(|letter| letter as u8)).unwrap_or_default())
    }
}

/// Says what is kept for objects to come: bytes that are zero, bytes that are not yet, and how often
/// some were handed out.
pub(super) fn show_pool(space: &AddressSpace, to: &SeqFile) {
    let usage = space.pool.usage();
    for (name, value) in [
        ("clean", usage.clean as u64),
        ("dirty", usage.dirty as u64),
        ("reused", usage.reused),
    ] {
        seq_print!(to, "{name}: {value}\n");
    }
}

/// Lists what is bound to virtual buffer objects, a range a line.
pub(super) fn show_bindings(space: &AddressSpace, to: &SeqFile) {
    seq_print!(
        to,
        "{:>7} {:>16} {:>16} {:>16} {:>7} {:>16}\n",
        "id",
        "gpuaddr",
        "offset",
        "size",
        "child",
        "child offset"
    );
    space.for_each_object(|object| {
        object.for_each_binding(|binding| {
            seq_print!(
                to,
                "{:7} {:016x} {:16} {:16} {:7} {:16}\n",
                object.id,
                object.gpu_address(),
                binding.offset,
                binding.size,
                binding.child,
                binding.child_offset
            );
        });
    });
}
