// SPDX-License-Identifier: GPL-2.0

//! What the process sees of memory objects.

use std::sync::Arc;

use kgsl_shim::abi::memory::MEMSTORE_TOKEN;

use crate::client::{Access, Mapping};
use crate::fuzz::run::Run;
use crate::fuzz::world::View;

/// The most that is mapped at once, in bytes.
const LARGEST: u64 = 1 << 20;

/// mmap: a whole object by its id, mostly.
pub(super) fn map(run: &mut Run<'_>) {
    let memory = run.memory();
    let Some(device) = run.file(memory.file) else {
        return;
    };
    let offset = match run.dice.below(16) {
        0 => MEMSTORE_TOKEN,
        1 | 2 => memory.address & !0xfff,
        3 => run.dice.odd64() & !0xfff,
        _ => u64::from(memory.id) << 12,
    };
    let length = match run.dice.below(16) {
        0 => run.dice.below(LARGEST),
        1 => 0x8000,
        _ => memory.size,
    };
    let access = match run.dice.one_in(8) {
        true => Access::Read,
        false => Access::ReadWrite,
    };
    let hint = match run.dice.one_in(8) {
        true => usize::try_from(memory.address).unwrap_or(0),
        false => 0,
    };
    let length = usize::try_from(length.min(LARGEST)).unwrap_or(0);
    let mapped = Mapping::near(device.as_ref(), length, access, offset, hint);
    let Ok(mapping) = run.note(mapped) else {
        return;
    };
    // Streams are written to what can be written, and to no more than the object has.
    if access == Access::ReadWrite && length as u64 >= memory.size {
        let mapping = Arc::new(mapping);
        run.world().views.add(View { memory, mapping });
    }
}

/// munmap, once no other thread writes there.
pub(super) fn unmap(run: &mut Run<'_>) {
    drop(run.world().views.take(&mut run.dice));
}

/// mprotect, of what nobody writes to any more.
pub(super) fn protect(run: &mut Run<'_>) {
    let Some(view) = run.world().views.take(&mut run.dice) else {
        return;
    };
    // The last owner alone may take the right to write away.
    let Ok(mapping) = Arc::try_unwrap(view.mapping) else {
        return;
    };
    let access = run.dice.pick(&[Access::Nothing, Access::Read]);
    let _ = run.note(mapping.protect(0x1000, access));
    let _ = run.note(mapping.protect(0x1000, Access::ReadWrite));
}
