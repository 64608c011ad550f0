// SPDX-License-Identifier: GPL-2.0

//! How fast the GPU is: packets a second, and bytes a second beside `memset` and `memcpy` in the
//! same run.

#![allow(missing_docs, reason = "criterion's macros make items without them")]

mod ram;

use criterion::measurement::WallTime;
use criterion::{criterion_group, criterion_main, BenchmarkGroup, Criterion, Throughput};
use kgsl_shim::gpu::chip::DEFAULT;
use kgsl_shim::gpu::opcode::Opcode;
use kgsl_shim::gpu::packet::Header;
use kgsl_shim::gpu::{Configuration, Outcome, Processor, Registers};
use ram::{Ram, BASE};
use std::hint::black_box;

/// The bytes that a fill or copy moves.
const BYTES: u32 = 16 << 20;
/// Where the destination lies, a GPU address in bytes.
const TO: u32 = 0x0020_0000;
/// Where the source lies, a GPU address in bytes.
const FROM: u32 = TO + BYTES;

/// A processor with what it needs.
struct Machine {
    /// The processor.
    processor: Processor,
    /// The registers.
    values: Vec<u32>,
    /// The memory.
    ram: Ram,
}

impl Machine {
    /// A machine with a stream at the start of its memory.
    fn new(stream: &[u32]) -> Self {
        let mut ram = Ram::new(3 * BYTES as usize);
        for (bytes, dword) in ram.bytes.chunks_exact_mut(4).zip(stream) {
            bytes.copy_from_slice(&dword.to_le_bytes());
        }
        Self {
            processor: Processor::new(),
            values: vec![0; Registers::COUNT],
            ram,
        }
    }

    /// Runs the stream once.
    fn run(&mut self, dwords: usize) {
        let configuration = Configuration {
            chip: DEFAULT,
            strict: false,
        };
        let mut registers = Registers::new(&mut self.values).expect("the count is right");
        self.processor.start(BASE, dwords as u32);
        let outcome = self
            .processor
            .run(&mut registers, &mut self.ram, &configuration, u32::MAX);
        assert_eq!(outcome, Outcome::Done);
    }
}

/// A type-7 packet.
fn packet(opcode: Opcode, operands: &[u32]) -> Vec<u32> {
    let count = operands.len() as u32;
    let header = Header::Operation {
        opcode: opcode.value(),
        count,
    }
    .encode();
    [&[header][..], operands].concat()
}

/// A type-4 packet.
fn write(register: u32, values: &[u32]) -> Vec<u32> {
    let count = values.len() as u32;
    [
        &[Header::Registers { register, count }.encode()][..],
        values,
    ]
    .concat()
}

/// A surface: COLOR_FORMAT and TILE_MODE, the GPU address, and the bytes from a row to the next.
type Surface = (u32, u32, u32);

/// A blit of `columns` by `rows` texels.
fn blit(control: u32, to: Surface, from: Surface, columns: u32, rows: u32) -> Vec<u32> {
    let (right, bottom) = (columns - 1, rows - 1);
    [
        write(0x8c00, &[control | (0xf << 20)]),
        write(0x8400, &[control | (0xf << 20)]),
        write(0x8405, &[0, right | (bottom << 16)]),
        write(0x8401, &[0, right << 8, 0, bottom << 8]),
        write(
            0xb4c0,
            &[
                from.0,
                columns | (rows << 15),
                from.1,
                0,
                (from.2 / 64) << 9,
            ],
        ),
        write(0x8c17, &[to.0, to.1, 0, to.2 / 64]),
        packet(Opcode::Blit, &[3]),
    ]
    .concat()
}

/// Measures a stream.
fn measure(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, stream: &[u32]) {
    let mut machine = Machine::new(stream);
    group.bench_function(name, |bencher| {
        bencher.iter(|| machine.run(black_box(stream.len())))
    });
}

