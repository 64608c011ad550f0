// SPDX-License-Identifier: GPL-2.0

//! Memory of the process and dma-bufs, for the GPU to use.

use std::os::fd::{AsFd, AsRawFd};

use kgsl_shim::abi::memory::{
    GpuobjImport, GpuobjImportDmaBuf, GpuobjImportUserAddress, MapUserMem, SharedmemFromPmem,
    CACHEMODE_SHIFT, CACHEMODE_WRITEBACK, GPUOBJ_IMPORT, MAP_USER_MEM, MEMFLAGS_GPUREADONLY,
    MEMFLAGS_USERMEM_SHIFT, MEMFLAGS_USE_CPU_MAP, SHAREDMEM_FROM_PMEM, USER_MEM_TYPE_ADDR,
    USER_MEM_TYPE_DMABUF,
};
use rustix::io::Errno;

use super::{gpu_cannot_write, gpu_reads, gpu_writes, open, PAGE};
use crate::client::{address, system_heap, vgem, Access, Bench, Device, Mapping, Object, Udmabuf};
use crate::module::Module;
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![
    the_gpu_uses_memory_of_the_process,
    imported_memory_stays_when_the_process_unmaps_it,
    what_the_process_may_only_read_the_gpu_may_only_read,
    memory_that_is_none_is_refused,
    an_unknown_kind_is_refused,
    imported_memory_is_not_mapped,
    the_older_call_imports_too,
    the_gpu_uses_the_system_heap,
    the_gpu_uses_udmabuf,
    the_gpu_uses_vgem,
    an_imported_buffer_keeps_its_driver,
    an_imported_buffer_goes_with_the_device,
    an_import_says_what_it_is,
    a_buffer_can_be_imported_twice,
    a_descriptor_that_is_no_buffer_is_refused,
    a_buffer_outlives_its_descriptor,
];

/// The size of the buffers, in bytes.
const SIZE: u64 = 4 * PAGE;
const LENGTH: usize = 0x4000;

/// ENOTSUPP, which is the kernel's own.
const ENOTSUPP: Errno = Errno::from_raw_os_error(524);

fn import(device: &Device, kind: u32, private: u64, private_len: u64) -> Result<Object, Errno> {
    let mut argument = GpuobjImport {
        private,
        private_len,
        flags: 0,
        kind,
        id: 0,
    };
    device.ioctl(GPUOBJ_IMPORT, &mut argument)?;
    let info = Object::info(device, argument.id)?;
    assert_eq!(info.flags, argument.flags);
    Ok(Object {
        id: argument.id,
        gpu_address: info.gpuaddr,
        size: info.size,
        flags: info.flags,
    })
}

pub(super) fn import_user(device: &Device, virtaddr: u64, size: u64) -> Result<Object, Errno> {
    let mut from = GpuobjImportUserAddress { virtaddr };
    import(device, USER_MEM_TYPE_ADDR, address(&mut from), size)
}

fn import_buffer(device: &Device, fd: i32) -> Result<Object, Errno> {
    let mut from = GpuobjImportDmaBuf { fd };
    import(device, USER_MEM_TYPE_DMABUF, address(&mut from), 4)
}

/// Fails unless the GPU and the mapping see the same memory, in every page.
fn is_shared(device: &Device, gpu_address: u64, mapping: &Mapping) {
    for page in 0..4 {
        let offset = page * LENGTH / 4 + 16;
        let value = u32::try_from(page).expect("there are few") + 100;
        gpu_writes(device, gpu_address + offset as u64, value);
        assert_eq!(mapping.read(offset, 1), [value]);
        mapping.write(offset + 4, &[value + 50]);
        assert_eq!(
            gpu_reads(device, gpu_address + offset as u64 + 4),
            value + 50
        );
    }
}

