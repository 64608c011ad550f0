// SPDX-License-Identifier: GPL-2.0

//! Fences as descriptors: made, polled and closed. All have signaled, so that nobody waits.

use std::io;

use super::measure::timed;
use super::record::Title;
use super::run::Session;
use super::submission::{self, signaled};
use crate::client::{Bench, Device, SwSync};

/// Fences of timestamps beside those of sw_sync: of the same one again and again, as for each semaphore of a submission, and
/// of another one each time.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let bench = Bench::new(&device);
    let commands = submission::commands(&bench);
    (0..2).try_for_each(|_| submission::submit(&bench, commands))?;
    let mut same = timed(|| signaled(bench.context.fence(1)?.poll(0)));
    let mut timestamp = 1;
    let mut another = timed(|| {
        timestamp = 3 - timestamp;
        signaled(bench.context.fence(timestamp)?.poll(0))
    });
    let timeline = SwSync::new()?;
    timeline.advance();
    let mut theirs = timed(|| signaled(timeline.fence(1).poll(0)));
    let title = |job| Title {
        job,
        size: 0,
        peer: "sw_sync create + poll + close",
        target: Some(1.0),
    };
    let of_one = title("fence fd: export + poll + close");
    session.compare(&of_one, &mut same, &mut theirs)?;
    let of_many = title("fence fd of another timestamp each time: export + poll + close");
    session.compare(&of_many, &mut another, &mut theirs)
}
