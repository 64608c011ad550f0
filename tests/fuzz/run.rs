// SPDX-License-Identifier: GPL-2.0

//! A step that is being done: what it may use, and how it issues an ioctl, well-formed or not.

use std::fmt::Debug;
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;

use kgsl_shim::abi::Ioctl;
use rustix::io::Errno;

use super::arena::Arena;
use super::dice::Dice;
use super::shared::{Count, Kind, Shared};
use super::world::{Memory, Owned, World};
use crate::client::{bytes_of, take_descriptor, Argument, Device};

/// The longest argument, in bytes.
const LONGEST: usize = 256;

/// Addresses of the kernel, and of nobody.
const NOWHERE: [usize; 4] = [0, 0x8, 0xffff_8000_0000_0000, usize::MAX & !0xfff];

/// What all steps of a thread share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage<'a> {
    /// What the sequence has made.
    pub world: &'a World,
    /// Where structures lie.
    pub arena: &'a Arena,
    /// What all processes share.
    pub shared: &'a Shared,
    /// Which worker this is.
    pub worker: usize,
    /// The first descriptor that is not the fuzzer's own.
    pub first_descriptor: RawFd,
    /// Whether each call is written to the standard output.
    pub trace: bool,
}

/// A step that is being done.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// What it uses.
    pub stage: Stage<'a>,
    /// What it chooses by.
    pub dice: Dice,
    /// What it does: an index into [`super::calls::TABLE`].
    pub call: usize,
    /// Whether a call ended as none did before.
    pub news: bool,
}

impl<'a> Run<'a> {
    /// A step with choices of its own.
    pub(super) fn new(stage: Stage<'a>, call: usize, seed: u32) -> Self {
        let mut dice = Dice::new(u64::from(seed));
        // Now and then structures lie so that the kernel finds the end of memory where it reads on.
        let room = match dice.one_in(16) {
            true => 8 * dice.index(16),
            false => usize::MAX,
        };
        stage.arena.reset(room);
        Self {
            stage,
            dice,
            call,
            news: false,
        }
    }

