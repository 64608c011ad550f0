// SPDX-License-Identifier: GPL-2.0

//! The kernel's fault injection: has the nth allocation, or copy from or to user space, of the calling thread fail
//! (Documentation/fault-injection/fault-injection.rst).

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// Copies from and to user space. How many there are depends on the call alone.
    Copies,
    /// Those, and allocations of memory. What the kernel has in store decides how many there are.
    Everything,
}

impl Faults {
    /// The settings under which all of it fails when its turn comes, and nothing is told in the log.
    fn settings(self) -> [(&'static str, &'static str); 9] {
        let (ignore, least) = match self {
            Faults::Copies => ("Y", "20"),
            Faults::Everything => ("N", "0"),
        };
        [
            ("failslab/ignore-gfp-wait", ignore),
            ("failslab/cache-filter", ignore),
            ("failslab/verbose", "0"),
            ("fail_page_alloc/ignore-gfp-wait", ignore),
            ("fail_page_alloc/ignore-gfp-highmem", ignore),
            ("fail_page_alloc/min-order", least),
            ("fail_page_alloc/verbose", "0"),
            ("fail_usercopy/verbose", "0"),
            ("fail_usercopy/probability", "0"),
        ]
    }
}

/// The faults of the thread that has made this.
#[derive(Debug)]
pub struct FailNth(File);

impl FailNth {
    /// Sets the kernel up; fails where it cannot inject faults.
    pub fn new(faults: Faults) -> io::Result<Self> {
        for (file, value) in faults.settings() {
            fs::write(format!("/sys/kernel/debug/{file}"), value)?;
        }
        let path = "/proc/thread-self/fail-nth";
        Ok(Self(File::options().read(true).write(true).open(path)?))
    }

    /// Does something of which the nth step that can fail fails, from 1; what comes of it, and whether it has come that far.
    pub fn during<T>(&self, nth: u32, action: impl FnOnce() -> T) -> (T, bool) {
        let text = nth.to_string();
        let mut left = [0; 16];
        self.0.write_at(text.as_bytes(), 0).expect("it is armed");
        let result = action();
        // Reading is a copy to user space, too: when that is what fails, it was the next.
        let read = self.0.read_at(&mut left, 0);
        self.disarm();
        (result, read.is_ok_and(|_| left[0] == b'0'))
    }

    /// The write itself copies from user space, and may be what fails.
    fn disarm(&self) {
        while self.0.write_at(b"0", 0).is_err() {}
    }
}