fn the_gpu_uses_memory_of_the_process() {
    let device = open();
    let bench = Bench::new(&device);
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let object = import_user(&device, memory.address(), SIZE).expect("it is imported");
    assert_eq!(object.size, SIZE);
    assert_eq!(object.flags & MEMFLAGS_GPUREADONLY, 0);
    is_shared(&device, object.gpu_address, &memory);
    object.free(&device).expect("it is freed");
    gpu_cannot_write(&bench, object.gpu_address);
}

fn imported_memory_stays_when_the_process_unmaps_it() {
    let device = open();
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let object = import_user(&device, memory.address(), SIZE).expect("it is imported");
    memory.write(0, &[77]);
    drop(memory);
    assert_eq!(gpu_reads(&device, object.gpu_address), 77);
    gpu_writes(&device, object.gpu_address, 78);
    assert_eq!(gpu_reads(&device, object.gpu_address), 78);
}

fn what_the_process_may_only_read_the_gpu_may_only_read() {
    let device = open();
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    memory.write(0, &[5, 6, 7]);
    memory
        .protect(LENGTH, Access::Read)
        .expect("it is made read-only");
    let object = import_user(&device, memory.address(), SIZE).expect("it is imported");
    assert_eq!(object.flags & MEMFLAGS_GPUREADONLY, MEMFLAGS_GPUREADONLY);
    assert_eq!(gpu_reads(&device, object.gpu_address + 4), 6);
    gpu_cannot_write(&Bench::new(&device), object.gpu_address + 4);
    assert_eq!(memory.read(0, 3), [5, 6, 7]);
}

fn memory_that_is_none_is_refused() {
    let device = open();
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let start = memory.address();
    for (at, size, errno) in [
        (start + 1, PAGE, Errno::INVAL),
        (start + 4, SIZE, Errno::INVAL),
        (start, 0, Errno::INVAL),
        (start, 1 << 32, Errno::INVAL),
        (start, u64::MAX, Errno::INVAL),
        (0, PAGE, Errno::FAULT),
        (PAGE, PAGE, Errno::FAULT),
        (0xffff_8000_0000_0000, PAGE, Errno::FAULT),
        (u64::MAX - PAGE + 1, 2 * PAGE, Errno::FAULT),
    ] {
        let refused = import_user(&device, at, size).err();
        assert_eq!(refused, Some(errno), "{size:#x} bytes at {at:#x}");
    }
    let good = import_user(&device, start, SIZE).expect("it is imported");
    assert_eq!(good.id, 1, "nothing was left behind");
}

fn an_unknown_kind_is_refused() {
    let device = open();
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let mut from = GpuobjImportUserAddress {
        virtaddr: memory.address(),
    };
    for kind in [0, 1, 4, u32::MAX] {
        let refused = import(&device, kind, address(&mut from), SIZE).err();
        assert_eq!(refused, Some(ENOTSUPP), "{kind}");
    }
    for nowhere in [0, 8, 0xffff_8000_0000_0000] {
        for kind in [USER_MEM_TYPE_ADDR, USER_MEM_TYPE_DMABUF] {
            let refused = import(&device, kind, nowhere, 8).err();
            assert_eq!(refused, Some(Errno::FAULT), "{kind} {nowhere:#x}");
        }
    }
}

fn imported_memory_is_not_mapped() {
    let device = open();
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let object = import_user(&device, memory.address(), SIZE).expect("it is imported");
    assert_eq!(object.map(&device).err(), Some(Errno::BUSY));
    let buffer = system_heap(SIZE).expect("the kernel has a system heap");
    let object = import_buffer(&device, buffer.as_raw_fd()).expect("it is imported");
    assert_eq!(object.map(&device).err(), Some(Errno::BUSY));
}

fn map_user_mem(device: &Device, argument: MapUserMem) -> Result<u64, Errno> {
    let mut argument = argument;
    device.ioctl(MAP_USER_MEM, &mut argument)?;
    Ok(argument.gpuaddr)
}

