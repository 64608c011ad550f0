// SPDX-License-Identifier: GPL-2.0

//! Where the next dword of the command stream comes from: nested buffers, and a prefetch window
//! over the innermost.

use crate::gpu::fault::Cause;
use crate::gpu::memory::Memory;

/// How deep buffers nest: IB1, IB2, IB3 and the draw state groups that a draw in IB3 runs.
const LEVELS: usize = 4;
/// The dwords that are fetched at once. Like the hardware's, the stream may have been fetched this
/// far ahead of the packet that runs.
const WINDOW: usize = 64;
/// How many chain jumps a submission may make. Every jump of a real stream leads to another buffer,
/// so that more than this means a loop.
const CHAINS: u32 = 1 << 16;

/// How a buffer was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Submitted, or called by CP_INDIRECT_BUFFER.
    Indirect,
    /// A group of CP_SET_DRAW_STATE, run by a draw.
    DrawState,
}

/// A buffer that is being run.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// The GPU address, in bytes, of the next dword to fetch.
    next: u64,
    /// The dwords that are left from there.
    left: u32,
    /// How it was entered.
    kind: Kind,
}

/// The nested buffers of a submission.
#[derive(Debug)]
pub(super) struct Stream {
    /// The buffers, outermost first.
    levels: [Level; LEVELS],
    /// How many of them are in use.
    depth: usize,
    /// Dwords prefetched from the innermost buffer.
    window: [u32; WINDOW],
    /// The next of them to consume.
    position: usize,
    /// How many of them are valid. What is between is fetched, and not consumed.
    filled: usize,
    /// The chain jumps made since the submission began.
    chains: u32,
}

impl Stream {
    /// No buffer at all.
    pub(super) const fn new() -> Self {
        Self {
            levels: [Level {
                next: 0,
                left: 0,
                kind: Kind::Indirect,
            }; LEVELS],
            depth: 0,
            window: [0; WINDOW],
            position: 0,
            filled: 0,
            chains: 0,
        }
    }

    /// The nesting level: 0 when there is no buffer, 1 in the submitted one.
    pub(super) fn depth(&self) -> u8 {
        u8::try_from(self.depth).unwrap_or(u8::MAX)
    }

    /// Whether the innermost buffer is a draw state group.
    pub(super) fn in_draw_state(&self) -> bool {
        self.top()
            .is_some_and(|level| level.kind == Kind::DrawState)
    }

    /// The dwords that the innermost buffer has left.
    pub(super) fn left(&self) -> u32 {
        let unfetched = self.top().map_or(0, |level| level.left);
        unfetched.saturating_add(self.ahead())
    }

    /// The GPU address, in bytes, of the next dword to consume.
    pub(super) fn address(&self) -> u64 {
        let next = self.top().map_or(0, |level| level.next);
        next.wrapping_sub(u64::from(self.ahead()) * 4)
    }

    /// How many dwords are fetched, and not consumed.
    fn ahead(&self) -> u32 {
        // The window is short.
        u32::try_from(self.filled.saturating_sub(self.position)).unwrap_or(0)
    }

    /// Begins a submission: nothing is left of an earlier one.
    pub(super) fn start(&mut self, address: u64, dwords: u32) -> Result<(), Cause> {
        self.depth = 0;
        self.chains = 0;
        (self.position, self.filled) = (0, 0);
        self.push(address, dwords, Kind::Indirect)
    }

    /// Calls the buffer of `dwords` dwords at `address`.
    pub(super) fn push(&mut self, address: u64, dwords: u32, kind: Kind) -> Result<(), Cause> {
        check(address, dwords)?;
        // The last level is the draw states'.
        if kind == Kind::Indirect && self.depth + 1 >= LEVELS {
            return Err(Cause::Nesting);
        }
        self.unfetch();
        let level = self.levels.get_mut(self.depth).ok_or(Cause::Nesting)?;
        *level = Level {
            next: address,
            left: dwords,
            kind,
        };
        self.depth += 1;
        Ok(())
    }

