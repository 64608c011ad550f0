// SPDX-License-Identifier: GPL-2.0

//! Fences as descriptors: made, polled and closed. All have signaled, so that nobody waits.

use std::io;

use super::measure::timed;
use super::record::Title;
use super::run::Session;
use super::submission::{self, signaled};
use crate::client::{Bench, Device, SwSync};

/// A timestamp's fence beside one of sw_sync.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let bench = Bench::new(&device);
    submission::submit(&bench, submission::commands(&bench))?;
    let mut ours = timed(|| {
        let fence = bench.context.fence(1)?;
        signaled(fence.poll(0))
    });
    let timeline = SwSync::new()?;
    timeline.advance();
    let mut theirs = timed(|| signaled(timeline.fence(1).poll(0)));
    let title = Title {
        job: "fence fd: export + poll + close",
        size: 0,
        peer: "sw_sync create + poll + close",
        target: 1.0,
    };
    session.compare(&title, &mut ours, &mut theirs)
}
