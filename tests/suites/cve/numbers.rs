// SPDX-License-Identifier: GPL-2.0

//! Sums of addresses, offsets and sizes that wrap, and alignments that are no small number.

use kgsl_shim::abi::memory::{
    GpumemSyncCache, GpuobjImport, GpuobjImportUserAddress, GpuobjSync, GpuobjSyncObject,
    MapUserMem, GPUMEM_CACHE_RANGE, GPUMEM_SYNC_CACHE, GPUOBJ_IMPORT, GPUOBJ_SYNC, MAP_USER_MEM,
    MEMALIGN_MASK, MEMALIGN_SHIFT, MEMFLAGS_USE_CPU_MAP, MEMFLAGS_VBO, USER_MEM_TYPE_ADDR,
};
use rustix::io::Errno;

use super::{context, has_nothing, open, works, PAGE};
use crate::client::{address, bind, bound, Access, Bench, Device, Mapping, Object};
use crate::pm4::Commands;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    cve_2023_33107_user_memory_that_wraps_is_refused,
    cve_2023_33107_shared_addresses_stay_in_their_range,
    cve_2020_11261_offsets_and_sizes_that_wrap_are_refused,
    cve_2020_11261_command_buffers_that_wrap_are_refused,
    cve_2026_21385_every_alignment_is_a_small_number,
];

/// The addresses that CPU and GPU can share, as in the C driver.
const SHARED: std::ops::Range<u64> = 0x10_0000_0000..0x40_0000_0000;

/// What wraps 64 bits when a page or more is added to it, and what wraps 32.
const LAST: [u64; 4] = [
    u64::MAX - PAGE + 1,
    !(2 * PAGE - 1),
    0x7fff_ffff_ffff_f000,
    0xffff_f000,
];

fn import(device: &Device, virtaddr: u64, size: u64) -> Result<(), Errno> {
    let mut from = GpuobjImportUserAddress { virtaddr };
    let mut argument = GpuobjImport {
        private: address(&mut from),
        private_len: size,
        kind: USER_MEM_TYPE_ADDR,
        ..GpuobjImport::default()
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)
}

fn import_older(device: &Device, hostptr: u64, offset: u64, len: u64) -> Result<(), Errno> {
    let mut argument = MapUserMem {
        fd: -1,
        len,
        offset,
        hostptr,
        memtype: USER_MEM_TYPE_ADDR,
        ..MapUserMem::default()
    };
    device.ioctl(MAP_USER_MEM, &mut argument)
}

/// Address and size were added, and the sum compared.
fn cve_2023_33107_user_memory_that_wraps_is_refused() {
    let device = open();
    let memory = Mapping::anonymous(0x4000).expect("there is memory");
    let start = memory.address();
    for size in LAST
        .into_iter()
        .chain([u64::MAX - start, 0u64.wrapping_sub(start), 1 << 63])
    {
        let refused = import(&device, start, size);
        assert!(is_refused(refused), "{size:#x} bytes: {refused:?}");
        let refused = import_older(&device, start, 0, size);
        assert!(is_refused(refused), "{size:#x} bytes: {refused:?}");
        let refused = import_older(&device, start, size, PAGE);
        assert!(is_refused(refused), "from {size:#x} on: {refused:?}");
    }
    for at in LAST {
        let refused = import(&device, at, 2 * PAGE);
        assert!(is_refused(refused), "at {at:#x}: {refused:?}");
    }
    has_nothing(&device);
    works(&device);
}

fn is_refused(result: Result<(), Errno>) -> bool {
    matches!(result, Err(Errno::INVAL | Errno::FAULT | Errno::NOMEM))
}

