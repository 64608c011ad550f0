// SPDX-License-Identifier: GPL-2.0

//! Command streams: packets with operands that mean something, 2D blits, and what is no packet at all.

use kgsl_shim::gpu::packet::Header;

use crate::fuzz::dice::{high, low};
use crate::fuzz::run::Run;

/// Packets of a stream, at the most.
const PACKETS: u64 = 10;

/// Opcodes whose operands are chosen with care below.
const CAREFUL: u64 = 14;

/// Formats of one to 16 bytes a texel, and some that there are not.
const FORMATS: [u32; 16] = [
    0x02, 0x03, 0x06, 0x08, 0x0e, 0x0f, 0x15, 0x30, 0x36, 0x42, 0x4b, 0x60, 0x67, 0x82, 0xa0, 0x21,
];

/// A stream.
pub(super) fn commands(run: &mut Run<'_>) -> Vec<u32> {
    let mut stream = Vec::new();
    for _ in 0..=run.dice.below(PACKETS) {
        match run.dice.below(40) {
            0 => stream.push(run.dice.odd32()),
            1..=4 => any_packet(run, &mut stream),
            5..=7 => registers(run, &mut stream),
            8..=12 => blit(run, &mut stream),
            _ => packet(run, &mut stream),
        }
    }
    if run.dice.one_in(32) {
        let at = run.dice.index(stream.len());
        stream[at] ^= 1 << run.dice.below(32);
    }
    stream
}

fn operation(stream: &mut Vec<u32>, opcode: u8, operands: &[u32]) {
    let count = u32::try_from(operands.len()).unwrap_or(0);
    stream.push(Header::Operation { opcode, count }.encode());
    stream.extend(operands);
}

fn write_registers(stream: &mut Vec<u32>, register: u32, values: &[u32]) {
    let count = u32::try_from(values.len()).unwrap_or(0);
    stream.push(Header::Registers { register, count }.encode());
    stream.extend(values);
}

/// An address in an object, at a multiple of 4, mostly.
fn address(run: &mut Run<'_>) -> [u32; 2] {
    let memory = run.memory();
    let address = match run.dice.below(40) {
        0 => run.dice.odd64(),
        1 => memory.address.wrapping_add(memory.size),
        2 => memory.address.wrapping_sub(4),
        3 => memory.address.wrapping_add(run.dice.below(memory.size)),
        _ => memory
            .address
            .wrapping_add(run.dice.below(memory.size / 4) * 4),
    };
    [low(address), high(address)]
}

/// A value of a program: small, mostly.
fn value(run: &mut Run<'_>) -> u32 {
    match run.dice.below(4) {
        0 => run.dice.odd32(),
        _ => run.dice.below32(8),
    }
}

/// Any opcode with any operands.
fn any_packet(run: &mut Run<'_>, stream: &mut Vec<u32>) {
    let [opcode, ..] = run.dice.below32(0x80).to_le_bytes();
    let mut operands = Vec::new();
    for _ in 0..run.dice.below(9) {
        match run.dice.one_in(3) {
            true => operands.extend(address(run)),
            false => operands.push(value(run)),
        }
    }
    operation(stream, opcode, &operands);
}

/// Registers, known or not.
fn registers(run: &mut Run<'_>, stream: &mut Vec<u32>) {
    let first = match run.dice.below(4) {
        0 => run.dice.below32(1 << 18),
        1 => 0x0883 + run.dice.below32(8),
        2 => 0x8400 + run.dice.below32(0x900),
        _ => run
            .dice
            .pick(&[0x8e07, 0xbb08, 0xab1f, 0x0980, 0xb4c0, 0xb2c0]),
    };
    let values: Vec<_> = (0..run.dice.below(5)).map(|_| value(run)).collect();
    write_registers(stream, first, &values);
}

