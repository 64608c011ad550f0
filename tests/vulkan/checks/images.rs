// SPDX-License-Identifier: GPL-2.0

//! Clears and copies of images, texel by texel against the CPU: linear images through their memory, tiled ones through
//! buffers.

use ash::vk;

use crate::format::{Format, COLORS};
use crate::gpu::{Buffer, Gpu, Image, Region};
use crate::pattern::{assert_same, bytes};
use crate::picture;

/// Columns and rows: odd, and more than a tile.
const SIZE: [u32; 2] = [67, 21];

/// A part that begins and ends within tiles.
const PART: Region = Region {
    origin: [3, 5],
    size: [41, 11],
};

/// Where a part is put in another image.
const ELSEWHERE: [u32; 2] = [19, 7];

/// The formats that images with linear tiling can be copied to and from, or those with optimal tiling.
fn formats(gpu: &Gpu, linear: bool) -> Vec<Format> {
    let wanted = vk::FormatFeatureFlags::TRANSFER_SRC | vk::FormatFeatureFlags::TRANSFER_DST;
    let serves = |format: &&Format| {
        let properties = gpu.format(format.name);
        let features = match linear {
            true => properties.linear_tiling_features,
            false => properties.optimal_tiling_features,
        };
        features.contains(wanted)
    };
    let found: Vec<_> = COLORS.iter().filter(serves).copied().collect();
    assert!(
        found.len() >= 40,
        "only {} formats are supported",
        found.len()
    );
    found
}

/// Formats whose copies are no draws.
fn copied(gpu: &Gpu, linear: bool) -> impl Iterator<Item = Format> {
    let formats = formats(gpu, linear).into_iter();
    formats.filter(|format| !format.is_half_float())
}

fn what(action: &str, format: &Format) -> String {
    format!("{action} {:?}", format.name)
}

/// Clears linear images of every format.
pub(crate) fn clears() {
    let gpu = Gpu::open();
    for format in formats(&gpu, true) {
        let image = Image::linear(&gpu, format.name, SIZE);
        let color = format.clear_color();
        gpu.run(|commands| {
            commands.prepare(&image);
            commands.clear(&image, color);
        });
        let expected = format.texel(color).repeat(texels(SIZE));
        assert_same(
            &image.rows(format.bytes()),
            &expected,
            &what("clear", &format),
        );
    }
}

/// Clears tiled images of every format, and reads them through a buffer.
pub(crate) fn tiled_clears() {
    let gpu = Gpu::open();
    for format in copied(&gpu, false) {
        let image = Image::optimal(&gpu, format.name, SIZE);
        let buffer = Buffer::new(&gpu, texels(SIZE) * format.bytes());
        let color = format.clear_color();
        gpu.run(|commands| {
            commands.prepare(&image);
            commands.clear(&image, color);
            commands.download(&image, image.whole(), &buffer, 0, 0);
        });
        let expected = format.texel(color).repeat(texels(SIZE));
        assert_same(buffer.bytes(), &expected, &what("clear of tiled", &format));
    }
}

/// Copies buffers to linear images and back, whole and in part, with rows that are longer than the part.
pub(crate) fn uploads_and_downloads() {
    let gpu = Gpu::open();
    for format in copied(&gpu, true) {
        round_trip(&gpu, &format, &Image::linear(&gpu, format.name, SIZE));
    }
}

/// The same with tiled images, for which turnip may choose bandwidth compression.
pub(crate) fn tiled_uploads_and_downloads() {
    let gpu = Gpu::open();
    for format in copied(&gpu, false) {
        round_trip(&gpu, &format, &Image::optimal(&gpu, format.name, SIZE));
    }
}

fn round_trip(gpu: &Gpu, format: &Format, image: &Image<'_>) {
    let texel = format.bytes();
    let (row, offset) = (PART.size[0] + 6, texel * 3);
    let whole = bytes(texels(SIZE) * texel, 1);
    let part = bytes(offset + texels([row, PART.size[1]]) * texel, 2);
    let (from_whole, from_part) = (Buffer::of(gpu, &whole), Buffer::of(gpu, &part));
    let to_whole = Buffer::new(gpu, whole.len());
    let to_part = Buffer::of(gpu, &vec![0x77; part.len()]);
    gpu.run(|commands| {
        commands.prepare(image);
        commands.upload(&from_whole, 0, 0, image, image.whole());
        commands.upload(&from_part, offset, row, image, PART);
        commands.download(image, image.whole(), &to_whole, 0, 0);
        commands.download(image, PART, &to_part, offset, row);
    });
    let mut expected = whole;
    let mut expected_part = vec![0x77; part.len()];
    for y in 0..PART.size[1] as usize {
        let there = (y + PART.origin[1] as usize) * SIZE[0] as usize + PART.origin[0] as usize;
        let here = offset + y * row as usize * texel;
        let length = PART.size[0] as usize * texel;
        expected[there * texel..][..length].copy_from_slice(&part[here..][..length]);
        expected_part[here..][..length].copy_from_slice(&part[here..][..length]);
    }
    assert_same(to_whole.bytes(), &expected, &what("round trip of", format));
    assert_same(
        to_part.bytes(),
        &expected_part,
        &what("download of a part of", format),
    );
}

