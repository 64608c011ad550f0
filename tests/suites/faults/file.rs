// SPDX-License-Identifier: GPL-2.0

//! Opening, reading and mapping.

use rustix::io::Errno;

use super::{open, sweep, PAGE};
use crate::client::{Device, Object, NODE};
use crate::suite::Test;

pub(super) const TESTS: &[Test] = crate::tests![open_, mmap, read];

fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).expect("it is the kernel's")
}

fn open_() {
    let device = open();
    sweep(&device, || Device::open().map_err(errno), drop);
}

fn mmap() {
    let device = open();
    let object = Object::gpumem(&device, 8 * PAGE, 0).expect("memory is allocated");
    sweep(&device, || object.map(&device), drop);
}

fn read() {
    let device = open();
    let file = std::fs::File::open(NODE).expect("the node opens");
    let greet = || {
        let mut text = [0; 16];
        std::os::unix::fs::FileExt::read_at(&file, &mut text, 0).map_err(errno)
    };
    sweep(&device, greet, drop);
}
