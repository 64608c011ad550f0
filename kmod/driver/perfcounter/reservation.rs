// SPDX-License-Identifier: GPL-2.0

//! Who has reserved which counter.
//!
//! As in the C driver, a countable that is in a counter already is shared, a new one goes into the
//! last counter of its group that is free, and what a file has reserved goes with the file.

use super::Perfcounters;
use crate::{
    driver::list::{
        List,
        Node, //
    },
    gpu::{
        chip::Generation,
        performance::{
            self,
            Countable,
            Counter,
            Group,
            Reading,
            GROUP_ALWAYSON,
            GROUP_MAX, //
        },
    },
};
use kernel::{
    alloc::flags,
    prelude::*, //
};

/// What a counter counts that nobody has reserved: `KGSL_PERFCOUNTER_NOT_USED`.
const NOT_USED: u32 = u32::MAX;

/// What a counter counts that does not work: `KGSL_PERFCOUNTER_BROKEN`.
const BROKEN: u32 = u32::MAX - 1;

/// A counter and its users.
pub(crate) struct Slot {
    counter: Counter,
    /// What it counts, or [`NOT_USED`].
    countable: u32,
    /// How far that had been counted when the counter was reserved.
    base: u64,
    /// Whether the driver itself has reserved it.
    by_driver: bool,
    holders: List<Holder>,
}

/// A file that has reserved a counter, and how many times.
struct Holder {
    file: u64,
    count: u32,
}

impl Slot {
    /// A counter that nobody has reserved. The always-on counter always counts, and nobody has to
    /// reserve it to read it: Mesa's turnip does not.
    fn new(counter: Counter) -> Self {
        let by_driver = counter.group.id == GROUP_ALWAYSON;
        let countable = match by_driver {
            true => counter.index,
            false => NOT_USED,
        };
        Self {
            counter,
            countable,
            base: 0,
            by_driver,
            holders: List::new(),
        }
    }

    /// Whether nobody has reserved it.
    fn is_free(&self) -> bool {
        !self.by_driver && self.holders.len() == 0
    }

    /// Counts one reservation more of a file; `first` is for a file that has none yet.
    ///
    /// Fails with `EBUSY` when the file has as many as can be counted.
    fn hold(&mut self, file: u64, first: KBox<Node<Holder>>) -> Result {
        match self.holders.find_mut(|holder| holder.file == file) {
            Some(holder) => holder.count = holder.count.checked_add(1).ok_or(EBUSY)?,
            None => self.holders.push(first),
        }
        Ok(())
    }

    /// Takes back one reservation of a file; returns whether it had one.
    fn give_back(&mut self, file: u64) -> bool {
        let Some(holder) = self.holders.find_mut(|holder| holder.file == file) else {
            return false;
        };
        holder.count -= 1;
        if holder.count == 0 {
            self.forget(file);
        }
        true
    }

    /// Takes back every reservation of a file.
    fn forget(&mut self, file: u64) {
        let forgotten = self.holders.take_matching(|holder| holder.file == file);
        if forgotten.len() != 0 && self.is_free() {
            self.countable = NOT_USED;
        }
    }

    /// What the counter shows when `countable` is in it.
    fn value(&self, countable: Countable, base: u64, reading: &Reading) -> u64 {
        countable.scale(countable.raw(reading).wrapping_sub(base))
    }

    /// What the counter shows; without a reservation it counts what is selected.
    fn shows(&self, selected: u32, reading: &Reading) -> u64 {
        let (countable, base) = match self.is_free() {
            true => (selected, 0),
            false => (self.countable, self.base),
        };
        self.value(self.counter.group.countable(countable), base, reading)
    }
}

/// The counters of a generation, of which nobody has reserved any.
pub(crate) fn slots(generation: Generation) -> Result<KVec<Slot>> {
    let mut slots = KVec::new();
    for group in performance::groups(generation) {
        for index in 0..group.count {
            slots.push(Slot::new(Counter { group, index }), flags::GFP_KERNEL)?;
        }
    }
    Ok(slots)
}

/// Fails with `EINVAL` for a number that no group can have.
fn check_group(group: u32) -> Result {
    match group < GROUP_MAX {
        true => Ok(()),
        false => Err(EINVAL),
    }
}

/// The registers of a counter: its low half, and its high half.
pub(crate) type Registers = (u32, u32);