/// A mapping whose address is to be the GPU's must lie where the GPU shares addresses, at both ends.
fn cve_2023_33107_shared_addresses_stay_in_their_range() {
    let device = open();
    let flags = u32::try_from(MEMFLAGS_USE_CPU_MAP).expect("32 bits");
    let ends = [SHARED.start, SHARED.end, 0x7fff_ffff_f000, 0xf000_0000];
    for end in ends {
        for pages in 0..6 {
            let object = Object::gpumem(&device, 4 * PAGE, flags).expect("memory is allocated");
            let hint = usize::try_from(end - pages * PAGE).expect("it is small");
            let mapping = Mapping::near(&device, 0x4000, Access::ReadWrite, object.offset(), hint);
            let mapping = mapping.expect("it is mapped somewhere");
            let last = mapping.address() + 4 * PAGE - 1;
            assert!(
                SHARED.contains(&mapping.address()) && SHARED.contains(&last),
                "{last:#x}"
            );
            drop(mapping);
            object.free(&device).expect("it is freed");
        }
    }
    has_nothing(&device);
}

fn cve_2020_11261_offsets_and_sizes_that_wrap_are_refused() {
    let device = open();
    let object = Object::gpumem(&device, 4 * PAGE, 0).expect("memory is allocated");
    let sparse = Object::gpuobj(&device, 4 * PAGE, MEMFLAGS_VBO).expect("there are addresses");
    for (offset, length) in LAST
        .into_iter()
        .flat_map(|last| [(last, 2 * PAGE), (2 * PAGE, last)])
    {
        let mut cache = GpumemSyncCache {
            id: object.id,
            op: GPUMEM_CACHE_RANGE,
            offset,
            length,
            ..GpumemSyncCache::default()
        };
        let refused = device.ioctl(GPUMEM_SYNC_CACHE, &mut cache);
        assert_eq!(refused, Err(Errno::INVAL), "{offset:#x} {length:#x}");
        let mut range = GpuobjSyncObject {
            offset,
            length,
            id: object.id,
            op: 1,
        };
        let mut sync = GpuobjSync {
            objs: address(&mut range),
            obj_len: 24,
            count: 1,
        };
        let refused = device.ioctl(GPUOBJ_SYNC, &mut sync);
        assert_eq!(refused, Err(Errno::INVAL), "{offset:#x} {length:#x}");
        for range in [
            bound(&object, offset, 0, length),
            bound(&object, 0, offset, length),
        ] {
            let refused = bind(&device, &sparse, &[range]);
            assert_eq!(refused, Err(Errno::INVAL), "{range:x?}");
        }
    }
    works(&device);
}

/// Address and size of a buffer, from packets, too.
fn cve_2020_11261_command_buffers_that_wrap_are_refused() {
    let device = open();
    let bench = Bench::new(&device);
    let context = context(&device);
    for at in LAST.into_iter().chain([bench.commands.gpu_address]) {
        for size in LAST.into_iter().chain([0, 2, 2 * PAGE, 1 << 22]) {
            let mut list = [crate::client::Context::buffer(at, size)];
            let refused = context.submit_list(&mut list);
            assert_eq!(refused, Err(Errno::INVAL), "{size:#x} bytes at {at:#x}");
        }
        if at != bench.commands.gpu_address {
            super::faults(&device, Commands::default().indirect_buffer(at, 0xf_ffff));
            super::faults(&device, Commands::default().mem_write(at, &[0; 64]));
        }
    }
}

/// The eight bits of the alignment were read as a signed number, and shifted by.
fn cve_2026_21385_every_alignment_is_a_small_number() {
    let device = open();
    for logarithm in 0..=0xff {
        let flags = (logarithm << MEMALIGN_SHIFT) & MEMALIGN_MASK;
        let object = Object::gpuobj(&device, PAGE, flags).expect("memory is allocated");
        let alignment = 1u64 << logarithm.clamp(12, 25);
        let at = object.gpu_address;
        assert!(at != 0 && at % alignment == 0, "{logarithm}: {at:#x}");
        object.free(&device).expect("it is freed");
    }
    has_nothing(&device);
}
