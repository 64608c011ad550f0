// SPDX-License-Identifier: GPL-2.0

//! Virtual buffer objects that are misused, and bindings that cannot be.

use kgsl_shim::abi::memory::{
    BindRange, GpumemBindRanges, BIND_RANGES_ASYNC, BIND_RANGES_FENCE_OUT, CACHEMODE_SHIFT,
    GPUMEM_BIND_RANGES, MEMFLAGS_GPUREADONLY, MEMFLAGS_IOCOHERENT, MEMFLAGS_USE_CPU_MAP,
    MEMFLAGS_VBO, MEMFLAGS_VBO_NO_MAP_ZERO,
};
use rustix::io::Errno;

use super::binding::{numbered, sparse};
use super::{gpu_reads, open, NOWHERE, PAGE};
use crate::client::{
    address, aux_bind, bind, bind_argument, bind_later, bound, unbound, Context, Device, Object,
};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    it_cannot_be_mapped_by_the_cpu,
    its_size_is_that_of_addresses,
    it_has_no_flag_of_memory,
    a_size_of_zero_asks_for_the_size,
    a_longer_range_must_end_in_zeros,
    ranges_must_lie_within_their_objects,
    objects_must_be_of_the_right_kind,
    a_wrong_list_binds_nothing,
    a_fence_is_had_only_where_it_may_be_later,
    a_list_that_is_nowhere_is_refused,
    descriptors_of_fences_are_not_left,
    a_context_binds_nothing_that_is_wrong,
];

fn it_cannot_be_mapped_by_the_cpu() {
    let device = open();
    let target = sparse(&device, 1, 0);
    assert_eq!(target.map(&device).err(), Some(Errno::INVAL));
}

/// Addresses cost nothing, up to all that the GPU has.
fn its_size_is_that_of_addresses() {
    let device = open();
    for size in [0, (64 << 30) * PAGE, u64::MAX - PAGE, u64::MAX] {
        let refused = Object::gpuobj(&device, size, MEMFLAGS_VBO).err();
        assert_eq!(refused, Some(Errno::INVAL), "{size:#x}");
    }
    let large = Object::gpuobj(&device, 128 << 30, MEMFLAGS_VBO).expect("addresses are allocated");
    assert_eq!(large.size, 128 << 30);
    let second = Object::gpuobj(&device, 129 << 30, MEMFLAGS_VBO).err();
    assert_eq!(second, Some(Errno::NOMEM));
    large.free(&device).expect("it is freed");
    Object::gpuobj(&device, 129 << 30, MEMFLAGS_VBO).expect("there is room again");
}

/// It has no memory that could be read-only, cached, coherent or seen by the CPU. Unknown bits are dropped.
fn it_has_no_flag_of_memory() {
    let device = open();
    for flag in [
        MEMFLAGS_GPUREADONLY,
        MEMFLAGS_IOCOHERENT,
        MEMFLAGS_USE_CPU_MAP,
        1 << CACHEMODE_SHIFT,
        3 << CACHEMODE_SHIFT,
    ] {
        let refused = Object::gpuobj(&device, PAGE, MEMFLAGS_VBO | flag).err();
        assert_eq!(refused, Some(Errno::INVAL), "{flag:#x}");
    }
    let kept = MEMFLAGS_VBO | MEMFLAGS_VBO_NO_MAP_ZERO;
    let object = Object::gpuobj(&device, PAGE, kept | (1 << 40)).expect("there are addresses");
    assert_eq!(object.flags, kept);
}

fn a_size_of_zero_asks_for_the_size() {
    let device = open();
    let mut argument = GpumemBindRanges::default();
    device
        .ioctl(GPUMEM_BIND_RANGES, &mut argument)
        .expect("it is told");
    assert_eq!(argument.ranges_size, 32);
}