fn the_older_call_imports_too() {
    let device = open();
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let of_process = MapUserMem {
        hostptr: memory.address(),
        len: SIZE,
        memtype: USER_MEM_TYPE_ADDR,
        ..MapUserMem::default()
    };
    let at = map_user_mem(&device, of_process).expect("it is imported");
    is_shared(&device, at, &memory);
    let buffer = system_heap(SIZE).expect("the kernel has a system heap");
    let of_heap = MapUserMem {
        fd: buffer.as_raw_fd(),
        len: SIZE,
        memtype: USER_MEM_TYPE_DMABUF,
        ..MapUserMem::default()
    };
    let at = map_user_mem(&device, of_heap).expect("it is imported");
    let mapping = Mapping::new(&buffer, LENGTH, Access::ReadWrite, 0).expect("it is mapped");
    is_shared(&device, at, &mapping);
    let refused = |argument| map_user_mem(&device, argument).err();
    assert_eq!(
        refused(MapUserMem {
            offset: PAGE,
            ..of_process
        }),
        Some(Errno::INVAL)
    );
    assert_eq!(
        refused(MapUserMem {
            memtype: 0,
            ..of_process
        }),
        Some(Errno::OPNOTSUPP)
    );
    let mut of_pmem = SharedmemFromPmem::default();
    let refused = device.ioctl(SHAREDMEM_FROM_PMEM, &mut of_pmem);
    assert_eq!(refused, Err(Errno::OPNOTSUPP));
}

/// Fails unless the GPU uses the dma-buf as the process sees it.
fn the_gpu_uses(buffer: impl AsFd) {
    let device = open();
    let bench = Bench::new(&device);
    let object = import_buffer(&device, buffer.as_fd().as_raw_fd()).expect("it is imported");
    assert_eq!(object.size, SIZE);
    let mapping = Mapping::new(&buffer, LENGTH, Access::ReadWrite, 0).expect("it is mapped");
    is_shared(&device, object.gpu_address, &mapping);
    object.free(&device).expect("it is freed");
    gpu_cannot_write(&bench, object.gpu_address);
}

fn the_gpu_uses_the_system_heap() {
    the_gpu_uses(system_heap(SIZE).expect("the kernel has a system heap"));
}

fn the_gpu_uses_udmabuf() {
    let driver = Udmabuf::open().expect("the kernel has udmabuf");
    let (buffer, memfd) = driver.create(SIZE).expect("a buffer is created");
    the_gpu_uses(&buffer);
    let pages = Mapping::new(&memfd, LENGTH, Access::Read, 0).expect("it is mapped");
    assert_eq!(pages.read(16, 2), [100, 150], "the memfd has the pages");
}

/// Does something while vgem is there; its module is the second.
fn with_vgem(test: impl FnOnce(&Module)) {
    let modules = ["drm_shmem_helper", "vgem"].map(Module::named);
    for module in &modules {
        module
            .insert()
            .unwrap_or_else(|errno| panic!("inserting {}: {errno}", module.name()));
    }
    test(&modules[1]);
    for module in modules.iter().rev() {
        module
            .remove()
            .unwrap_or_else(|errno| panic!("removing {}: {errno}", module.name()));
    }
}

fn the_gpu_uses_vgem() {
    with_vgem(|_| the_gpu_uses(vgem(4).expect("vgem has buffers")));
}

/// The GPU uses the buffer though the program has closed it, and so its driver cannot be removed.
fn an_imported_buffer_keeps_its_driver() {
    with_vgem(|module| {
        let device = open();
        let buffer = vgem(4).expect("vgem has buffers");
        let object = import_buffer(&device, buffer.as_raw_fd()).expect("it is imported");
        drop(buffer);
        assert_eq!(module.remove(), Err(Errno::AGAIN));
        gpu_writes(&device, object.gpu_address, 5);
        assert_eq!(gpu_reads(&device, object.gpu_address), 5);
        object.free(&device).expect("it is freed");
    });
}

