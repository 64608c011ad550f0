// SPDX-License-Identifier: GPL-2.0

//! The demo from the opening of the device to the verdict.

use std::error::Error;
use std::time::{Duration, Instant};

use kgsl_shim::abi::device::{
    DeviceInfo, Version, PROPERTY_DEVICE_INFO, PROPERTY_GPU_MODEL, PROPERTY_VERSION,
};

use super::commands::{self, NESTED_OFFSET};
use super::expectation;
use super::options::Options;
use super::table;
use crate::client::{Context, Device, Mapping, Object, NODE};
use crate::pm4::Generation;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The size of each object, in bytes.
const SIZE: u64 = 0x1000;

/// How long to wait for the GPU, in milliseconds.
const TIMEOUT: u32 = 10_000;

/// Runs the demo and prints what it sees; whether the GPU wrote what it had to.
pub fn run(options: &Options) -> Result<bool> {
    let device = Device::open().map_err(|error| format!("{NODE}: {error}"))?;
    let info: DeviceInfo = device.property(PROPERTY_DEVICE_INFO)?;
    print_identity(&device, &info)?;
    let commands = Object::gpumem(&device, SIZE, 0)?;
    let data = Object::gpuobj(&device, SIZE, 0)?;
    print_objects(&commands, &data);
    let dwords = write_commands(
        &commands.map(&device)?,
        Generation::of(info.chip_id),
        &commands,
        &data,
        options,
    )?;
    let result = data.map(&device)?;
    let context = Context::new(&device)?;
    let (timestamp, elapsed) = submit(&context, &commands, dwords)?;
    println!(
        "context {}  {dwords} dwords, timestamp {timestamp} retired after {elapsed:.1?}\n",
        context.id
    );
    Ok(print_verdict(&result))
}

fn print_identity(device: &Device, info: &DeviceInfo) -> Result<()> {
    let mut model = [0; 32];
    device.read_property(PROPERTY_GPU_MODEL, &mut model)?;
    let model = String::from_utf8_lossy(&model);
    let Version {
        driver_major,
        driver_minor,
        ..
    } = device.property(PROPERTY_VERSION)?;
    println!(
        "{}  chip id {:#010x}, {} KiB of graphics memory, KGSL {driver_major}.{driver_minor}",
        model.trim_end_matches('\0'),
        info.chip_id,
        info.gmem_sizebytes / 1024,
    );
    Ok(())
}

fn print_objects(commands: &Object, data: &Object) {
    for (object, what) in [(commands, "commands"), (data, "data")] {
        println!(
            "object {}   {} bytes at GPU address {:#x} for {what}",
            object.id, object.size, object.gpu_address
        );
    }
}

/// Fills the object of the commands; the length of the buffer to submit, in dwords.
fn write_commands(
    mapping: &Mapping,
    generation: Generation,
    commands: &Object,
    data: &Object,
    options: &Options,
) -> Result<usize> {
    let (main, nested) = commands::write(generation, commands.gpu_address, data.gpu_address);
    let mut dwords = main.dwords().to_vec();
    if let Some(index) = options.mutate {
        let count = dwords.len();
        let dword = dwords
            .get_mut(index)
            .ok_or(format!("the command buffer has {count} dwords"))?;
        *dword ^= 1;
        println!("mutated    dword {index} is now {dword:#010x}");
    }
    mapping.write(0, &dwords);
    mapping.write(usize::try_from(NESTED_OFFSET)?, nested.dwords());
    Ok(dwords.len())
}

fn submit(context: &Context<'_>, commands: &Object, dwords: usize) -> Result<(u32, Duration)> {
    let started = Instant::now();
    let timestamp = context
        .submit(commands.gpu_address, dwords)
        .map_err(|errno| format!("GPU_COMMAND: {errno}"))?;
    let waited = context.wait(timestamp, TIMEOUT);
    waited.map_err(|errno| format!("waiting for timestamp {timestamp}: {errno}"))?;
    Ok((timestamp, started.elapsed()))
}

/// Every dword of the object counts, also those that nothing had to write to.
fn print_verdict(result: &Mapping) -> bool {
    let memory = result.read(0, result.dwords().len());
    print!("{}", table::effects(&expectation::effects(), &memory));
    let right = memory == expectation::memory(memory.len());
    println!(
        "\n{}",
        if right {
            "The GPU wrote what it had to."
        } else {
            "The GPU did NOT write what it had to."
        }
    );
    right
}
