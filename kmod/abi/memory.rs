// SPDX-License-Identifier: GPL-2.0

//! Memory objects: allocating, importing, mapping, binding and freeing them.

use super::Ioctl;

/// Maps memory of the program or of a dma-buf into the GPU address space, the oldest form.
pub const MAP_USER_MEM: Ioctl<MapUserMem> = Ioctl::read_write(0x15);
/// Imports physically contiguous memory, which drivers no longer do.
pub const SHAREDMEM_FROM_PMEM: Ioctl<SharedmemFromPmem> = Ioctl::read_write(0x20);
/// Frees memory once a timestamp of a context has retired.
pub const CMDSTREAM_FREEMEMONTIMESTAMP_CTXTID: Ioctl<FreeMemOnTimestamp> = Ioctl::write(0x17);
/// Frees memory by GPU address.
pub const SHAREDMEM_FREE: Ioctl<SharedmemFree> = Ioctl::write(0x21);
/// Flushes the CPU caches of memory, by GPU address.
pub const SHAREDMEM_FLUSH_CACHE: Ioctl<SharedmemFree> = Ioctl::write(0x24);
/// Allocates memory, the oldest form: no id is returned.
pub const GPUMEM_ALLOC: Ioctl<GpumemAlloc> = Ioctl::read_write(0x2f);
/// Allocates memory.
pub const GPUMEM_ALLOC_ID: Ioctl<GpumemAllocId> = Ioctl::read_write(0x34);
/// Frees memory by id.
pub const GPUMEM_FREE_ID: Ioctl<GpumemFreeId> = Ioctl::read_write(0x35);
/// Looks memory up, by id or GPU address.
pub const GPUMEM_GET_INFO: Ioctl<GpumemGetInfo> = Ioctl::read_write(0x36);
/// Maintains the CPU caches of a range.
pub const GPUMEM_SYNC_CACHE: Ioctl<GpumemSyncCache> = Ioctl::write(0x37);
/// Maintains the CPU caches of many objects.
pub const GPUMEM_SYNC_CACHE_BULK: Ioctl<GpumemSyncCacheBulk> = Ioctl::read_write(0x3c);
/// Allocates memory, with 64-bit flags.
pub const GPUOBJ_ALLOC: Ioctl<GpuobjAlloc> = Ioctl::read_write(0x45);
/// Frees memory by id, now or later.
pub const GPUOBJ_FREE: Ioctl<GpuobjFree> = Ioctl::write(0x46);
/// Looks memory up by id.
pub const GPUOBJ_INFO: Ioctl<GpuobjInfo> = Ioctl::read_write(0x47);
/// Imports memory of the program or a dma-buf.
pub const GPUOBJ_IMPORT: Ioctl<GpuobjImport> = Ioctl::read_write(0x48);
/// Maintains the CPU caches of ranges of many objects.
pub const GPUOBJ_SYNC: Ioctl<GpuobjSync> = Ioctl::write(0x49);
/// Changes what is known of an object.
pub const GPUOBJ_SET_INFO: Ioctl<GpuobjSetInfo> = Ioctl::write(0x4c);
/// Binds ranges of objects into a virtual buffer object, or unbinds them.
pub const GPUMEM_BIND_RANGES: Ioctl<GpumemBindRanges> = Ioctl::read_write(0x56);

