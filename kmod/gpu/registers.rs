// SPDX-License-Identifier: GPL-2.0

//! The register file of a context, and which registers a user's command stream may touch.
//!
//! Offsets are dword offsets, as in packets. The ranges are those of the CP_PROTECT lists that a C
//! driver programs: user streams fault on a write to a protected register, and on a read from one
//! that is protected against reads.

use super::chip::Generation;
use super::fault::Cause;

/// The always-on counter's low dword: CP_ALWAYS_ON_COUNTER.
pub const CP_ALWAYS_ON_COUNTER: u32 = 0x0980;
/// The always-on counter's high dword.
pub const CP_ALWAYS_ON_COUNTER_HI: u32 = 0x0981;
/// The first of eight scratch registers: CP_SCRATCH.
pub const CP_SCRATCH: u32 = 0x0883;
/// How many scratch registers there are.
pub const SCRATCH_COUNT: u32 = 8;

/// The number of registers that the offset field of a packet can name.
const SPACE: u32 = 1 << 18;

/// What a range of registers refuses to user command streams.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// Writes.
    ReadOnly,
    /// Reads and writes.
    NoAccess,
}

use Protection::{NoAccess, ReadOnly};

/// First and last register of a range, and what it refuses.
type Range = (u32, u32, Protection);

/// The ranges of A6xx: the union of what its chips protect, of the registers below 0x10000.
const A6XX: &[Range] = &[
    (0x00000, 0x004ff, ReadOnly),
    (0x00501, 0x00506, ReadOnly),
    (0x0050b, 0x007ff, ReadOnly),
    (0x0050e, 0x0050e, NoAccess),
    (0x00510, 0x00510, NoAccess),
    (0x00534, 0x00534, NoAccess),
    (0x00800, 0x00882, NoAccess),
    (0x008a0, 0x008a8, NoAccess),
    (0x008ab, 0x008cf, NoAccess),
    (0x008de, 0x0098c, ReadOnly),
    (0x00900, 0x0094d, NoAccess),
    (0x0098d, 0x00bff, NoAccess),
    (0x00e00, 0x00e01, NoAccess),
    (0x00e03, 0x00e0f, NoAccess),
    (0x03c00, 0x03cc3, NoAccess),
    (0x03cc4, 0x05cc3, ReadOnly),
    (0x08630, 0x087ff, NoAccess),
    (0x08e00, 0x08e00, NoAccess),
    (0x08e08, 0x08e08, NoAccess),
    (0x08e50, 0x08e6f, NoAccess),
    (0x08e80, 0x090ff, NoAccess),
    (0x09624, 0x097ff, NoAccess),
    (0x09e60, 0x09e71, NoAccess),
    (0x09e78, 0x09fff, NoAccess),
    (0x0a630, 0x0a7ff, NoAccess),
    (0x0ae02, 0x0ae02, NoAccess),
    (0x0ae50, 0x0af7f, NoAccess),
    (0x0b604, 0x0b604, NoAccess),
    (0x0b608, 0x0b60e, NoAccess),
    (0x0be02, 0x0be03, NoAccess),
    (0x0be20, 0x0bf7f, NoAccess),
    (0x0d000, 0x0d5ff, NoAccess),
    (0x0f000, 0x0fbff, NoAccess),
    (0x0fc00, 0x11bff, ReadOnly),
];

/// The ranges of A7xx.
const A7XX: &[Range] = &[
    (0x00000, 0x004ff, ReadOnly),
    (0x0050b, 0x00563, ReadOnly),
    (0x0050e, 0x0050e, NoAccess),
    (0x00510, 0x00510, NoAccess),
    (0x00534, 0x00534, NoAccess),
    (0x005fb, 0x00698, ReadOnly),
    (0x00699, 0x00882, NoAccess),
    (0x008a0, 0x008a8, NoAccess),
    (0x008ab, 0x008cf, NoAccess),
    (0x008de, 0x008df, NoAccess),
    (0x008e7, 0x00a32, ReadOnly),
    (0x00900, 0x0094d, NoAccess),
    (0x0098d, 0x00a3f, NoAccess),
    (0x00a41, 0x00bff, NoAccess),
    (0x00df0, 0x00df1, NoAccess),
    (0x00e01, 0x00e01, NoAccess),
    (0x00e07, 0x00e0f, NoAccess),
    (0x03c00, 0x03cc3, NoAccess),
    (0x03cc4, 0x05cc3, ReadOnly),
    (0x08630, 0x087ff, NoAccess),
    (0x08e00, 0x08e00, NoAccess),
    (0x08e08, 0x08e08, NoAccess),
    (0x08e50, 0x08e6f, NoAccess),
    (0x08e80, 0x09100, NoAccess),
    (0x09624, 0x097ff, NoAccess),
    (0x09e40, 0x09e40, NoAccess),
    (0x09e64, 0x09e71, NoAccess),
    (0x09e78, 0x09fff, NoAccess),
    (0x0a630, 0x0a7ff, NoAccess),
    (0x0ae02, 0x0ae02, NoAccess),
    (0x0ae50, 0x0ae5f, NoAccess),
    (0x0ae66, 0x0ae69, NoAccess),
    (0x0ae6f, 0x0ae72, NoAccess),
    (0x0b604, 0x0b607, NoAccess),
    (0x0ec00, 0x0fbff, NoAccess),
    (0x0fc00, 0x11bff, ReadOnly),
];

