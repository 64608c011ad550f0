// SPDX-License-Identifier: GPL-2.0

//! vkCmdFillBuffer, vkCmdCopyBuffer and vkCmdUpdateBuffer, against what the CPU would have done. What lies before and
//! after the range must stay as it was.

use crate::gpu::{Buffer, Gpu};
use crate::pattern::{assert_same, bytes};

/// What stands round every range, in bytes.
const MARGIN: usize = 256;

/// Sizes that meet the engine's limits: a row of 0x4000 texels, pages, and 64 MiB.
const SIZES: [usize; 12] = [
    4,
    8,
    60,
    64,
    68,
    4096,
    0x4000 - 4,
    0x4000,
    0x1_0000 + 4,
    1 << 20,
    (1 << 20) + 12,
    64 << 20,
];

/// Sizes up to this one are tried at every offset.
const SMALL: usize = 0x1_0000 + 4;

/// Fills of every size, at offsets that are multiples of 4.
pub(crate) fn fills() {
    let gpu = Gpu::open();
    for size in SIZES {
        let offsets: &[usize] = if size <= SMALL {
            &[0, 4, 20, 60, 64]
        } else {
            &[52]
        };
        for &offset in offsets {
            fill(&gpu, size, MARGIN + offset);
        }
    }
}

fn fill(gpu: &Gpu, size: usize, offset: usize) {
    let value = 0xdead_0000 | size as u32 ^ offset as u32;
    let before = vec![0x5a; offset + size + MARGIN];
    let buffer = Buffer::of(gpu, &before);
    gpu.run(|commands| commands.fill(&buffer, offset, size, value));
    let mut expected = before;
    for dword in expected[offset..offset + size].chunks_exact_mut(4) {
        dword.copy_from_slice(&value.to_le_bytes());
    }
    assert_same(
        buffer.bytes(),
        &expected,
        &format!("{size} bytes at {offset}"),
    );
}

/// Copies of every size, and of odd ones, between offsets of every alignment.
pub(crate) fn copies() {
    let gpu = Gpu::open();
    let odd = [1, 2, 3, 5, 63, 65, 0x3fff, 0x4001];
    for size in SIZES.into_iter().chain(odd) {
        let offsets: &[[usize; 2]] = if size <= SMALL {
            &[[0, 0], [1, 0], [0, 1], [3, 61], [64, 63], [17, 4]]
        } else {
            &[[5, 57]]
        };
        for &[from, to] in offsets {
            copy(&gpu, size, MARGIN + from, MARGIN + to);
        }
    }
}

fn copy(gpu: &Gpu, size: usize, from: usize, to: usize) {
    let source = Buffer::of(gpu, &bytes(from + size + MARGIN, size as u32));
    let before = vec![0xa5; to + size + MARGIN];
    let destination = Buffer::of(gpu, &before);
    gpu.run(|commands| commands.copy(&source, &destination, &[[from, to, size]]));
    let mut expected = before;
    expected[to..to + size].copy_from_slice(&source.bytes()[from..from + size]);
    assert_same(
        destination.bytes(),
        &expected,
        &format!("{size} bytes from {from} to {to}"),
    );
}

/// Many regions in one command, within one buffer.
pub(crate) fn many_regions() {
    let gpu = Gpu::open();
    let before = bytes(0x4_0000, 7);
    let buffer = Buffer::of(&gpu, &before);
    let regions: Vec<_> = (0..500)
        .map(|index| [index * 101, 0x2_0000 + index * 203, 97 + index % 5])
        .collect();
    gpu.run(|commands| commands.copy(&buffer, &buffer, &regions));
    let mut expected = before.clone();
    for &[from, to, size] in &regions {
        expected[to..to + size].copy_from_slice(&before[from..from + size]);
    }
    assert_same(buffer.bytes(), &expected, "500 regions");
}

/// Updates up to the largest that Vulkan allows.
pub(crate) fn updates() {
    let gpu = Gpu::open();
    for size in [4, 8, 60, 64, 4096, 0xfffc, 0x1_0000] {
        for offset in [0, 4, 36, 64] {
            let offset = MARGIN + offset;
            let before = vec![0x11; offset + size + MARGIN];
            let buffer = Buffer::of(&gpu, &before);
            let update = bytes(size, offset as u32);
            gpu.run(|commands| commands.update(&buffer, offset, &update));
            let mut expected = before;
            expected[offset..offset + size].copy_from_slice(&update);
            assert_same(
                buffer.bytes(),
                &expected,
                &format!("{size} bytes at {offset}"),
            );
        }
    }
}
