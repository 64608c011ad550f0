// SPDX-License-Identifier: GPL-2.0

//! Eight contexts on all processors beside one: how the submissions in a second grow.

use std::io;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::record::Title;
use super::run::Session;
use super::submission;
use crate::client::{Bench, Device};

/// How many contexts are compared with one.
const MANY: usize = 8;

/// Submissions of all contexts, with and without company, for one job of the measurement.
const SUBMISSIONS: u32 = 64;

/// Has so many contexts, each with a thread of its own, share out the submissions; how long the slowest takes.
fn share(benches: &[Bench<'_>], submissions: u32) -> io::Result<Duration> {
    let each = submissions / u32::try_from(benches.len()).map_err(io::Error::other)?;
    let barrier = Barrier::new(benches.len() + 1);
    thread::scope(|scope| {
        let work = |bench| {
            let commands = submission::commands(bench);
            barrier.wait();
            (0..each).try_for_each(|_| submission::submit(bench, commands))
        };
        let threads: Vec<_> = benches
            .iter()
            .map(|bench| scope.spawn(move || work(bench)))
            .collect();
        barrier.wait();
        let started = Instant::now();
        for thread in threads {
            thread
                .join()
                .map_err(|_| io::Error::other("a thread panicked"))??;
        }
        Ok(started.elapsed())
    })
}

/// The time for as many submissions, by eight contexts and by one.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let benches: Vec<_> = (0..MANY).map(|_| Bench::new(&device)).collect();
    let title = Title {
        job: "a submission of 8 contexts on 2 CPUs",
        size: 0,
        peer: "a submission of 1 context",
        target: 1.0 / 1.6,
    };
    let mut many = |count| share(&benches, count * SUBMISSIONS);
    let mut one = |count| share(&benches[..1], count * SUBMISSIONS);
    session.compare_on_all_processors(&title, &mut many, &mut one)
}