/// `KGSL_MEMFLAGS_SECURE`.
pub const MEMFLAGS_SECURE: u64 = 1 << 3;
/// `KGSL_MEMFLAGS_USERMEM_MASK`: what imported memory is, type + 1.
pub const MEMFLAGS_USERMEM_MASK: u64 = 0xe0;
/// `KGSL_MEMFLAGS_USERMEM_SHIFT`.
pub const MEMFLAGS_USERMEM_SHIFT: u32 = 5;
/// `KGSL_MEMTYPE_MASK`: what the program uses the memory for; the driver only shows it.
pub const MEMTYPE_MASK: u64 = 0xff00;
/// `KGSL_MEMALIGN_MASK`: logarithm to base 2 of the wanted alignment.
pub const MEMALIGN_MASK: u64 = 0xff_0000;
/// `KGSL_MEMALIGN_SHIFT`.
pub const MEMALIGN_SHIFT: u32 = 16;
/// `KGSL_MEMFLAGS_GPUREADONLY`: the GPU may not write it.
pub const MEMFLAGS_GPUREADONLY: u64 = 1 << 24;
/// `KGSL_MEMFLAGS_GPUWRITEONLY`: a hint.
pub const MEMFLAGS_GPUWRITEONLY: u64 = 1 << 25;
/// `KGSL_CACHEMODE_MASK`.
pub const CACHEMODE_MASK: u64 = 0x0c00_0000;
/// `KGSL_CACHEMODE_SHIFT`.
pub const CACHEMODE_SHIFT: u32 = 26;
/// `KGSL_CACHEMODE_WRITECOMBINE`.
pub const CACHEMODE_WRITECOMBINE: u64 = 0;
/// `KGSL_CACHEMODE_UNCACHED`.
pub const CACHEMODE_UNCACHED: u64 = 1;
/// `KGSL_CACHEMODE_WRITETHROUGH`.
pub const CACHEMODE_WRITETHROUGH: u64 = 2;
/// `KGSL_CACHEMODE_WRITEBACK`.
pub const CACHEMODE_WRITEBACK: u64 = 3;
/// `KGSL_MEMFLAGS_USE_CPU_MAP`: the GPU address is the address of the CPU mapping.
pub const MEMFLAGS_USE_CPU_MAP: u64 = 1 << 28;
/// `KGSL_MEMFLAGS_SPARSE_PHYS`: removed.
pub const MEMFLAGS_SPARSE_PHYS: u64 = 1 << 29;
/// `KGSL_MEMFLAGS_SPARSE_VIRT`: removed.
pub const MEMFLAGS_SPARSE_VIRT: u64 = 1 << 30;
/// `KGSL_MEMFLAGS_IOCOHERENT`: the GPU snoops the CPU caches.
pub const MEMFLAGS_IOCOHERENT: u64 = 1 << 31;
/// `KGSL_MEMFLAGS_FORCE_32BIT`: the GPU address fits 32 bits.
pub const MEMFLAGS_FORCE_32BIT: u64 = 1 << 32;
/// `KGSL_MEMFLAGS_GUARD_PAGE`: an unmapped page follows the object.
pub const MEMFLAGS_GUARD_PAGE: u64 = 1 << 33;
/// `KGSL_MEMFLAGS_VBO`: a virtual buffer object, which has addresses but no memory of its own.
pub const MEMFLAGS_VBO: u64 = 1 << 34;
/// `KGSL_MEMFLAGS_VBO_NO_MAP_ZERO`: unbound ranges of it fault instead of reading as zeroes.
pub const MEMFLAGS_VBO_NO_MAP_ZERO: u64 = 1 << 35;

/// `KGSL_USER_MEM_TYPE_PMEM`: removed.
pub const USER_MEM_TYPE_PMEM: u32 = 0;
/// `KGSL_USER_MEM_TYPE_ASHMEM`: removed.
pub const USER_MEM_TYPE_ASHMEM: u32 = 1;
/// `KGSL_USER_MEM_TYPE_ADDR`: memory of the program.
pub const USER_MEM_TYPE_ADDR: u32 = 2;
/// `KGSL_USER_MEM_TYPE_DMABUF`, formerly `ION`: a dma-buf.
pub const USER_MEM_TYPE_DMABUF: u32 = 3;