/// Copies parts between images: linear to linear, linear to tiled, tiled to tiled, tiled to linear.
pub(crate) fn image_copies() {
    let gpu = Gpu::open();
    for format in copied(&gpu, true) {
        let linear = || Image::linear(&gpu, format.name, SIZE);
        let optimal = || Image::optimal(&gpu, format.name, SIZE);
        let chain = [linear(), linear(), optimal(), optimal(), linear()];
        let texel = format.bytes();
        let pixels = bytes(texels(SIZE) * texel, 3);
        let buffer = Buffer::of(&gpu, &pixels);
        let background = format.texel(format.clear_color());
        gpu.run(|commands| {
            for image in &chain {
                commands.prepare(image);
                commands.clear(image, format.clear_color());
            }
            commands.upload(&buffer, 0, 0, &chain[0], chain[0].whole());
            commands.copy_image(&chain[0], PART, &chain[1], ELSEWHERE);
            for pair in chain[1..].windows(2) {
                commands.copy_image(&pair[0], pair[0].whole(), &pair[1], [0, 0]);
            }
        });
        let mut expected = background.repeat(texels(SIZE));
        paste(&mut expected, &pixels, texel, PART, ELSEWHERE);
        let found = chain[4].rows(texel);
        assert_same(&found, &expected, &what("copies of", &format));
    }
}

/// Copies by the CPU of Mesa into tiled images, whose layout it computes itself, and by the GPU out of them; and the
/// other way round. So both know the same tiles.
pub(crate) fn host_copies() {
    let gpu = Gpu::open();
    let wanted = [
        vk::Format::R8_UNORM,
        vk::Format::R8G8_UNORM,
        vk::Format::R16_UINT,
        vk::Format::R8G8B8A8_UNORM,
        vk::Format::R32G32_UINT,
        vk::Format::R32G32B32A32_UINT,
    ];
    for format in COLORS.iter().filter(|format| wanted.contains(&format.name)) {
        for size in [SIZE, [16, 16], [257, 65], [1024, 130]] {
            host_copy(&gpu, format, size);
        }
    }
}

fn host_copy(gpu: &Gpu, format: &Format, size: [u32; 2]) {
    let image = Image::host_copied(gpu, format.name, size);
    let pixels = bytes(texels(size) * format.bytes(), size[0]);
    let buffer = Buffer::new(gpu, pixels.len());
    image.prepare_on_host();
    image.write_on_host(image.whole(), &pixels);
    gpu.run(|commands| commands.download(&image, image.whole(), &buffer, 0, 0));
    let text = format!("{:?} of {size:?}", format.name);
    assert_same(buffer.bytes(), &pixels, &format!("CPU to GPU, {text}"));
    if cfg!(target_arch = "x86_64") && format.name == vk::Format::R16_UINT {
        // Mesa 25.0.7 has no assembly for this copy here, and what it has instead copies the wrong way round:
        // tiled_to_linear_2cpp of fd6_tiled_memcpy.cc asks memcpy_small for LINEAR_TO_TILED.
        return;
    }
    let pixels = bytes(pixels.len(), size[1]);
    let buffer = Buffer::of(gpu, &pixels);
    gpu.run(|commands| commands.upload(&buffer, 0, 0, &image, image.whole()));
    let found = image.read_on_host(format.bytes());
    assert_same(&found, &pixels, &format!("GPU to CPU, {text}"));
}

/// Blits without scaling, of every format, half floats included; mirrored; and scaled by 2 and by a half.
pub(crate) fn blits() {
    let gpu = Gpu::open();
    let blit = vk::FormatFeatureFlags::BLIT_SRC | vk::FormatFeatureFlags::BLIT_DST;
    let serves = |format: &Format| {
        gpu.format(format.name)
            .linear_tiling_features
            .contains(blit)
    };
    let mut count = 0;
    for format in formats(&gpu, true).into_iter().filter(serves) {
        for flip in [[false, false], [true, false], [false, true], [true, true]] {
            blit_of(&gpu, &format, [24, 10], [24, 10], flip);
        }
        blit_of(&gpu, &format, [24, 10], [48, 20], [false, false]);
        blit_of(&gpu, &format, [24, 10], [12, 5], [false, false]);
        count += 1;
    }
    assert!(count >= 30, "only {count} formats can be blitted");
}