    /// What the sequence has made.
    pub(super) fn world(&self) -> &'a World {
        self.stage.world
    }

    /// Puts structures where an ioctl finds them.
    pub(super) fn list<T: Copy + Debug>(&self, list: &[T]) -> u64 {
        let address = self.stage.arena.list(list);
        if self.stage.trace {
            println!("    {address:#x}: {list:x?}");
        }
        address
    }

    /// Puts one structure.
    pub(super) fn put<T: Copy + Debug>(&self, structure: &T) -> u64 {
        self.list(std::slice::from_ref(structure))
    }

    /// Issues the ioctl; seldom with a changed structure, number or address.
    pub(super) fn ioctl<T: Copy + Debug>(
        &mut self,
        device: &Device,
        ioctl: Ioctl<T>,
        argument: &mut T,
    ) -> Result<(), Errno> {
        self.ioctl_within(device, ioctl, argument, |_| {})
    }

    /// The same, after `mend` has taken back what must not be changed to just anything.
    pub(super) fn ioctl_within<T: Copy + Debug>(
        &mut self,
        device: &Device,
        ioctl: Ioctl<T>,
        argument: &mut T,
        mend: impl FnOnce(&mut T),
    ) -> Result<(), Errno> {
        if self.dice.one_in(24) {
            self.corrupt(bytes_of(argument));
        }
        mend(argument);
        let given = *argument;
        let number = ioctl.number();
        let result = match self.dice.below(160) {
            0 => {
                let address = match self.dice.one_in(2) {
                    true => usize::try_from(self.stage.arena.end()).unwrap_or_default(),
                    false => self.dice.pick(&NOWHERE),
                };
                device.raw(number, Argument::Nowhere(address))
            }
            1 => self.with_size(device, number, bytes_of(argument)),
            2 => {
                let flipped = number ^ (1 << (30 + self.dice.below32(2)));
                device.raw(flipped, Argument::Bytes(bytes_of(argument)))
            }
            _ => device.raw(number, Argument::Bytes(bytes_of(argument))),
        };
        self.stage.shared.count(self.stage.worker, Count::Ioctls);
        let result = result.map(drop);
        if self.stage.trace {
            println!("    {given:x?}\n    = {result:?} {argument:x?}");
        }
        self.note(result)
    }

    /// Issues the ioctl with another size.
    fn with_size(
        &mut self,
        device: &Device,
        number: u32,
        argument: &mut [u8],
    ) -> Result<i32, Errno> {
        let mut bytes = [0; LONGEST];
        bytes[..argument.len()].copy_from_slice(argument);
        let size = self.dice.below32(LONGEST as u32 + 1);
        let number = (number & !(0x3fff << 16)) | (size << 16);
        let result = device.raw(number, Argument::Bytes(&mut bytes));
        argument.copy_from_slice(&bytes[..argument.len()]);
        result
    }

    /// Issues an ioctl that is none of the ABI's.
    pub(super) fn unknown_ioctl(&mut self, device: &Device, number: u32) {
        let mut bytes = [0xa5; LONGEST];
        let number = (number & !(0x3fff << 16)) | (self.dice.below32(LONGEST as u32 + 1) << 16);
        let result = device.raw(number, Argument::Bytes(&mut bytes));
        self.stage.shared.count(self.stage.worker, Count::Ioctls);
        let _ = self.note(result.map(drop));
    }

    /// Notes how a system call ended.
    pub(super) fn note<T>(&mut self, result: Result<T, Errno>) -> Result<T, Errno> {
        let errno = result
            .as_ref()
            .map_or_else(|error| error.raw_os_error(), |_| 0);
        self.news |= self.stage.shared.note_outcome(self.call, errno);
        result
    }

    /// Changes a dword or a quadword of a structure. Nothing then points at memory of ours that the kernel must not write
    /// to: what is changed to an address is one of the arena.
    fn corrupt(&mut self, bytes: &mut [u8]) {
        let count = bytes.len() / 4;
        if count == 0 {
            return;
        }
        let at = self.dice.index(count) * 4;
        let value = self.dice.odd32();
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let start = at / 8 * 8;
        let Some(quadword) = bytes.get_mut(start..start + 8) else {
            return;
        };
        let mut copy = [0; 8];
        copy.copy_from_slice(quadword);
        let safe = self.harmless(u64::from_le_bytes(copy));
        quadword.copy_from_slice(&safe.to_le_bytes());
    }

    /// The number, unless it could be the address of memory that is not the arena's.
    fn harmless(&mut self, number: u64) -> u64 {
        let is_ours = (0x1_0000..1 << 56).contains(&number);
        match is_ours && !self.stage.arena.contains(number) {
            true => match self.dice.one_in(4) {
                true => self.stage.arena.end(),
                false => {
                    let offset = self.dice.any64();
                    self.stage.arena.address(offset)
                }
            },
            false => number,
        }
    }

    /// Takes a descriptor that the kernel has returned, unless it is none that it can just have returned.
    pub(super) fn take(&self, descriptor: i32) -> Option<OwnedFd> {
        (descriptor >= self.stage.first_descriptor).then(|| take_descriptor(descriptor))
    }

    /// The file of that number, seldom another one.
    pub(super) fn file(&mut self, file: usize) -> Option<Arc<Device>> {
        let file = match self.dice.one_in(32) {
            true => self.dice.index(super::world::FILES),
            false => file,
        };
        self.world().file(file)
    }

    /// A file, mostly the first.
    pub(super) fn some_file(&mut self) -> (usize, Option<Arc<Device>>) {
        let file = match self.dice.one_in(12) {
            true => self.dice.index(super::world::FILES),
            false => 0,
        };
        (file, self.world().file(file))
    }

    /// A context, mostly one of the sequence's own.
    pub(super) fn context(&mut self) -> Owned {
        let own = self.world().contexts.pick(&mut self.dice);
        let own = own.unwrap_or(Owned { file: 0, id: 1 });
        let id = self.id(own.id, Kind::Context);
        Owned { id, ..own }
    }

    /// A memory object, mostly one of the sequence's own.
    pub(super) fn memory(&mut self) -> Memory {
        let own = self.world().objects.pick(&mut self.dice);
        let own = own.unwrap_or(Memory {
            file: 0,
            id: 1,
            address: 0x40_0000_0000,
            size: 0x1000,
            is_virtual: false,
        });
        let id = self.id(own.id, Kind::Object);
        Memory { id, ..own }
    }

    /// A timeline, mostly one of the sequence's own.
    pub(super) fn timeline(&mut self) -> Owned {
        let own = self.world().timelines.pick(&mut self.dice);
        let own = own.unwrap_or(Owned { file: 0, id: 1 });
        let id = self.id(own.id, Kind::Timeline);
        Owned { id, ..own }
    }

    /// The id, or seldom one that was good once, one of another process, one beside it, or any number.
    pub(super) fn id(&mut self, id: u32, kind: Kind) -> u32 {
        match self.dice.below(48) {
            0 => self.world().stale.pick(&mut self.dice).unwrap_or(id),
            1 | 2 => self.stage.shared.shown(kind, &mut self.dice),
            3 => id.wrapping_add(1),
            4 => self.dice.odd32(),
            _ => id,
        }
    }

    /// An offset into something of that size, or near its end.
    pub(super) fn offset(&mut self, size: u64) -> u64 {
        match self.dice.below(16) {
            0 => self.dice.odd64(),
            1 => size,
            2 => size.wrapping_sub(4),
            3 => self.dice.below(size),
            _ => self.dice.below(size / 4) * 4,
        }
    }

    /// A size of memory: mostly a few pages.
    pub(super) fn size(&mut self) -> u64 {
        match self.dice.below(32) {
            0 => 0,
            1 => self.dice.below(0x4000),
            2 => 0x1_0000 << self.dice.below(5),
            // More than any machine has: what would merely be much could end other programs.
            3 => (1 << 40) | self.dice.any64(),
            _ => (self.dice.below(4) + 1) * 0x1000,
        }
    }
}
