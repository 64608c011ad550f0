// SPDX-License-Identifier: GPL-2.0

//! What the flags of an allocation ask for.
//!
//! As in the C driver, bits that it does not know are dropped without an error: the caller learns
//! from the flags that it gets back.

use crate::{
    abi::memory as abi,
    ext::{
        errno,
        task, //
    },
};
use kernel::prelude::*;

/// The bits that an allocation may have; all others are dropped.
const KNOWN: u64 = abi::MEMFLAGS_GPUREADONLY
    | abi::MEMFLAGS_GPUWRITEONLY
    | abi::MEMTYPE_MASK
    | abi::MEMALIGN_MASK
    | abi::CACHEMODE_MASK
    | abi::MEMFLAGS_USE_CPU_MAP
    | abi::MEMFLAGS_IOCOHERENT
    | abi::MEMFLAGS_FORCE_32BIT
    | abi::MEMFLAGS_GUARD_PAGE;

/// Where the memory type is.
const MEMTYPE_SHIFT: u32 = abi::MEMTYPE_MASK.trailing_zeros();

/// The largest alignment that is honoured, as a logarithm: 32 MiB.
const ALIGNMENT_MAX: u64 = 25;

/// The flags of a memory object, after what the driver does not do has been dropped.
#[derive(Clone, Copy)]
pub(crate) struct Flags(u64);

impl Flags {
    /// The flags that an object gets when a program asks for `wanted`. A 32-bit program gets
    /// addresses that fit its structures, whatever it asks for.
    ///
    /// Fails with `EOPNOTSUPP` for secure memory.
    pub(crate) fn allocation(wanted: u64) -> Result<Self> {
        if wanted & abi::MEMFLAGS_SECURE != 0 {
            return Err(errno::eopnotsupp());
        }
        let demanded = match task::in_compat_call() {
            true => abi::MEMFLAGS_FORCE_32BIT,
            false => 0,
        };
        Ok(Self((wanted | demanded) & KNOWN)
            .with_capped_alignment()
            .with_cache_mode())
    }

    /// The flags that an imported object gets: what it is, and write-back, as the driver that made
    /// it has it mapped.
    pub(crate) fn import(wanted: u64, kind: u32, writable: bool) -> Result<Self> {
        const KEPT: u64 = abi::MEMFLAGS_GPUREADONLY
            | abi::MEMTYPE_MASK
            | abi::MEMALIGN_MASK
            | abi::MEMFLAGS_IOCOHERENT
            | abi::MEMFLAGS_FORCE_32BIT
            | abi::MEMFLAGS_GUARD_PAGE;
        let kind = u64::from(kind + 1) << abi::MEMFLAGS_USERMEM_SHIFT;
        let mode = abi::CACHEMODE_WRITEBACK << abi::CACHEMODE_SHIFT;
        let read_only = match writable {
            true => 0,
            false => abi::MEMFLAGS_GPUREADONLY,
        };
        let flags = Self::allocation(wanted & (KEPT | abi::MEMFLAGS_SECURE))?;
        Ok(Self(flags.0 & KEPT | kind | mode | read_only))
    }

    /// The flags of a virtual buffer object.
    ///
    /// Fails with `EINVAL` for what only memory can be: read-only, cached, coherent, mapped by the
    /// CPU.
    pub(crate) fn virtual_buffer(wanted: u64) -> Result<Self> {
        const REFUSED: u64 = abi::MEMFLAGS_GPUREADONLY
            | abi::CACHEMODE_MASK
            | abi::MEMFLAGS_USE_CPU_MAP
            | abi::MEMFLAGS_IOCOHERENT;
        const KEPT: u64 = abi::MEMFLAGS_VBO | abi::MEMFLAGS_VBO_NO_MAP_ZERO;
        match wanted & REFUSED {
            0 => Ok(Self(Self::allocation(wanted)?.0 | (wanted & KEPT))),
            _ => Err(EINVAL),
        }
    }

    /// Whether what is not bound of a virtual buffer object faults, instead of reading as zero.
    pub(crate) fn faults_where_unbound(self) -> bool {
        self.0 & abi::MEMFLAGS_VBO_NO_MAP_ZERO != 0
    }

    /// The bits, as user space sees them.
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// What the program uses the object for, not shifted.
    pub(crate) fn memory_type(self) -> u32 {
        // CAST: The mask leaves eight bits.
        ((self.0 & abi::MEMTYPE_MASK) >> MEMTYPE_SHIFT) as u32
    }

    /// The same flags, with another memory type.
    pub(crate) fn with_memory_type(self, memory_type: u32) -> Self {
        let shifted = (u64::from(memory_type) << MEMTYPE_SHIFT) & abi::MEMTYPE_MASK;
        Self((self.0 & !abi::MEMTYPE_MASK) | shifted)
    }

    /// Whether the GPU may write the object.
    pub(crate) fn gpu_may_write(self) -> bool {
        self.0 & abi::MEMFLAGS_GPUREADONLY == 0
    }

    /// Whether its GPU address must fit 32 bits.
    pub(crate) fn force_32bit(self) -> bool {
        self.0 & abi::MEMFLAGS_FORCE_32BIT != 0
    }

    /// Whether its GPU address is that of its CPU mapping.
    pub(crate) fn use_cpu_map(self) -> bool {
        self.0 & abi::MEMFLAGS_USE_CPU_MAP != 0
    }

    /// Whether a page that is not mapped must follow it.
    pub(crate) fn guard_page(self) -> bool {
        self.0 & abi::MEMFLAGS_GUARD_PAGE != 0
    }

    /// The wanted alignment of its GPU address, in bytes: 1 when none is wanted.
    pub(crate) fn alignment(self) -> u64 {
        1 << ((self.0 & abi::MEMALIGN_MASK) >> abi::MEMALIGN_SHIFT)
    }

    /// Caps the alignment, so that the shift in [`Flags::alignment`] cannot overflow.
    fn with_capped_alignment(self) -> Self {
        let logarithm = (self.0 & abi::MEMALIGN_MASK) >> abi::MEMALIGN_SHIFT;
        let logarithm = logarithm.min(ALIGNMENT_MAX);
        Self(self.0 & !abi::MEMALIGN_MASK | (logarithm << abi::MEMALIGN_SHIFT))
    }

    /// Turns write-through, which no arm64 CPU does, into write-back. The mode is only echoed: CPU
    /// mappings are always write-back, because the GPU is a CPU and an uncached alias of cached
    /// pages would not be coherent.
    fn with_cache_mode(self) -> Self {
        let mode = (self.0 & abi::CACHEMODE_MASK) >> abi::CACHEMODE_SHIFT;
        if mode != abi::CACHEMODE_WRITETHROUGH {
            return self;
        }
        Self(self.0 & !abi::CACHEMODE_MASK | (abi::CACHEMODE_WRITEBACK << abi::CACHEMODE_SHIFT))
    }
}
