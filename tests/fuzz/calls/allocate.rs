// SPDX-License-Identifier: GPL-2.0

//! Allocating memory.

use kgsl_shim::abi::memory::{
    GpumemAlloc, GpumemAllocId, GpuobjAlloc, CACHEMODE_SHIFT, GPUMEM_ALLOC, GPUMEM_ALLOC_ID,
    GPUOBJ_ALLOC, MEMALIGN_SHIFT, MEMFLAGS_FORCE_32BIT, MEMFLAGS_GPUREADONLY, MEMFLAGS_GUARD_PAGE,
    MEMFLAGS_IOCOHERENT, MEMFLAGS_SECURE, MEMFLAGS_USE_CPU_MAP, MEMFLAGS_VBO,
    MEMFLAGS_VBO_NO_MAP_ZERO,
};

use crate::client::{Device, Object};
use crate::fuzz::dice::low;
use crate::fuzz::run::Run;
use crate::fuzz::shared::Kind;
use crate::fuzz::world::Memory;

/// The largest size that memory of the machine is asked for, in bytes.
const LARGEST: u64 = 1 << 20;

/// What flags of memory are chosen from.
const FLAGS: [u64; 5] = [
    MEMFLAGS_GPUREADONLY,
    MEMFLAGS_USE_CPU_MAP,
    MEMFLAGS_IOCOHERENT,
    MEMFLAGS_FORCE_32BIT,
    MEMFLAGS_GUARD_PAGE,
];

/// Flags of an allocation: mostly none, or a few that mean something.
fn flags(run: &mut Run<'_>) -> u64 {
    let mut flags = match run.dice.below(3) {
        0 => run.dice.some_of(&FLAGS),
        _ => 0,
    };
    if run.dice.one_in(4) {
        flags |= run.dice.below(4) << CACHEMODE_SHIFT;
    }
    if run.dice.one_in(8) {
        flags |= run.dice.below(33) << MEMALIGN_SHIFT;
    }
    match run.dice.below(64) {
        0 => flags ^ run.dice.any64(),
        1 => flags | MEMFLAGS_SECURE,
        _ => flags,
    }
}

/// Makes a size that could eat up the machine's memory one that nobody has.
fn mend(size: &mut u64) {
    if (LARGEST + 1..1 << 40).contains(size) {
        *size |= 1 << 63;
    }
}

/// Remembers an object.
fn note(run: &Run<'_>, memory: Memory) {
    run.stage.shared.show(Kind::Object, memory.id);
    run.world().objects.add(memory);
}

/// GPUMEM_ALLOC, which tells the address and no id.
pub(super) fn gpumem(run: &mut Run<'_>) {
    let (file, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = GpumemAlloc {
        size: run.size(),
        flags: low(flags(run)),
        ..GpumemAlloc::default()
    };
    let result = run.ioctl_within(&device, GPUMEM_ALLOC, &mut argument, |argument| {
        mend(&mut argument.size);
    });
    if result.is_ok() {
        let memory = Memory {
            file,
            id: 0,
            address: argument.gpuaddr,
            size: argument.size,
            is_virtual: false,
        };
        note(run, memory);
    }
}

/// GPUMEM_ALLOC_ID.
pub(super) fn gpumem_id(run: &mut Run<'_>) {
    let (file, Some(device)) = run.some_file() else {
        return;
    };
    let mut argument = GpumemAllocId {
        size: run.size(),
        flags: low(flags(run)),
        ..GpumemAllocId::default()
    };
    let result = run.ioctl_within(&device, GPUMEM_ALLOC_ID, &mut argument, |argument| {
        mend(&mut argument.size);
    });
    if result.is_ok() {
        let memory = Memory {
            file,
            id: argument.id,
            address: argument.gpuaddr,
            size: argument.mmapsize,
            is_virtual: false,
        };
        note(run, memory);
    }
}

/// GPUOBJ_ALLOC: memory, or a virtual buffer object to which memory can be bound.
pub(super) fn gpuobj(run: &mut Run<'_>) {
    let (file, Some(device)) = run.some_file() else {
        return;
    };
    let is_virtual = run.dice.one_in(2);
    let flags = match is_virtual {
        true if run.dice.one_in(8) => flags(run) | MEMFLAGS_VBO,
        true if run.dice.one_in(3) => MEMFLAGS_VBO | MEMFLAGS_VBO_NO_MAP_ZERO,
        true => MEMFLAGS_VBO,
        false => flags(run),
    };
    let room = run.stage.arena.room(64);
    let mut argument = GpuobjAlloc {
        size: match is_virtual && !run.dice.one_in(8) {
            true => (run.dice.below(16) + 1) * 0x1000,
            false => run.size(),
        },
        flags,
        metadata_len: run.dice.count(64),
        metadata: match run.dice.one_in(4) {
            true => room,
            false => 0,
        },
        ..GpuobjAlloc::default()
    };
    let result = run.ioctl_within(&device, GPUOBJ_ALLOC, &mut argument, |argument| {
        // Virtual buffers may be as large as they like.
        if argument.flags & MEMFLAGS_VBO == 0 || argument.size > 1 << 40 {
            mend(&mut argument.size);
        }
    });
    if result.is_ok() {
        let memory = Memory {
            file,
            id: argument.id,
            address: address(&device, argument.id),
            size: argument.size,
            is_virtual,
        };
        note(run, memory);
    }
}

/// The GPU address of an object; 0 where the driver does not tell.
pub(super) fn address(device: &Device, id: u32) -> u64 {
    Object::info(device, id).map_or(0, |info| info.gpuaddr)
}
