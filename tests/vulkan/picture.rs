// SPDX-License-Identifier: GPL-2.0

//! Something to look at, drawn without a shader: letters that vkCmdFillBuffer writes, a rainbow that is copied through
//! a tiled image, and blits that enlarge and mirror them.

use std::io::{self, Write};

use ash::vk;

use crate::gpu::{Buffer, Gpu, Image, Recorder, Region};

/// Columns and rows of the picture.
const SIZE: [u32; 2] = [384, 216];
/// Columns and rows of the rainbow before it is enlarged.
const RAINBOW: [u32; 2] = [96, 4];
/// The letters, a row of dots a line.
const LETTERS: [&str; 7] = [
    "##### #   # ####  #   # ##### ####",
    "  #   #   # #   # ##  #   #   #   #",
    "  #   #   # #   # # # #   #   #   #",
    "  #   #   # ####  # # #   #   ####",
    "  #   #   # # #   #  ##   #   #",
    "  #   #   # #  #  #   #   #   #",
    "  #    ###  #   # #   # ##### #",
];
/// Columns and rows of the letters, with a dot for a texel.
const TEXT: [u32; 2] = [35, 7];
/// By how much they are enlarged.
const SCALE: u32 = 9;
/// Colours, red in the lowest byte.
const INK: u32 = 0xffff_ffff;
const PAPER: u32 = 0xff5a_2a16;

/// Where things stand.
const LETTERS_AT: [u32; 2] = [34, 56];
const REFLECTION_AT: [u32; 2] = [34, 140];
const STRIPES: [[u32; 2]; 2] = [[0, 16], [0, 124]];

/// Draws the picture; its texels, four bytes each.
pub(crate) fn draw() -> Vec<u8> {
    let gpu = Gpu::open();
    let image = |size| Image::linear(&gpu, vk::Format::R8G8B8A8_UNORM, size);
    let (picture, letters, faint) = (image(SIZE), image(TEXT), image(TEXT));
    let tiled = Image::optimal(&gpu, vk::Format::R8G8B8A8_UNORM, RAINBOW);
    let dots = Buffer::new(&gpu, texels(TEXT) * 4);
    let faint_dots = Buffer::new(&gpu, texels(TEXT) * 4);
    let rainbow = Buffer::of(&gpu, &rainbow());
    gpu.run(|commands| {
        for image in [&picture, &letters, &faint, &tiled] {
            commands.prepare(image);
        }
        let paper = [0, 8, 16].map(|shift| f32::from((PAPER >> shift) as u8) / 255.0);
        commands.clear(
            &picture,
            [paper[0], paper[1], paper[2], 1.0].map(f32::to_bits),
        );
        write_letters(commands, &dots, INK);
        write_letters(commands, &faint_dots, 0xff8c_6450);
        commands.upload(&dots, 0, 0, &letters, letters.whole());
        commands.upload(&faint_dots, 0, 0, &faint, faint.whole());
        commands.upload(&rainbow, 0, 0, &tiled, tiled.whole());
        for place in STRIPES {
            commands.blit(
                &tiled,
                tiled.whole(),
                &picture,
                enlarged(RAINBOW, place, 4),
                [false; 2],
            );
        }
        let (upright, reflection) = (
            enlarged(TEXT, LETTERS_AT, SCALE),
            enlarged(TEXT, REFLECTION_AT, SCALE),
        );
        commands.blit(&letters, letters.whole(), &picture, upright, [false; 2]);
        commands.blit(&faint, faint.whole(), &picture, reflection, [false, true]);
        commands.copy_image(&tiled, tiled.whole(), &picture, [288, 208]);
    });
    picture.rows(4)
}

/// Writes the letters' dots, a run of them at a time.
fn write_letters(commands: &Recorder<'_>, buffer: &Buffer<'_>, ink: u32) {
    commands.fill(buffer, 0, texels(TEXT) * 4, PAPER);
    for (y, row) in LETTERS.iter().enumerate() {
        for (x, dot) in row.bytes().enumerate() {
            if dot == b'#' {
                commands.fill(buffer, (y * TEXT[0] as usize + x) * 4, 4, ink);
            }
        }
    }
}

/// A rainbow: hue from left to right.
fn rainbow() -> Vec<u8> {
    let color = |x: u32| {
        let hue = x * 6 * 256 / RAINBOW[0];
        let rise = (hue % 256) as u8;
        let fall = 255 - rise;
        let [red, green, blue] = match hue / 256 {
            0 => [255, rise, 0],
            1 => [fall, 255, 0],
            2 => [0, 255, rise],
            3 => [0, fall, 255],
            4 => [rise, 0, 255],
            _ => [255, 0, fall],
        };
        [red, green, blue, 255]
    };
    let row: Vec<u8> = (0..RAINBOW[0]).flat_map(color).collect();
    row.repeat(RAINBOW[1] as usize)
}

fn enlarged(size: [u32; 2], origin: [u32; 2], by: u32) -> Region {
    Region {
        origin,
        size: size.map(|value| value * by),
    }
}

fn texels([width, height]: [u32; 2]) -> usize {
    width as usize * height as usize
}

/// Writes texels of the picture's size as a PNG.
pub(crate) fn write(texels: &[u8], output: impl Write) -> io::Result<()> {
    let mut encoder = png::Encoder::new(output, SIZE[0], SIZE[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    encoder.write_header()?.write_image_data(texels)?;
    Ok(())
}

/// The texels of the picture that the documentation shows.
pub(crate) fn reference() -> Vec<u8> {
    let file = include_bytes!("../../docs/vulkan.png");
    let mut reader = png::Decoder::new(&file[..])
        .read_info()
        .expect("the reference is a PNG");
    let mut texels = vec![0; reader.output_buffer_size()];
    let info = reader
        .next_frame(&mut texels)
        .expect("the reference is whole");
    assert_eq!([info.width, info.height], SIZE);
    texels
}