fn blit_of(gpu: &Gpu, format: &Format, from: [u32; 2], to: [u32; 2], flip: [bool; 2]) {
    let source = Image::linear(gpu, format.name, from);
    let destination = Image::linear(gpu, format.name, to);
    // Two colours in stripes: texels that every format can hold, and which tell columns and rows apart.
    let stripe = Image::linear(gpu, format.name, [from[0], 1]);
    gpu.run(|commands| {
        for image in [&source, &destination, &stripe] {
            commands.prepare(image);
            commands.clear(image, format.clear_color());
        }
        commands.clear(&stripe, [0; 4]);
        for (row, width) in (0..from[1]).zip([1, 5, 7, 24, 2].into_iter().cycle()) {
            let part = |y| Region {
                origin: [0, y],
                size: [width, 1],
            };
            commands.blit(&stripe, part(0), &source, part(row), [false, false]);
        }
        commands.blit(
            &source,
            source.whole(),
            &destination,
            destination.whole(),
            flip,
        );
    });
    let texel = format.bytes();
    let pixels = source.rows(texel);
    let zero = format.texel([0; 4]);
    assert_same(&pixels[..texel], &zero, &what("stripe of", format));
    let pick = |index: usize| {
        let (x, y) = (index % to[0] as usize, index / to[0] as usize);
        let x = if flip[0] { to[0] as usize - 1 - x } else { x };
        let y = if flip[1] { to[1] as usize - 1 - y } else { y };
        // The centre of the texel, scaled.
        let at = |value: usize, axis: usize| {
            (2 * value + 1) * from[axis] as usize / (2 * to[axis] as usize)
        };
        let place = at(y, 1) * from[0] as usize + at(x, 0);
        pixels[place * texel..][..texel].to_vec()
    };
    let expected: Vec<u8> = (0..texels(to)).flat_map(pick).collect();
    let text = format!("{:?} {from:?} to {to:?} {flip:?}", format.name);
    assert_same(&destination.rows(texel), &expected, &text);
}

/// Depth and stencil, which are always tiled.
pub(crate) fn depth_and_stencil() {
    let gpu = Gpu::open();
    let formats = [
        (vk::Format::D16_UNORM, 0x3333_u32, 2),
        (vk::Format::D32_SFLOAT, 0.2_f32.to_bits(), 4),
        (vk::Format::S8_UINT, 0x6b, 1),
    ];
    for (format, value, texel) in formats {
        let image = Image::optimal(&gpu, format, SIZE);
        let pixels = bytes(texels(PART.size) * texel, 9);
        let part = Buffer::of(&gpu, &pixels);
        let buffer = Buffer::new(&gpu, texels(SIZE) * texel);
        gpu.run(|commands| {
            commands.prepare(&image);
            commands.clear_depth(&image, 0.2, 0x6b);
            commands.upload(&part, 0, 0, &image, PART);
            commands.download(&image, image.whole(), &buffer, 0, 0);
        });
        let mut expected = value.to_le_bytes()[..texel].repeat(texels(SIZE));
        let all = Region::whole(PART.size);
        paste_from(
            &mut expected,
            &pixels,
            PART.size[0],
            texel,
            all,
            PART.origin,
        );
        assert_same(buffer.bytes(), &expected, &format!("{format:?}"));
    }
}

/// The picture is the one that the documentation shows.
pub(crate) fn picture() {
    assert_same(&picture::draw(), &picture::reference(), "the picture");
}

fn texels([width, height]: [u32; 2]) -> usize {
    width as usize * height as usize
}

/// Copies a region between images of the usual size.
fn paste(to: &mut [u8], from: &[u8], texel: usize, region: Region, place: [u32; 2]) {
    paste_from(to, from, SIZE[0], texel, region, place);
}

fn paste_from(
    to: &mut [u8],
    from: &[u8],
    width: u32,
    texel: usize,
    region: Region,
    place: [u32; 2],
) {
    for y in 0..region.size[1] {
        let here = texels([width, region.origin[1] + y]) + region.origin[0] as usize;
        let there = texels([SIZE[0], place[1] + y]) + place[0] as usize;
        let length = region.size[0] as usize * texel;
        to[there * texel..][..length].copy_from_slice(&from[here * texel..][..length]);
    }
}
