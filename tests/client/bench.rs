// SPDX-License-Identifier: GPL-2.0

//! What most tests need: a context, memory for commands and memory for data.

use rustix::io::Errno;

use super::{Context, Device, Mapping, Object};
use crate::pm4::Commands;

/// The size of each of its objects, in bytes.
const SIZE: u64 = 0x1000;

/// More than any wait takes, in milliseconds.
const LONG: u32 = 25_000;

/// An object for commands, one for data, and a context, of a device that is open.
#[derive(Debug)]
pub struct Bench<'device> {
    /// Where commands are written.
    pub commands: Object,
    /// The same, mapped.
    pub instructions: Mapping,
    /// What commands write.
    pub data: Object,
    /// The same, mapped.
    pub memory: Mapping,
    /// The context.
    pub context: Context<'device>,
}

impl<'device> Bench<'device> {
    /// A bench with a context like turnip's.
    pub fn new(device: &'device Device) -> Self {
        Self::with_flags(device, Context::USUAL)
    }

    /// A bench with another context.
    pub fn with_flags(device: &'device Device, flags: u32) -> Self {
        let commands = Object::gpumem(device, SIZE, 0).expect("memory is allocated");
        let data = Object::gpumem(device, SIZE, 0).expect("memory is allocated");
        Self {
            instructions: commands.map(device).expect("it is mapped"),
            memory: data.map(device).expect("it is mapped"),
            context: Context::with_flags(device, flags).expect("a context is created"),
            commands,
            data,
        }
    }

    /// Writes the commands at the offset, in bytes; their GPU address and their number of dwords.
    pub fn write_at(&self, offset: u64, commands: &Commands) -> (u64, usize) {
        let place = usize::try_from(offset).expect("offsets are small");
        self.instructions.write(place, commands.dwords());
        (self.commands.gpu_address + offset, commands.dwords().len())
    }

    /// Writes the commands at the offset, in bytes, and submits them.
    pub fn submit_at(&self, offset: u64, commands: &Commands) -> Result<u32, Errno> {
        let (address, dwords) = self.write_at(offset, commands);
        self.context.submit(address, dwords)
    }

    /// Submits commands that wait until the data's dword of that index is 1, from the end of the commands' memory.
    pub fn block(&self, index: u64) -> u32 {
        let commands = Commands::default()
            .wait_until_equal(self.dword(index), 1)
            .clone();
        self.submit_at(SIZE - 64, &commands)
            .expect("it is submitted")
    }

    /// Lets go what [`Bench::block`] holds up.
    pub fn release(&self, index: usize) {
        self.memory.write(index * size_of::<u32>(), &[1]);
    }

    /// Runs commands to their end, and returns their timestamp.
    pub fn run(&self, commands: &Commands) -> u32 {
        let timestamp = self.submit_at(0, commands).expect("it is submitted");
        self.wait(timestamp);
        timestamp
    }

    /// Waits until the timestamp has retired.
    pub fn wait(&self, timestamp: u32) {
        self.context.wait(timestamp, LONG).expect("it retires");
    }

    /// The GPU address of a dword of the data.
    pub fn dword(&self, index: u64) -> u64 {
        self.data.gpu_address + index * 4
    }
}