impl Perfcounters {
    /// Reserves a counter for a file, which counts `countable` from now on, and returns its
    /// registers.
    ///
    /// Fails with `EINVAL` when there is no such group, or no such countable in a fixed one, with
    /// `EBUSY` when every counter of the group counts something else, and with `ENOMEM`.
    pub(crate) fn reserve(
        &self,
        file: u64,
        group: u32,
        countable: u32,
        reading: &Reading,
    ) -> Result<Registers> {
        check_group(group)?;
        if countable == NOT_USED || countable == BROKEN {
            return Err(EINVAL);
        }
        // Works read counters under the lock, and must not wait for memory.
        let first = Node::new(Holder { file, count: 1 })?;
        let mut slots = self.slots.lock();
        let slot = candidate(&mut slots, group, countable)?.ok_or(EBUSY)?;
        let begins = slot.is_free();
        slot.hold(file, first)?;
        if begins {
            slot.countable = countable;
            slot.base = slot.counter.group.countable(countable).raw(reading);
        }
        Ok((slot.counter.low(), slot.counter.high()))
    }

    /// Takes back one reservation of a file.
    ///
    /// Fails with `ENODEV` when the file has none of that countable.
    pub(crate) fn give_back(&self, file: u64, group: u32, countable: u32) -> Result {
        let mut slots = self.slots.lock();
        let held = slots
            .iter_mut()
            .filter(|slot| slot.counter.group.id == group && slot.countable == countable)
            .any(|slot| slot.give_back(file));
        match held {
            true => Ok(()),
            false => Err(ENODEV),
        }
    }

    /// Takes back every reservation of a file, which is closed.
    pub(crate) fn forget(&self, file: u64) {
        for slot in self.slots.lock().iter_mut() {
            slot.forget(file);
        }
    }

    /// What the counters of a group count; `u32::MAX` for those that nobody has reserved.
    ///
    /// Fails with `EINVAL` when there is no such group, and with `ENOMEM`.
    pub(crate) fn countables(&self, group: u32) -> Result<KVec<u32>> {
        check_group(group)?;
        let of_group = |slot: &&Slot| slot.counter.group.id == group;
        let count = self.slots.lock().iter().filter(of_group).count();
        let mut countables = KVec::with_capacity(count, flags::GFP_KERNEL)?;
        for slot in self.slots.lock().iter().filter(of_group) {
            // There are as many as before.
            let _ = countables.push_within_capacity(slot.countable);
        }
        Ok(countables)
    }

    /// How far something has been counted since it was reserved; 0 when nobody has reserved it.
    ///
    /// Fails with `EINVAL` when there is no such group.
    pub(crate) fn read(&self, group: u32, countable: u32, reading: &Reading) -> Result<u64> {
        check_group(group)?;
        let slots = self.slots.lock();
        let slot = slots.iter().find(|slot| {
            slot.counter.group.id == group && slot.countable == countable && !slot.is_free()
        });
        Ok(slot.map_or(0, |slot| slot.shows(countable, reading)))
    }

    /// What a counter shows to a command stream that has selected `selected`.
    pub(super) fn value(&self, counter: &Counter, selected: u32, reading: &Reading) -> u64 {
        let slots = self.slots.lock();
        let slot = slots.iter().find(|slot| {
            slot.counter.group.id == counter.group.id && slot.counter.index == counter.index
        });
        slot.map_or(0, |slot| slot.shows(selected, reading))
    }
}

/// The counter of a group that counts the countable, or else the last free one.
///
/// Fails with `EINVAL` when the group cannot count it.
fn candidate(slots: &mut [Slot], group: u32, countable: u32) -> Result<Option<&mut Slot>> {
    let mut found = None;
    let of_group = |slot: &&mut Slot| slot.counter.group.id == group;
    for slot in slots.iter_mut().filter(of_group) {
        if !accepts(slot.counter.group, countable) {
            return Err(EINVAL);
        }
        if slot.countable == countable {
            return Ok(Some(slot));
        }
        if slot.is_free() {
            found = Some(slot);
        }
    }
    Ok(found)
}

/// Whether a group can count the countable: in a fixed group the number is the counter's.
fn accepts(group: &Group, countable: u32) -> bool {
    match group.fixed {
        true => countable < group.count,
        false => group.id != performance::GROUP_VBIF || countable <= 0xff,
    }
}
