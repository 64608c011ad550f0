// SPDX-License-Identifier: GPL-2.0

//! Eight contexts on all processors beside one: how the submissions in a second grow.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::record::Title;
use super::run::Session;
use super::submission;
use crate::client::{Bench, Device};

/// How many contexts are compared with one.
const MANY: usize = 8;

/// Submissions of all contexts, with and without company, for one job of the measurement: a tenth of a second, which the
/// scheduler needs to spread eight threads evenly.
const SUBMISSIONS: u32 = 8192;

/// So many a thread takes at once, and whoever is done takes more: no processor is idle while another has work left.
const SHARE: u32 = 16;

/// When a thread has begun with its submissions, and when the last of them was done.
struct Stretch {
    began: Instant,
    ended: Instant,
}

/// Has so many contexts, each with a thread of its own, share out the submissions; how long that took from the first one of
/// any thread to the last. Making the threads and waiting for their end is no part of it.
fn share(benches: &[Bench<'_>], submissions: u32) -> io::Result<Duration> {
    let taken = &AtomicU32::new(0);
    let barrier = &Barrier::new(benches.len());
    let stretches = thread::scope(|scope| {
        let threads: Vec<_> = benches
            .iter()
            .map(|bench| scope.spawn(move || work(bench, barrier, taken, submissions)))
            .collect();
        let stretches = threads.into_iter().map(|thread| thread.join());
        stretches
            .map(|result| result.map_err(|_| io::Error::other("a thread panicked"))?)
            .collect::<io::Result<Vec<_>>>()
    })?;
    let began = stretches.iter().map(|stretch| stretch.began).min();
    let ended = stretches.iter().map(|stretch| stretch.ended).max();
    let took = began.zip(ended).map(|(began, ended)| ended - began);
    took.ok_or_else(|| io::Error::other("there is no context"))
}

/// Takes a part of the submissions, and another, until all are taken.
fn work(
    bench: &Bench<'_>,
    barrier: &Barrier,
    taken: &AtomicU32,
    submissions: u32,
) -> io::Result<Stretch> {
    let commands = submission::commands(bench);
    barrier.wait();
    let began = Instant::now();
    while taken.fetch_add(SHARE, Ordering::Relaxed) < submissions {
        (0..SHARE).try_for_each(|_| submission::submit(bench, commands))?;
    }
    let ended = Instant::now();
    Ok(Stretch { began, ended })
}

/// The time for as many submissions, by eight contexts and by one.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let device = Device::open()?;
    let benches: Vec<_> = (0..MANY).map(|_| Bench::new(&device)).collect();
    let title = Title {
        job: "8,192 submissions of 8 contexts on 2 CPUs",
        size: 0,
        peer: "8,192 of 1 context",
        target: 1.0 / 1.6,
    };
    let mut many = |count| share(&benches, count * SUBMISSIONS);
    let mut one = |count| share(&benches[..1], count * SUBMISSIONS);
    session.compare_on_all_processors(&title, &mut many, &mut one)
}