/// A packet whose operands are of the kind that its opcode takes.
fn packet(run: &mut Run<'_>, stream: &mut Vec<u32>) {
    let ([a, b], [c, d], [e, f]) = (address(run), address(run), address(run));
    let (first, second) = (value(run), value(run));
    let register = 0x0883 + run.dice.below32(8);
    match run.dice.below(CAREFUL) {
        0 => operation(stream, 0x10, &[first, second]),
        1 => operation(stream, 0x3d, &[a, b, first, second]),
        2 => operation(stream, 0x75, &[run.dice.count(64), a, b, c, d]),
        3 => {
            let control = run.dice.pick(&[0, 1 << 29, 1 << 30, 7]);
            operation(stream, 0x73, &[control, a, b, c, d, e, f]);
        }
        4 => {
            let control = run.dice.pick(&[1 << 18, (2 << 18) | (1 << 30), 1 << 31]);
            operation(stream, 0x3e, &[register | control, a, b]);
        }
        5 => operation(stream, 0x42, &[register | (1 << 19), a, b]),
        6 => wait(run, stream, [a, b]),
        7 => operation(stream, 0x44, &[a, b, c, d, first, run.dice.below32(8)]),
        8 => operation(
            stream,
            0x45,
            &[run.dice.below32(0x40), a, b, first, !0, c, d, second],
        ),
        9 => {
            let event = run.dice.below32(64) | run.dice.pick(&[0, 1 << 27, 1 << 30, 0x10_0000]);
            operation(stream, 0x46, &[event, a, b, first, second]);
        }
        10 => operation(stream, 0x3f, &[a, b, run.dice.below32(32)]),
        11 => operation(stream, 0x43, &[run.dice.below32(8) | (1 << 20), a, b]),
        12 => operation(stream, 0x21, &[register, first, second]),
        _ => operation(
            stream,
            run.dice.pick(&[0x12, 0x13, 0x26, 0x3b, 0x4c, 0x4a]),
            &[first],
        ),
    }
}

/// A wait: mostly for what is so; seldom for what may never be, which costs the time of a hang.
fn wait(run: &mut Run<'_>, stream: &mut Vec<u32>, [a, b]: [u32; 2]) {
    let function = match run.dice.one_in(64) {
        true => run.dice.below32(8),
        false => 0,
    };
    operation(
        stream,
        0x3c,
        &[function | (1 << 4), a, b, value(run), !0, 1],
    );
}

/// A surface's information: a format, and seldom tiles, a swap or compression.
fn surface(run: &mut Run<'_>) -> u32 {
    let format = match run.dice.one_in(16) {
        true => run.dice.below32(0x100),
        false => run.dice.pick(&FORMATS),
    };
    let tile = run.dice.pick(&[0, 0, 0, 2, 3]) << 8;
    let more = match run.dice.one_in(4) {
        true => run.dice.below32(0x40) << 10,
        false => 0,
    };
    format | tile | more
}

/// An extent, in texels: small, mostly.
fn extent(run: &mut Run<'_>) -> u32 {
    match run.dice.below(64) {
        0 => run.dice.below32(0x4000),
        _ => run.dice.below32(40),
    }
}

/// A blit: the registers that describe it, and the packet that has it done.
fn blit(run: &mut Run<'_>, stream: &mut Vec<u32>) {
    let control = match run.dice.below(8) {
        0 => run.dice.any32(),
        1..=3 => 0x0100_0000 * run.dice.below32(32),
        _ => (1 << 7) | (0xf << 20) | ((surface(run) & 0xff) << 8),
    };
    let (x, y) = (extent(run), extent(run));
    let (right, bottom) = (x + extent(run), y + extent(run));
    let source = [x << 8, right << 8, y << 8, bottom << 8];
    let [to_low, to_high] = address(run);
    let [from_low, from_high] = address(run);
    let pitch = run.dice.below32(64);
    let destination = [surface(run), to_low & !0x3f, to_high, pitch];
    let from = [
        surface(run),
        right + 1 + ((bottom + 1) << 15),
        from_low & !0x3f,
        from_high,
        pitch << 9,
    ];
    let solid: Vec<_> = (0..4).map(|_| value(run)).collect();
    write_registers(stream, 0x8c00, &[control]);
    write_registers(stream, 0x8400, &[control]);
    write_registers(stream, 0x8401, &source);
    write_registers(stream, 0x8405, &[x | (y << 16), right | (bottom << 16)]);
    write_registers(stream, 0x8c17, &destination);
    write_registers(stream, run.dice.pick(&[0xb4c0, 0xb2c0]), &from);
    write_registers(stream, 0x8c2c, &solid);
    operation(stream, 0x2c, &[run.dice.pick(&[3, 3, 3, 0, 1])]);
}
