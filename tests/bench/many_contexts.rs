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
use crate::client::{Bench, Device, Vgem};

/// How many contexts are compared with one.
const MANY: usize = 8;

/// Submissions of all contexts, with and without company, for one job of the measurement: a twentieth of a second at least,
/// which the scheduler needs to spread eight threads evenly.
const ROUNDS: u32 = 8192;

/// So many a thread takes at once, and whoever is done takes more: no processor is idle while another has work left.
const SHARE: u32 = 16;

/// When a thread has begun with its work, and when the last of it was done.
struct Stretch {
    began: Instant,
    ended: Instant,
}

/// Something that a thread does again and again.
type Work<'a> = dyn Fn() -> io::Result<()> + Sync + 'a;

/// Has as many threads share out so many rounds of their work; how long that took from the first one of any thread to the
/// last. Making the threads and waiting for their end is no part of it.
fn share(works: &[&Work<'_>], rounds: u32) -> io::Result<Duration> {
    let taken = &AtomicU32::new(0);
    let barrier = &Barrier::new(works.len());
    let stretches = thread::scope(|scope| {
        let threads: Vec<_> = works
            .iter()
            .map(|work| scope.spawn(move || take_part(*work, barrier, taken, rounds)))
            .collect();
        let stretches = threads.into_iter().map(|thread| thread.join());
        stretches
            .map(|result| result.map_err(|_| io::Error::other("a thread panicked"))?)
            .collect::<io::Result<Vec<_>>>()
    })?;
    let began = stretches.iter().map(|stretch| stretch.began).min();
    let ended = stretches.iter().map(|stretch| stretch.ended).max();
    let took = began.zip(ended).map(|(began, ended)| ended - began);
    took.ok_or_else(|| io::Error::other("there is no thread"))
}

/// Takes some of the rounds, and some more, until all are taken.
fn take_part(
    work: &Work<'_>,
    barrier: &Barrier,
    taken: &AtomicU32,
    rounds: u32,
) -> io::Result<Stretch> {
    barrier.wait();
    let began = Instant::now();
    while taken.fetch_add(SHARE, Ordering::Relaxed) < rounds {
        (0..SHARE).try_for_each(|_| work())?;
    }
    let ended = Instant::now();
    Ok(Stretch { began, ended })
}

/// All works on all processors beside the first one alone.
fn compare_works(session: &mut Session, title: &Title, works: &[&Work<'_>]) -> io::Result<()> {
    let mut many = |count| share(works, count * ROUNDS);
    let mut one = |count| share(&works[..1], count * ROUNDS);
    session.compare_on_all_processors(title, &mut many, &mut one)
}

/// Submissions by eight contexts, of a file each and of one, and by one context; and, for what the machine gives, what shares
/// nothing in the kernel by eight and by one: fences of files of vgem, and the shortest system call.
pub(super) fn compare(session: &mut Session) -> io::Result<()> {
    let devices = (0..MANY).map(|_| Device::open());
    let devices = devices.collect::<io::Result<Vec<_>>>()?;
    let benches: Vec<_> = devices.iter().map(Bench::new).collect();
    let job = "8,192 submissions of 8 contexts of 8 files on 2 CPUs, one MEM_WRITE";
    compare_submissions(session, job, &benches, 1)?;
    // Each call counts who uses the file, whose threads share one number for that.
    let device = Device::open()?;
    let benches: Vec<_> = (0..MANY).map(|_| Bench::new(&device)).collect();
    let job = "8,192 submissions of 8 contexts on 2 CPUs, one MEM_WRITE";
    compare_submissions(session, job, &benches, 1)?;
    let job = "8,192 submissions of 8 contexts on 2 CPUs, 64 MEM_WRITEs";
    compare_submissions(session, job, &benches, 64)?;
    compare_fences(session)?;
    compare_calls(session)
}

/// Submissions that write so many dwords each, and their waits.
fn compare_submissions(
    session: &mut Session,
    job: &'static str,
    benches: &[Bench<'_>],
    writes: u64,
) -> io::Result<()> {
    let submit = |bench| {
        let commands = submission::writes(bench, writes);
        move || submission::submit(bench, commands)
    };
    let submissions: Vec<_> = benches.iter().map(submit).collect();
    let title = Title {
        job,
        size: 0,
        peer: "8,192 of 1 context",
        target: Some(1.0 / 1.6),
    };
    let works: Vec<_> = submissions.iter().map(|work| work as &Work<'_>).collect();
    compare_works(session, &title, &works)
}

fn compare_fences(session: &mut Session) -> io::Result<()> {
    let file = || {
        let file = Vgem::open()?;
        let handle = file.create(1)?;
        Ok(move || Ok(file.signal(file.attach(handle)?)?))
    };
    let fences = (0..MANY).map(|_| file()).collect::<io::Result<Vec<_>>>()?;
    let title = Title {
        job: "8,192 fences of 8 files of vgem on 2 CPUs",
        size: 0,
        peer: "8,192 of 1 file of vgem",
        target: None,
    };
    let works: Vec<_> = fences.iter().map(|work| work as &Work<'_>).collect();
    compare_works(session, &title, &works)
}

/// System calls that neither lock nor write anything: an emulator that lets one processor at a time enter and leave the
/// kernel, as QEMU does on arm64, shows here.
fn compare_calls(session: &mut Session) -> io::Result<()> {
    let call = || {
        for _ in 0..8 {
            let _ = rustix::process::getppid();
        }
        Ok(())
    };
    let title = Title {
        job: "65,536 calls of getppid by 8 threads on 2 CPUs",
        size: 0,
        peer: "65,536 by 1 thread",
        target: None,
    };
    let works = [&call as &Work<'_>; MANY];
    compare_works(session, &title, &works)
}