/// `struct kgsl_map_user_mem`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct MapUserMem {
    /// A dma-buf.
    pub fd: i32,
    /// Padding.
    pub pad: u32,
    /// Out: the GPU address.
    pub gpuaddr: u64,
    /// Size, in bytes.
    pub len: u64,
    /// Offset within the memory, in bytes.
    pub offset: u64,
    /// User address of the memory.
    pub hostptr: u64,
    /// A `USER_MEM_TYPE_*`.
    pub memtype: u32,
    /// `MEMFLAGS_*`.
    pub flags: u32,
}

/// `struct kgsl_cmdstream_freememontimestamp_ctxtid`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct FreeMemOnTimestamp {
    /// Which context.
    pub context_id: u32,
    /// Padding.
    pub pad: u32,
    /// GPU address of the memory.
    pub gpuaddr: u64,
    /// Only [`TIMESTAMP_RETIRED`](super::context::TIMESTAMP_RETIRED) has a meaning.
    pub kind: u32,
    /// Which timestamp.
    pub timestamp: u32,
}

/// `struct kgsl_sharedmem_from_pmem`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SharedmemFromPmem {
    /// A descriptor of the memory.
    pub pmem_fd: i32,
    /// Padding.
    pub pad: u32,
    /// Out: the GPU address.
    pub gpuaddr: u64,
    /// The size, in bytes.
    pub len: u32,
    /// Where the memory begins in the descriptor, in bytes.
    pub offset: u32,
}

/// `struct kgsl_sharedmem_free`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct SharedmemFree {
    /// GPU address of the memory.
    pub gpuaddr: u64,
}

/// `struct kgsl_gpumem_alloc`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemAlloc {
    /// Out: the GPU address.
    pub gpuaddr: u64,
    /// Size, in bytes.
    pub size: u64,
    /// `MEMFLAGS_*`.
    pub flags: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_gpumem_alloc_id`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemAllocId {
    /// Out: the id.
    pub id: u32,
    /// `MEMFLAGS_*`; the driver returns what it uses.
    pub flags: u32,
    /// Size, in bytes.
    pub size: u64,
    /// Out: how many bytes `mmap` takes.
    pub mmapsize: u64,
    /// Out: the GPU address; 0 where the CPU mapping will decide it.
    pub gpuaddr: u64,
    /// Reserved.
    pub reserved: [u64; 2],
}

/// `struct kgsl_gpumem_free_id`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemFreeId {
    /// Which object.
    pub id: u32,
    /// Reserved.
    pub reserved: u32,
}

/// `struct kgsl_gpumem_get_info`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemGetInfo {
    /// GPU address of the object, where `id` is 0; out: the same.
    pub gpuaddr: u64,
    /// Id of the object, or 0; out: the same.
    pub id: u32,
    /// Out: `MEMFLAGS_*`.
    pub flags: u32,
    /// Out: size, in bytes.
    pub size: u64,
    /// Out: how many bytes `mmap` takes.
    pub mmapsize: u64,
    /// Out: user address of the CPU mapping, or 0.
    pub useraddr: u64,
    /// Reserved.
    pub reserved: [u64; 4],
}

/// `struct kgsl_gpumem_sync_cache`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemSyncCache {
    /// GPU address of the object, where `id` is 0.
    pub gpuaddr: u64,
    /// Id of the object, or 0.
    pub id: u32,
    /// `GPUMEM_CACHE_*`.
    pub op: u32,
    /// Offset of the range, in bytes.
    pub offset: u64,
    /// Size of the range, in bytes.
    pub length: u64,
}

/// `KGSL_GPUMEM_CACHE_CLEAN`: what the CPU wrote reaches memory.
pub const GPUMEM_CACHE_CLEAN: u32 = 1 << 0;
/// `KGSL_GPUMEM_CACHE_INV`: the CPU reads memory anew.
pub const GPUMEM_CACHE_INV: u32 = 1 << 1;
/// `KGSL_GPUMEM_CACHE_RANGE`: only `offset` and `length`, not the whole object.
pub const GPUMEM_CACHE_RANGE: u32 = 1 << 31;

/// `struct kgsl_gpumem_sync_cache_bulk`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemSyncCacheBulk {
    /// User address of an array of `u32` ids.
    pub id_list: u64,
    /// How many there are.
    pub count: u32,
    /// `GPUMEM_CACHE_*`.
    pub op: u32,
    /// Reserved.
    pub reserved: [u32; 2],
}

/// `struct kgsl_gpuobj_alloc`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjAlloc {
    /// Size, in bytes; out: the size in use.
    pub size: u64,
    /// `MEMFLAGS_*`; the driver returns what it uses.
    pub flags: u64,
    /// Unused.
    pub va_len: u64,
    /// Out: how many bytes `mmap` takes.
    pub mmapsize: u64,
    /// Out: the id.
    pub id: u32,
    /// Size of the metadata, in bytes.
    pub metadata_len: u32,
    /// User address of a note that debugfs shows beside the object.
    pub metadata: u64,
}

/// `struct kgsl_gpuobj_free`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjFree {
    /// 0 or [`GPUOBJ_FREE_ON_EVENT`].
    pub flags: u64,
    /// User address of the event.
    pub private: u64,
    /// Which object.
    pub id: u32,
    /// A `GPU_EVENT_*`.
    pub kind: u32,
    /// Size of the event, in bytes.
    pub len: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_GPUOBJ_FREE_ON_EVENT`: free when an event happens, not now.
