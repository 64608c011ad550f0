// SPDX-License-Identifier: GPL-2.0

//! Structures of 32-bit programs that differ from those of 64-bit programs.
//!
//! These are the structures with pointers, `unsigned long` and `size_t` in them. All others consist
//! of numbers of a fixed size and are the same for both, but for padding at the end, which the C
//! compiler for i386 leaves out and the dispatcher therefore does not insist on.

use super::{command, device, memory, perfcounter, sync};

/// A field of a 32-bit program's structure, and the same field of a 64-bit program's.
trait Field<Native> {
    /// The field as a 64-bit program would have passed it.
    fn widen(self) -> Native;

    /// The field as a 32-bit program gets it: what does not fit is cut off, as the C driver does
    /// it. The driver sees to it that addresses fit.
    fn narrow(native: Native) -> Self;
}

impl Field<u64> for u32 {
    fn widen(self) -> u64 {
        u64::from(self)
    }

    fn narrow(native: u64) -> Self {
        // CAST: The higher half is cut off.
        native as u32
    }
}

/// Fields that are the same for both.
macro_rules! same {
    ($($field:ty),*) => {$(
        impl Field<$field> for $field {
            fn widen(self) -> $field {
                self
            }

            fn narrow(native: $field) -> Self {
                native
            }
        }
    )*};
}

same!(u32, i32, [u32; 2], [u32; 4]);

impl<const N: usize> Field<[u64; N]> for [u32; N] {
    fn widen(self) -> [u64; N] {
        self.map(u64::from)
    }

    fn narrow(native: [u64; N]) -> Self {
        native.map(<u32 as Field<u64>>::narrow)
    }
}

/// Declares structures of 32-bit programs: the native structure, and the fields with their types.
/// Fields of the native structure that are left out are its padding.
macro_rules! compat {
    ($($(#[$doc:meta])* $name:ident = $native:path { $($field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default)]
        #[repr(C)]
        #[allow(missing_docs, reason = "the fields are those of the native structure")]
        pub struct $name {
            $(pub $field: $kind,)*
        }

        impl From<$name> for $native {
            fn from(compat: $name) -> Self {
                let mut native = Self::default();
                $(native.$field = compat.$field.widen();)*
                native
            }
        }

        impl From<$native> for $name {
            fn from(native: $native) -> Self {
                Self {
                    $($field: Field::narrow(native.$field),)*
                }
            }
        }
    )*};
}

compat! {
    /// `struct kgsl_device_getproperty`.
    DeviceProperty = device::DeviceProperty {
        property: u32,
        value: u32,
        size: u32,
    }

    /// `struct kgsl_devinfo`.
    DeviceInfo = device::DeviceInfo {
        device_id: u32,
        chip_id: u32,
        mmu_enabled: u32,
        gmem_gpubaseaddr: u32,
        gpu_id: u32,
        gmem_sizebytes: u32,
    }

    /// `struct kgsl_shadowprop`.
    DeviceShadow = device::DeviceShadow {
        gpuaddr: u32,
        size: u32,
        flags: u32,
    }

    /// `struct kgsl_preemption_counters_query`.
    PreemptionCounterQuery = device::PreemptionCounterQuery {
        counters: u32,
        size_user: u32,
        size_priority_level: u32,
        max_priority_level: u32,
    }

    /// `struct kgsl_ringbuffer_issueibcmds`.
    RingbufferIssueIbCmds = command::RingbufferIssueIbCmds {
        drawctxt_id: u32,
        ibdesc_addr: u32,
        numibs: u32,
        timestamp: u32,
        flags: u32,
    }

    /// `struct kgsl_ibdesc`.
    IbDesc = command::IbDesc {
        gpuaddr: u32,
        pad: u32,
        sizedwords: u32,
        ctrl: u32,
    }

    /// `struct kgsl_submit_commands`.
    SubmitCommands = command::SubmitCommands {
        context_id: u32,
        flags: u32,
        cmdlist: u32,
        numcmds: u32,
        synclist: u32,
        numsyncs: u32,
        timestamp: u32,
        reserved: [u32; 4],
    }

    /// `struct kgsl_cmd_syncpoint`.
    CmdSyncpoint = command::CmdSyncpoint {
        kind: u32,
        private: u32,
        size: u32,
    }

    /// `struct kgsl_map_user_mem`.
    MapUserMem = memory::MapUserMem {
        fd: i32,
        gpuaddr: u32,
        len: u32,
        offset: u32,
        hostptr: u32,
        memtype: u32,
        flags: u32,
    }

    /// `struct kgsl_cmdstream_freememontimestamp_ctxtid`.
    FreeMemOnTimestamp = memory::FreeMemOnTimestamp {
        context_id: u32,
        gpuaddr: u32,
        kind: u32,
        timestamp: u32,
    }

    /// `struct kgsl_sharedmem_free`.
    SharedmemFree = memory::SharedmemFree {
        gpuaddr: u32,
    }

    /// `struct kgsl_gpumem_alloc`.
    GpumemAlloc = memory::GpumemAlloc {
        gpuaddr: u32,
        size: u32,
        flags: u32,
    }

    /// `struct kgsl_gpumem_alloc_id`.
    GpumemAllocId = memory::GpumemAllocId {
        id: u32,
        flags: u32,
        size: u32,
        mmapsize: u32,
        gpuaddr: u32,
        reserved: [u32; 2],
    }

    /// `struct kgsl_gpumem_get_info`.
    GpumemGetInfo = memory::GpumemGetInfo {
        gpuaddr: u32,
        id: u32,
        flags: u32,
        size: u32,
        mmapsize: u32,
        useraddr: u32,
        reserved: [u32; 4],
    }

    /// `struct kgsl_gpumem_sync_cache`.
    GpumemSyncCache = memory::GpumemSyncCache {
        gpuaddr: u32,
        id: u32,
        op: u32,
        offset: u32,
        length: u32,
    }

    /// `struct kgsl_gpumem_sync_cache_bulk`.
    GpumemSyncCacheBulk = memory::GpumemSyncCacheBulk {
        id_list: u32,
        count: u32,
        op: u32,
        reserved: [u32; 2],
    }

    /// `struct kgsl_timestamp_event`.
    TimestampEvent = sync::TimestampEvent {
        kind: i32,
        timestamp: u32,
        context_id: u32,
        private: u32,
        len: u32,
    }

    /// `struct kgsl_perfcounter_query`.
    PerfcounterQuery = perfcounter::PerfcounterQuery {
        groupid: u32,
        countables: u32,
        count: u32,
        max_counters: u32,
        reserved: [u32; 2],
    }

    /// `struct kgsl_perfcounter_read`.
    PerfcounterRead = perfcounter::PerfcounterRead {
        reads: u32,
        count: u32,
        reserved: [u32; 2],
    }
}