fn a_longer_range_must_end_in_zeros() {
    #[derive(Clone, Copy, Default)]
    #[repr(C)]
    struct Longer {
        range: BindRange,
        more: u64,
    }
    let device = open();
    let (target, child) = (sparse(&device, 2, 0), numbered(&device, 1, 5));
    let call = |more| {
        let range = bound(&child, 0, PAGE, PAGE);
        let mut ranges = [Longer { range, more }; 2];
        let mut argument = GpumemBindRanges {
            ranges: address(&mut ranges),
            ranges_nents: 2,
            ranges_size: 40,
            id: target.id,
            ..GpumemBindRanges::default()
        };
        device.ioctl(GPUMEM_BIND_RANGES, &mut argument)
    };
    assert_eq!(call(1), Err(Errno::TOOBIG));
    assert_eq!(gpu_reads(&device, target.gpu_address + PAGE), 0);
    assert_eq!(call(0), Ok(()));
    assert_eq!(gpu_reads(&device, target.gpu_address + PAGE), 5);
}

fn ranges_must_lie_within_their_objects() {
    let device = open();
    let (target, child) = (sparse(&device, 4, 0), numbered(&device, 2, 5));
    let last = !(PAGE - 1);
    for (child_offset, at, length) in [
        (0, 0, 0),
        (0, 0, 1),
        (0, 1, PAGE),
        (1, 0, PAGE),
        (0, 0, PAGE + 1),
        (0, 0, 3 * PAGE),
        (PAGE, 0, 2 * PAGE),
        (2 * PAGE, 0, PAGE),
        (0, 4 * PAGE, PAGE),
        (0, 3 * PAGE, 2 * PAGE),
        (last, 0, PAGE),
        (0, last, PAGE),
        (PAGE, PAGE, last),
        (last, last, last),
    ] {
        let range = bound(&child, child_offset, at, length);
        let refused = bind(&device, &target, &[range]);
        assert_eq!(refused, Err(Errno::INVAL), "{range:x?}");
        if child_offset == 0 && (at >= 4 * PAGE || length == 0 || at % PAGE != 0) {
            let refused = bind(&device, &target, &[unbound(at, length)]);
            assert_eq!(refused, Err(Errno::INVAL), "{range:x?}");
        }
    }
}

fn objects_must_be_of_the_right_kind() {
    let (device, other) = (open(), open());
    let (target, child) = (sparse(&device, 2, 0), numbered(&device, 2, 5));
    let range = bound(&child, 0, 0, PAGE);
    let nested = bound(&sparse(&device, 1, 0), 0, 0, PAGE);
    assert_eq!(bind(&device, &target, &[nested]), Err(Errno::INVAL));
    let memory = bind(&device, &child, &[range]);
    assert_eq!(memory, Err(Errno::INVAL), "memory takes no binding");
    for child_id in [0, 9999, u32::MAX] {
        let refused = bind(&device, &target, &[BindRange { child_id, ..range }]);
        assert_eq!(refused, Err(Errno::INVAL), "{child_id}");
    }
    let unknown = BindRange {
        child_id: 9999,
        ..unbound(0, PAGE)
    };
    assert_eq!(bind(&device, &target, &[unknown]), Err(Errno::INVAL));
    for op in [0, 3, u32::MAX] {
        let refused = bind(&device, &target, &[BindRange { op, ..range }]);
        assert_eq!(refused, Err(Errno::INVAL), "{op}");
    }
    for id in [0, 9999, u32::MAX] {
        let mut argument = bind_argument(id, &mut [range], 0);
        let refused = device.ioctl(GPUMEM_BIND_RANGES, &mut argument);
        assert_eq!(refused, Err(Errno::INVAL), "{id}");
    }
    target.free(&device).expect("it is freed");
    assert_eq!(bind(&device, &target, &[range]), Err(Errno::INVAL));
    drop(other);
}