/// From here on everything is the kernel's, on either generation.
const PRIVILEGED_FROM: u32 = 0x18400;

/// First register and number of registers of the windows that the file backs, in order.
const WINDOWS: [(u32, u32); 4] = [
    (0x8000, 0x4000),
    (0x0c00, 0x0240),
    (0x0880, 0x0080),
    (0x0507, 0x0004),
];

/// The dwords of a register file.
const COUNT: usize = 0x4000 + 0x0240 + 0x0080 + 0x0004;

/// A bit for each dword of a register file: whether user command streams may not write it.
type Bitmap = [u64; COUNT.div_ceil(64)];

/// What user command streams may not write, on A6xx and A7xx.
static REFUSED: [Bitmap; 2] = [bitmap(A6XX), bitmap(A7XX)];

/// The dword of the file that backs `register`.
const fn index(register: u32) -> Option<usize> {
    let mut base = 0;
    let mut window = 0;
    while window < WINDOWS.len() {
        let (first, count) = WINDOWS[window];
        if register >= first && register - first < count {
            return Some((base + register - first) as usize);
        }
        base += count;
        window += 1;
    }
    None
}

/// The bitmap of the protected ranges, whatever they refuse: every protection refuses writes.
const fn bitmap(ranges: &[Range]) -> Bitmap {
    let mut bitmap = [0; COUNT.div_ceil(64)];
    let mut range = 0;
    while range < ranges.len() {
        let (first, last, _) = ranges[range];
        let mut register = first;
        // The windows lie within these bounds; skipping the rest keeps the compiler's work small.
        while register <= last && register < 0xc000 {
            if let Some(bit) = index(register) {
                bitmap[bit / 64] |= 1 << (bit % 64);
            }
            register += 1;
        }
        range += 1;
    }
    bitmap
}

/// The ranges of a generation.
fn ranges(generation: Generation) -> &'static [Range] {
    match generation {
        Generation::A6xx => A6XX,
        Generation::A7xx => A7XX,
    }
}

/// Whether `register` lies in a range that refuses writes, or reads when `read` is set.
fn refused(generation: Generation, register: u32, read: bool) -> bool {
    register >= PRIVILEGED_FROM
        || ranges(generation).iter().any(|&(first, last, protection)| {
            (first..=last).contains(&register) && !(read && protection == ReadOnly)
        })
}

/// A view of the registers of one context, whose dwords the caller owns. All zero is the state
/// after a reset.
pub struct Registers<'a> {
    /// The backed windows, [`Registers::COUNT`] dwords.
    values: &'a mut [u32],
}

impl<'a> Registers<'a> {
    /// The dwords of a register file.
    pub const COUNT: usize = COUNT;

    /// A view of `values`; `None` when there are not [`Self::COUNT`] of them.
    pub fn new(values: &'a mut [u32]) -> Option<Self> {
        (values.len() == COUNT).then_some(Self { values })
    }

    /// What `register` holds; 0 for one that no window backs. No protection: for the engines, not
    /// for packets.
    pub fn get(&self, register: u32) -> u32 {
        index(register)
            .and_then(|index| self.values.get(index))
            .copied()
            .unwrap_or(0)
    }

    /// The qword of which `register` holds the low half and the next one the high half.
    pub fn get64(&self, register: u32) -> u64 {
        let high = u64::from(self.get(register.saturating_add(1)));
        (high << 32) | u64::from(self.get(register))
    }

    /// Reads `register` on behalf of a user command stream. What the hardware has and no window
    /// backs reads as 0.
    pub fn read(&self, generation: Generation, register: u32) -> Result<u32, Cause> {
        if register >= SPACE {
            return Err(Cause::UnknownRegister(register));
        }
        if refused(generation, register, true) {
            return Err(Cause::PrivilegedRegister(register));
        }
        Ok(self.get(register))
    }

    /// Writes `register` on behalf of a user command stream.
    pub fn write(
        &mut self,
        generation: Generation,
        register: u32,
        value: u32,
    ) -> Result<(), Cause> {
        let [a6xx, a7xx] = &REFUSED;
        let bitmap = match generation {
            Generation::A6xx => a6xx,
            Generation::A7xx => a7xx,
        };
        let slot = index(register).filter(|bit| {
            bitmap
                .get(bit / 64)
                .is_some_and(|word| (word >> (bit % 64)) & 1 == 0)
        });
        match slot.and_then(|slot| self.values.get_mut(slot)) {
            Some(slot) => *slot = value,
            None if refused(generation, register, false) => {
                return Err(Cause::PrivilegedRegister(register))
            }
            None => return Err(Cause::UnknownRegister(register)),
        }
        Ok(())
    }
}