pub const GPUOBJ_FREE_ON_EVENT: u64 = 1;
/// `KGSL_GPU_EVENT_TIMESTAMP`: a [`GpuEventTimestamp`].
pub const GPU_EVENT_TIMESTAMP: u32 = 1;
/// `KGSL_GPU_EVENT_FENCE`: a [`GpuEventFence`].
pub const GPU_EVENT_FENCE: u32 = 2;

/// `struct kgsl_gpu_event_timestamp`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuEventTimestamp {
    /// Which context.
    pub context_id: u32,
    /// Which of its timestamps.
    pub timestamp: u32,
}

/// `struct kgsl_gpu_event_fence`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuEventFence {
    /// A sync_file.
    pub fd: i32,
}

/// `struct kgsl_gpuobj_info`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjInfo {
    /// Out: the GPU address.
    pub gpuaddr: u64,
    /// Out: `MEMFLAGS_*`.
    pub flags: u64,
    /// Out: size, in bytes.
    pub size: u64,
    /// Out: how many bytes the object occupies in the GPU address space.
    pub va_len: u64,
    /// Out: user address of the CPU mapping, or 0.
    pub va_addr: u64,
    /// Which object.
    pub id: u32,
    /// Padding.
    pub pad: u32,
}

/// `struct kgsl_gpuobj_import`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjImport {
    /// User address of a [`GpuobjImportDmaBuf`] or a [`GpuobjImportUserAddress`].
    pub private: u64,
    /// Size of what `private` points at; for memory of the program, the size of that memory; in
    /// bytes.
    pub private_len: u64,
    /// `MEMFLAGS_*`.
    pub flags: u64,
    /// [`USER_MEM_TYPE_ADDR`] or [`USER_MEM_TYPE_DMABUF`].
    pub kind: u32,
    /// Out: the id.
    pub id: u32,
}

/// `struct kgsl_gpuobj_import_dma_buf`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjImportDmaBuf {
    /// The dma-buf.
    pub fd: i32,
}

/// `struct kgsl_gpuobj_import_useraddr`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjImportUserAddress {
    /// User address of the memory.
    pub virtaddr: u64,
}

/// `struct kgsl_gpuobj_sync`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjSync {
    /// User address of an array of [`GpuobjSyncObject`].
    pub objs: u64,
    /// Size of one of them, in bytes.
    pub obj_len: u32,
    /// How many there are.
    pub count: u32,
}