/// One range that is wrong spoils the call before anything is changed.
fn a_wrong_list_binds_nothing() {
    let device = open();
    let (target, child) = (sparse(&device, 2, 0), numbered(&device, 1, 5));
    let good = bound(&child, 0, 0, PAGE);
    let bad = bound(&child, 0, 2 * PAGE, PAGE);
    assert_eq!(bind(&device, &target, &[good, bad]), Err(Errno::INVAL));
    assert_eq!(gpu_reads(&device, target.gpu_address), 0);
    assert_eq!(bind(&device, &target, &[]), Err(Errno::INVAL));
    let too_many = vec![good; 65_537];
    assert_eq!(bind(&device, &target, &too_many), Err(Errno::INVAL));
    assert_eq!(bind(&device, &target, &too_many[1..]), Ok(()));
    assert_eq!(gpu_reads(&device, target.gpu_address), 5);
}

fn a_fence_is_had_only_where_it_may_be_later() {
    let device = open();
    let (target, child) = (sparse(&device, 1, 0), numbered(&device, 1, 5));
    let mut ranges = [bound(&child, 0, 0, PAGE)];
    let mut argument = bind_argument(target.id, &mut ranges, BIND_RANGES_FENCE_OUT);
    argument.fence_id = 77;
    let refused = device.ioctl(GPUMEM_BIND_RANGES, &mut argument);
    assert_eq!((refused, argument.fence_id), (Err(Errno::INVAL), 77));
    assert_eq!(gpu_reads(&device, target.gpu_address), 0);
    let mut argument = bind_argument(target.id, &mut ranges, BIND_RANGES_ASYNC);
    argument.fence_id = 77;
    let accepted = device.ioctl(GPUMEM_BIND_RANGES, &mut argument);
    assert_eq!(
        (accepted, argument.fence_id),
        (Ok(()), 77),
        "none was asked for"
    );
}

fn a_list_that_is_nowhere_is_refused() {
    let device = open();
    let target = sparse(&device, 1, 0);
    for nowhere in NOWHERE {
        let mut argument = GpumemBindRanges {
            ranges: nowhere,
            ..bind_argument(target.id, &mut [unbound(0, PAGE)], 0)
        };
        let refused = device.ioctl(GPUMEM_BIND_RANGES, &mut argument);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
    }
}

/// The descriptors that are open, counted where they all are.
fn descriptors() -> usize {
    let list = std::fs::read_dir("/proc/self/fd").expect("they are listed");
    list.count()
}

fn descriptors_of_fences_are_not_left() {
    let device = open();
    let (target, child) = (sparse(&device, 1, 0), numbered(&device, 1, 5));
    let before = descriptors();
    for range in [bound(&child, 0, PAGE, PAGE), bound(&target, 0, 0, PAGE)] {
        let refused = bind_later(&device, &target, &[range]).err();
        assert_eq!(refused, Some(Errno::INVAL));
    }
    drop(bind_later(&device, &target, &[bound(&child, 0, 0, PAGE)]).expect("it is accepted"));
    assert_eq!(descriptors(), before);
}

fn queue(device: &Device, context: &Context<'_>, target: &Object, range: BindRange) -> Errno {
    let refused = aux_bind(device, context, target, &[range], &[]);
    refused.expect_err("it is refused")
}

fn a_context_binds_nothing_that_is_wrong() {
    let device = open();
    let context = Context::new(&device).expect("a context is created");
    let (target, child) = (sparse(&device, 1, 0), numbered(&device, 1, 5));
    for (target, range) in [
        (&target, bound(&child, 0, PAGE, PAGE)),
        (&target, bound(&child, 1, 0, PAGE)),
        (&target, bound(&target, 0, 0, PAGE)),
        (&child, bound(&child, 0, 0, PAGE)),
        (
            &target,
            BindRange {
                op: 7,
                ..unbound(0, PAGE)
            },
        ),
    ] {
        assert_eq!(
            queue(&device, &context, target, range),
            Errno::INVAL,
            "{range:x?}"
        );
    }
    let none = aux_bind(&device, &context, &target, &[], &[]);
    assert_eq!(none, Err(Errno::INVAL));
    let first = aux_bind(&device, &context, &target, &[unbound(0, PAGE)], &[]);
    assert_eq!(first, Ok(1), "no timestamp was used up");
}