/// A buffer that others still have does not keep the module, once the program has closed the device.
fn an_imported_buffer_goes_with_the_device() {
    let module = Module::named("kgsl_shim");
    let buffer = system_heap(SIZE).expect("the kernel has a system heap");
    let device = open();
    let object = import_buffer(&device, buffer.as_raw_fd()).expect("it is imported");
    gpu_writes(&device, object.gpu_address, 6);
    assert_eq!(module.remove(), Err(Errno::AGAIN));
    drop(device);
    module.remove().expect("nobody uses it any more");
    let mapping = Mapping::new(&buffer, LENGTH, Access::Read, 0).expect("it is mapped");
    assert_eq!(mapping.read(0, 1), [6]);
    module.insert().expect("the module is inserted");
}

/// Whatever is asked for, memory that others have mapped is write-back; what only fresh memory can be is dropped.
fn an_import_says_what_it_is() {
    let device = open();
    let buffer = system_heap(SIZE).expect("the kernel has a system heap");
    let memory = Mapping::anonymous(LENGTH).expect("there is memory");
    let mut fd = GpuobjImportDmaBuf {
        fd: buffer.as_raw_fd(),
    };
    let mut virtaddr = GpuobjImportUserAddress {
        virtaddr: memory.address(),
    };
    let write_back = CACHEMODE_WRITEBACK << CACHEMODE_SHIFT;
    for (kind, private, private_len) in [
        (USER_MEM_TYPE_DMABUF, address(&mut fd), 4),
        (USER_MEM_TYPE_ADDR, address(&mut virtaddr), SIZE),
    ] {
        let mut argument = GpuobjImport {
            private,
            private_len,
            flags: MEMFLAGS_GPUREADONLY | (1 << CACHEMODE_SHIFT) | MEMFLAGS_USE_CPU_MAP | (1 << 40),
            kind,
            id: 0,
        };
        device
            .ioctl(GPUOBJ_IMPORT, &mut argument)
            .expect("it is imported");
        let origin = u64::from(kind + 1) << MEMFLAGS_USERMEM_SHIFT;
        assert_eq!(argument.flags, MEMFLAGS_GPUREADONLY | write_back | origin);
        let info = Object::info(&device, argument.id).expect("it is known");
        assert_eq!((info.flags, info.size), (argument.flags, SIZE));
        assert_ne!(info.gpuaddr, 0);
        gpu_cannot_write(&Bench::new(&device), info.gpuaddr);
    }
}

fn a_buffer_can_be_imported_twice() {
    let device = open();
    let buffer = system_heap(SIZE).expect("the kernel has a system heap");
    let import = || import_buffer(&device, buffer.as_raw_fd()).expect("it is imported");
    let (first, second) = (import(), import());
    assert!(first.id != second.id && first.gpu_address != second.gpu_address);
    gpu_writes(&device, first.gpu_address, 9);
    assert_eq!(gpu_reads(&device, second.gpu_address), 9);
    first.free(&device).expect("it is freed");
    gpu_writes(&device, second.gpu_address, 10);
}

fn a_descriptor_that_is_no_buffer_is_refused() {
    let device = open();
    let file = std::fs::File::open("/dev/null").expect("it opens");
    for (descriptor, errno) in [
        (-1, Errno::BADF),
        (9999, Errno::BADF),
        (file.as_raw_fd(), Errno::INVAL),
        (device.as_fd().as_raw_fd(), Errno::INVAL),
    ] {
        let refused = import_buffer(&device, descriptor).err();
        assert_eq!(refused, Some(errno), "{descriptor}");
    }
}

fn a_buffer_outlives_its_descriptor() {
    let device = open();
    let buffer = system_heap(SIZE).expect("the kernel has a system heap");
    let object = import_buffer(&device, buffer.as_raw_fd()).expect("it is imported");
    drop(buffer);
    gpu_writes(&device, object.gpu_address, 12);
    assert_eq!(gpu_reads(&device, object.gpu_address), 12);
}
