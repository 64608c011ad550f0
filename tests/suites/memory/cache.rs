// SPDX-License-Identifier: GPL-2.0

//! Cache maintenance.

use kgsl_shim::abi::memory::{
    GpumemSyncCache, GpumemSyncCacheBulk, GpuobjSync, GpuobjSyncObject, SharedmemFree,
    GPUMEM_CACHE_CLEAN, GPUMEM_CACHE_RANGE, GPUMEM_SYNC_CACHE, GPUMEM_SYNC_CACHE_BULK, GPUOBJ_SYNC,
    MAX_SYNC_OBJECTS, SHAREDMEM_FLUSH_CACHE,
};
use rustix::io::Errno;

use super::{open, NOWHERE, PAGE};
use crate::client::{address, Device, Object};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    cache_calls_accept_what_there_is,
    cache_calls_refuse_what_there_is_not,
    a_list_of_ranges_is_bounded,
];

fn gpumem(device: &Device, pages: u64) -> Object {
    Object::gpumem(device, pages * PAGE, 0).expect("memory is allocated")
}

fn sync_cache(device: &Device, argument: GpumemSyncCache) -> Result<(), Errno> {
    device.ioctl(GPUMEM_SYNC_CACHE, &mut { argument })
}

fn sync_ranges(device: &Device, ranges: &mut [GpuobjSyncObject]) -> Result<(), Errno> {
    let mut argument = GpuobjSync {
        objs: address(ranges),
        obj_len: 24,
        count: u32::try_from(ranges.len()).expect("there are few"),
    };
    device.ioctl(GPUOBJ_SYNC, &mut argument)
}

fn cache_calls_accept_what_there_is() {
    let device = open();
    let object = gpumem(&device, 2);
    let (gpuaddr, id) = (object.gpu_address, object.id);
    assert_eq!(
        device.ioctl(SHAREDMEM_FLUSH_CACHE, &mut SharedmemFree { gpuaddr }),
        Ok(())
    );
    let whole = GpumemSyncCache {
        id,
        op: GPUMEM_CACHE_CLEAN,
        ..GpumemSyncCache::default()
    };
    let part = GpumemSyncCache {
        gpuaddr,
        op: GPUMEM_CACHE_CLEAN | GPUMEM_CACHE_RANGE,
        offset: PAGE,
        length: PAGE,
        ..GpumemSyncCache::default()
    };
    assert_eq!(sync_cache(&device, whole), Ok(()));
    assert_eq!(sync_cache(&device, part), Ok(()));
    let mut ids = [id, 0xdead, id];
    let mut bulk = GpumemSyncCacheBulk {
        id_list: address(&mut ids),
        count: 3,
        op: GPUMEM_CACHE_CLEAN,
        ..GpumemSyncCacheBulk::default()
    };
    assert_eq!(
        device.ioctl(GPUMEM_SYNC_CACHE_BULK, &mut bulk),
        Ok(()),
        "unknown ids are passed over"
    );
    let range = GpuobjSyncObject {
        length: 2 * PAGE,
        id,
        op: GPUMEM_CACHE_CLEAN,
        ..GpuobjSyncObject::default()
    };
    assert_eq!(sync_ranges(&device, &mut [range; 128]), Ok(()));
}

fn cache_calls_refuse_what_there_is_not() {
    let device = open();
    let object = gpumem(&device, 2);
    let id = object.id;
    for (offset, length) in [
        (0, 2 * PAGE + 1),
        (2 * PAGE, 1),
        (u64::MAX, 2),
        (PAGE, u64::MAX),
    ] {
        let part = GpumemSyncCache {
            id,
            op: GPUMEM_CACHE_RANGE,
            offset,
            length,
            ..GpumemSyncCache::default()
        };
        assert_eq!(sync_cache(&device, part), Err(Errno::INVAL), "{offset:#x}");
        let range = GpuobjSyncObject {
            offset,
            length,
            id,
            op: 0,
        };
        assert_eq!(
            sync_ranges(&device, &mut [range]),
            Err(Errno::INVAL),
            "{offset:#x}"
        );
    }
    let unknown = GpumemSyncCache {
        id: id + 1,
        ..GpumemSyncCache::default()
    };
    assert_eq!(sync_cache(&device, unknown), Err(Errno::INVAL));
    let mut elsewhere = SharedmemFree {
        gpuaddr: object.gpu_address + PAGE,
    };
    assert_eq!(
        device.ioctl(SHAREDMEM_FLUSH_CACHE, &mut elsewhere),
        Err(Errno::INVAL)
    );
}

fn a_list_of_ranges_is_bounded() {
    let device = open();
    let id = gpumem(&device, 1).id;
    let range = GpuobjSyncObject {
        id,
        ..GpuobjSyncObject::default()
    };
    let too_many = usize::try_from(MAX_SYNC_OBJECTS).expect("the limit is small") + 1;
    for count in [0, too_many] {
        assert_eq!(
            sync_ranges(&device, &mut vec![range; count]),
            Err(Errno::INVAL),
            "{count}"
        );
    }
    for nowhere in NOWHERE {
        let mut argument = GpuobjSync {
            objs: nowhere,
            obj_len: 24,
            count: 1,
        };
        let refused = device.ioctl(GPUOBJ_SYNC, &mut argument);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
        let mut bulk = GpumemSyncCacheBulk {
            id_list: nowhere,
            count: 1,
            ..GpumemSyncCacheBulk::default()
        };
        let refused = device.ioctl(GPUMEM_SYNC_CACHE_BULK, &mut bulk);
        assert_eq!(refused, Err(Errno::FAULT), "{nowhere:#x}");
    }
}
