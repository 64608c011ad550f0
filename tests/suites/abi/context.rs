// SPDX-License-Identifier: GPL-2.0

//! Contexts: DRAWCTXT_CREATE, DRAWCTXT_DESTROY, CMDSTREAM_READTIMESTAMP_CTXTID and DEVICE_WAITTIMESTAMP_CTXTID.

use kgsl_shim::abi::context::{
    CONTEXT_LPAC, CONTEXT_NO_GMEM_ALLOC, CONTEXT_PER_CONTEXT_TS, CONTEXT_PREAMBLE,
    CONTEXT_PRIORITY_MASK, CONTEXT_PRIORITY_SHIFT, CONTEXT_SECURE, TIMESTAMP_CONSUMED,
    TIMESTAMP_QUEUED, TIMESTAMP_RETIRED,
};
use rustix::io::Errno;

use super::{open, LONG};
use crate::client::Context;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    a_context_has_an_id_and_its_flags,
    a_priority_is_kept_and_eight_is_the_default,
    demanded_flags_are_demanded,
    what_the_gpu_cannot_do_is_refused,
    a_context_can_be_destroyed_once,
    a_context_belongs_to_its_file,
    an_id_may_become_that_of_another_file,
    a_new_context_is_at_timestamp_0,
    an_unknown_timestamp_kind_is_refused,
    a_future_timestamp_cannot_be_waited_for,
    contexts_of_a_process_are_limited,
];

fn a_context_has_an_id_and_its_flags() {
    let device = open();
    let (first, second) = (
        Context::new(&device).unwrap(),
        Context::new(&device).unwrap(),
    );
    assert!(first.id != 0 && second.id != 0 && first.id != second.id);
    let echoed = CONTEXT_PREAMBLE | CONTEXT_NO_GMEM_ALLOC | CONTEXT_PER_CONTEXT_TS;
    assert_eq!(first.flags & echoed, echoed, "{:#x}", first.flags);
}

fn a_priority_is_kept_and_eight_is_the_default() {
    let device = open();
    for (wanted, given) in [(0, 8), (1, 1), (15, 15)] {
        let flags = Context::USUAL | (wanted << CONTEXT_PRIORITY_SHIFT);
        let context = Context::with_flags(&device, flags).expect("a context is created");
        assert_eq!(
            (context.flags & CONTEXT_PRIORITY_MASK) >> CONTEXT_PRIORITY_SHIFT,
            given
        );
    }
}

fn demanded_flags_are_demanded() {
    let device = open();
    for flags in [
        0,
        CONTEXT_PREAMBLE,
        CONTEXT_NO_GMEM_ALLOC,
        !(CONTEXT_PREAMBLE | CONTEXT_NO_GMEM_ALLOC),
    ] {
        assert_eq!(
            Context::with_flags(&device, flags).err(),
            Some(Errno::INVAL),
            "{flags:#x}"
        );
    }
}

fn what_the_gpu_cannot_do_is_refused() {
    let device = open();
    for flag in [CONTEXT_SECURE, CONTEXT_LPAC] {
        assert_eq!(
            Context::with_flags(&device, Context::USUAL | flag).err(),
            Some(Errno::OPNOTSUPP),
            "{flag:#x}"
        );
    }
}

fn a_context_can_be_destroyed_once() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    context.destroy().expect("it is destroyed");
    assert_eq!(context.destroy(), Err(Errno::INVAL));
    assert_eq!(context.wait(0, LONG), Err(Errno::INVAL));
}

fn a_context_belongs_to_its_file() {
    let (device, other) = (open(), open());
    let own = Context::new(&device).expect("a context is created");
    let mut foreign = Context::new(&other).expect("a context is created");
    foreign.destroy().expect("it is destroyed");
    foreign.id = own.id;
    assert_eq!(foreign.destroy(), Err(Errno::INVAL));
    assert_eq!(foreign.timestamp(TIMESTAMP_RETIRED), Err(Errno::INVAL));
    assert_eq!(foreign.wait(0, LONG), Err(Errno::INVAL));
    own.destroy().expect("its owner destroys it");
}

fn an_id_may_become_that_of_another_file() {
    let (device, other) = (open(), open());
    let mut context = Context::new(&device).expect("a context is created");
    assert_eq!(context.wait(0, LONG), Ok(()));
    context.destroy().expect("it is destroyed");
    let next = Context::new(&other).expect("a context is created");
    context.id = next.id;
    assert_eq!(next.wait(0, LONG), Ok(()));
    assert_eq!(context.wait(0, LONG), Err(Errno::INVAL));
    assert_eq!(context.timestamp(TIMESTAMP_RETIRED), Err(Errno::INVAL));
}

fn a_new_context_is_at_timestamp_0() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    for kind in [TIMESTAMP_CONSUMED, TIMESTAMP_RETIRED, TIMESTAMP_QUEUED] {
        assert_eq!(context.timestamp(kind), Ok(0), "{kind}");
    }
    assert_eq!(context.wait(0, LONG), Ok(()));
}

fn an_unknown_timestamp_kind_is_refused() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    for kind in [0, 4, u32::MAX] {
        assert_eq!(context.timestamp(kind), Err(Errno::INVAL), "{kind}");
    }
}

fn a_future_timestamp_cannot_be_waited_for() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    for timestamp in [1, 1000, 0x7fff_ffff] {
        assert_eq!(
            context.wait(timestamp, LONG),
            Err(Errno::INVAL),
            "{timestamp}"
        );
    }
}

/// The C driver refuses one more when there are more than 200 already.
fn contexts_of_a_process_are_limited() {
    let device = open();
    let mut count = 0;
    let refused = loop {
        match Context::new(&device) {
            Ok(_) => count += 1,
            Err(errno) => break errno,
        }
        assert!(count < 1000, "there is no limit");
    };
    assert_eq!((refused, count), (Errno::NOSPC, 201));
}