/// `struct kgsl_gpuobj_sync_obj`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjSyncObject {
    /// Offset of the range, in bytes.
    pub offset: u64,
    /// Size of the range, in bytes.
    pub length: u64,
    /// Which object.
    pub id: u32,
    /// `GPUMEM_CACHE_*`.
    pub op: u32,
}

/// Objects in one GPUOBJ_SYNC, at most.
pub const MAX_SYNC_OBJECTS: u32 = 128;

/// `struct kgsl_gpuobj_set_info`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpuobjSetInfo {
    /// `GPUOBJ_SET_INFO_*`.
    pub flags: u64,
    /// User address of the metadata.
    pub metadata: u64,
    /// Which object.
    pub id: u32,
    /// Size of the metadata, in bytes.
    pub metadata_len: u32,
    /// The memory type, as in [`MEMTYPE_MASK`] but not shifted.
    pub kind: u32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_GPUOBJ_SET_INFO_METADATA`.
pub const GPUOBJ_SET_INFO_METADATA: u64 = 1 << 0;
/// `KGSL_GPUOBJ_SET_INFO_TYPE`.
pub const GPUOBJ_SET_INFO_TYPE: u64 = 1 << 1;
/// Metadata is cut to this many bytes, the closing zero included.
pub const GPUOBJ_METADATA_MAX: u32 = 64;

/// `struct kgsl_gpumem_bind_ranges`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct GpumemBindRanges {
    /// User address of an array of [`BindRange`].
    pub ranges: u64,
    /// How many there are.
    pub ranges_nents: u32,
    /// Size of one of them, in bytes; 0 asks for it.
    pub ranges_size: u32,
    /// Id of the virtual buffer object.
    pub id: u32,
    /// `BIND_RANGES_*`.
    pub flags: u32,
    /// Out: a sync_file that signals when the ranges are bound.
    pub fence_id: i32,
    /// Padding.
    pub pad: u32,
}

/// `KGSL_GPUMEM_BIND_ASYNC`: return before the ranges are bound.
pub const BIND_RANGES_ASYNC: u32 = 1 << 0;
/// `KGSL_GPUMEM_BIND_FENCE_OUT`: return a sync_file.
pub const BIND_RANGES_FENCE_OUT: u32 = 1 << 1;

/// `struct kgsl_gpumem_bind_range`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct BindRange {
    /// Offset within the child, in bytes.
    pub child_offset: u64,
    /// Offset within the virtual buffer object, in bytes.
    pub target_offset: u64,
    /// Size of the range, in bytes.
    pub length: u64,
    /// Id of the child.
    pub child_id: u32,
    /// [`RANGE_OP_BIND`] or [`RANGE_OP_UNBIND`].
    pub op: u32,
}

/// `KGSL_GPUMEM_RANGE_OP_BIND`.
pub const RANGE_OP_BIND: u32 = 1;
/// `KGSL_GPUMEM_RANGE_OP_UNBIND`.
pub const RANGE_OP_UNBIND: u32 = 2;

/// What `mmap` takes as the offset for the page that holds the timestamps of all contexts.
pub const MEMSTORE_TOKEN: u64 = 0xefff_f000;
/// Size of that memory, in bytes.
pub const MEMSTORE_SIZE: u64 = 32 * 1024;

/// What the timestamp memory holds for each context, at its id times 40: `struct kgsl_devmemstore`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct DeviceMemstore {
    /// The timestamp that the GPU has begun last.
    pub soptimestamp: u32,
    /// Padding.
    pub sbz: u32,
    /// The timestamp that the GPU has finished last.
    pub eoptimestamp: u32,
    /// Padding.
    pub sbz2: u32,
    /// Unused.
    pub preempted: u32,
    /// Padding.
    pub sbz3: u32,
    /// Unused.
    pub ref_wait_ts: u32,
    /// Padding.
    pub sbz4: u32,
    /// In the slot after the last context: the context that runs.
    pub current_context: u32,
    /// Padding.
    pub sbz5: u32,
}