    /// Jumps to the buffer of `dwords` dwords at `address`, and forgets what is left of the current
    /// one.
    pub(super) fn chain(&mut self, address: u64, dwords: u32) -> Result<(), Cause> {
        self.chains += 1;
        if self.chains > CHAINS {
            return Err(Cause::Chains);
        }
        self.unfetch();
        self.depth = self.depth.saturating_sub(1);
        self.push(address, dwords, Kind::Indirect)
    }

    /// Leaves the buffers that are used up; true when one is left.
    pub(super) fn settle(&mut self) -> bool {
        while self.depth > 0 && self.left() == 0 {
            self.depth -= 1;
        }
        self.depth > 0
    }

    /// Consumes the next dword of the innermost buffer.
    #[inline]
    pub(super) fn next(&mut self, memory: &mut dyn Memory) -> Result<u32, Cause> {
        if self.position >= self.filled {
            self.prefetch(memory)?;
        }
        let dword = self.window.get(self.position).copied().unwrap_or(0);
        self.position += 1;
        Ok(dword)
    }

    /// Consumes `dwords` dwords of the innermost buffer unread; it has them.
    pub(super) fn skip(&mut self, dwords: u32) {
        let fetched = dwords.min(self.ahead());
        self.position += usize::try_from(fetched).unwrap_or(0);
        let unfetched = dwords - fetched;
        if let Some(level) = self.top_mut() {
            level.left = level.left.saturating_sub(unfetched);
            level.next = level.next.wrapping_add(u64::from(unfetched) * 4);
        }
    }

    /// Fills the window, of which everything is consumed. When not all of it is accessible, only the
    /// dword that is needed must be.
    #[inline(never)] // It must not weigh on every dword.
    fn prefetch(&mut self, memory: &mut dyn Memory) -> Result<(), Cause> {
        let Some(&Level { next, left, .. }) = self.top().filter(|level| level.left > 0) else {
            return Err(Cause::Truncated { dwords: 1, left: 0 });
        };
        let count = usize::try_from(left).unwrap_or(WINDOW).min(WINDOW);
        if let Some(window) = self.window.get_mut(..count) {
            if memory.read_dwords(next, window).is_ok() {
                self.fetched(count);
                return Ok(());
            }
        }
        let dword = memory.load(next)?;
        if let Some(first) = self.window.first_mut() {
            *first = dword;
            self.fetched(1);
        }
        Ok(())
    }

    /// Notes that so many dwords of the innermost buffer, which has them, are in the window.
    fn fetched(&mut self, count: usize) {
        (self.position, self.filled) = (0, count);
        let count = self.ahead();
        if let Some(level) = self.top_mut() {
            level.left = level.left.saturating_sub(count);
            level.next = level.next.wrapping_add(u64::from(count) * 4);
        }
    }

    /// Forgets what was fetched of the innermost buffer and not consumed: it is fetched again.
    fn unfetch(&mut self) {
        let (ahead, address) = (self.ahead(), self.address());
        (self.position, self.filled) = (0, 0);
        if let Some(level) = self.top_mut() {
            level.left = level.left.saturating_add(ahead);
            level.next = address;
        }
    }

    /// The innermost buffer.
    fn top(&self) -> Option<&Level> {
        self.levels.get(self.depth.checked_sub(1)?)
    }

    /// The innermost buffer, to change it.
    fn top_mut(&mut self) -> Option<&mut Level> {
        self.levels.get_mut(self.depth.checked_sub(1)?)
    }
}

/// Whether a buffer can lie there: dword-aligned, and not round the end of the address space.
fn check(address: u64, dwords: u32) -> Result<(), Cause> {
    if address % 4 != 0 {
        return Err(Cause::Misaligned {
            address,
            alignment: 4,
        });
    }
    match address.checked_add(u64::from(dwords) * 4) {
        Some(_) => Ok(()),
        None => Err(Cause::Memory(crate::gpu::fault::MemoryFault {
            address,
            write: false,
        })),
    }
}