/// Packets a second.
fn packets(criterion: &mut Criterion) {
    const COUNT: usize = 10_000;
    let mut group = criterion.benchmark_group("packets");
    group.throughput(Throughput::Elements(COUNT as u64));
    let streams = [
        ("nop", packet(Opcode::Nop, &[0])),
        ("register write", write(0x8c2c, &[1])),
        ("memory write", packet(Opcode::MemWrite, &[TO, 0, 1])),
        (
            "memory sum",
            packet(Opcode::MemToMem, &[0, TO, 0, TO + 8, 0, TO + 16, 0]),
        ),
        (
            "event with timestamp",
            packet(Opcode::EventWrite, &[4, TO, 0, 1]),
        ),
        (
            "fill of one texel",
            [
                write(0x8c00, &[(7 << 24) | 0xf0_0080]),
                write(0x8c17, &[0x4b, TO, 0, 1]),
                packet(Opcode::Blit, &[3]),
            ]
            .concat(),
        ),
    ];
    for (name, stream) in streams {
        measure(&mut group, name, &stream.repeat(COUNT));
    }
    group.finish();
}

/// Fills: a whole surface, and in pieces as a driver fills a buffer.
fn fills(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fill");
    group.throughput(Throughput::Bytes(u64::from(BYTES)));
    let mut bytes = vec![0_u8; BYTES as usize];
    group.bench_function("memset", |bencher| {
        bencher.iter(|| black_box(&mut bytes).fill(black_box(7)))
    });
    let solid = (1 << 7) | (7 << 24);
    let whole = blit(solid, (0x4b, TO, 16384), (0x4b, TO, 16384), 4096, 1024);
    measure(&mut group, "surface", &whole);
    let piece = |index: u32| {
        blit(
            solid,
            (0x4b, TO + index * 0x1_0000, 0),
            (0x4b, TO, 0),
            0x4000,
            1,
        )
    };
    measure(
        &mut group,
        "buffer",
        &(0..BYTES / 0x1_0000).flat_map(piece).collect::<Vec<_>>(),
    );
    group.finish();
}

/// Copies: a whole surface, rows of one, and in pieces as a driver copies a buffer.
fn copies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("copy");
    group.throughput(Throughput::Bytes(u64::from(BYTES)));
    let source = vec![7_u8; BYTES as usize];
    let mut bytes = vec![0_u8; BYTES as usize];
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| black_box(&mut bytes).copy_from_slice(black_box(&source)));
    });
    let whole = blit(0, (0x4b, TO, 16384), (0x4b, FROM, 16384), 4096, 1024);
    measure(&mut group, "surface", &whole);
    let rows = blit(0, (0x4b, TO, 16384), (0x4b, FROM, 16320), 4064, 1024);
    measure(&mut group, "surface rows", &rows);
    let piece = |index: u32| {
        let offset = index * 0x4000;
        blit(
            0,
            (0x03, TO + offset, 0),
            (0x03, FROM + offset, 0),
            0x4000,
            1,
        )
    };
    measure(
        &mut group,
        "buffer",
        &(0..BYTES / 0x4000).flat_map(piece).collect::<Vec<_>>(),
    );
    measure(
        &mut group,
        "memcpy packet",
        &packet(Opcode::Memcpy, &[BYTES / 4, FROM, 0, TO, 0]),
    );
    group.finish();
}

/// Texels that are not moved in bulk.
fn texels(criterion: &mut Criterion) {
    const COLUMNS: u32 = 512;
    let mut group = criterion.benchmark_group("texels");
    group.throughput(Throughput::Elements(u64::from(COLUMNS * COLUMNS)));
    let pitch = COLUMNS * 4;
    let (to, from) = ((0x30, TO, pitch), (0x30, FROM, pitch));
    let wide = (0x62, FROM, 2 * pitch);
    for (name, control, to, from) in [
        ("swap", 0x10 << 24, (to.0 | (1 << 10), to.1, to.2), from),
        ("half to unorm", 0x10 << 24, to, wide),
        ("curve", 1 << 24, (to.0 | (1 << 13), to.1, to.2), from),
        ("flip", (0x10 << 24) | 4, to, from),
        (
            "into tiles",
            0x10 << 24,
            (to.0 | (3 << 8), to.1, to.2),
            from,
        ),
        (
            "out of tiles",
            0x10 << 24,
            to,
            (from.0 | (3 << 8), from.1, from.2),
        ),
    ] {
        measure(&mut group, name, &blit(control, to, from, COLUMNS, COLUMNS));
    }
    group.finish();
}

criterion_group! {
    name = gpu;
    config = Criterion::default().sample_size(20);
    targets = packets, fills, copies, texels
}
criterion_main!(gpu);
