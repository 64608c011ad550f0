// SPDX-License-Identifier: GPL-2.0

//! Measuring two sides in turns, so that whatever else the machine does meets both.

use std::io;
use std::time::{Duration, Instant};

use super::effort::Effort;

/// Does a job so many times; how long that took.
pub(super) type Batch<'a> = dyn FnMut(u32) -> io::Result<Duration> + 'a;

/// A job that is timed here, once for each call of the closure.
pub(super) fn timed<'a>(
    mut job: impl FnMut() -> io::Result<()> + 'a,
) -> impl FnMut(u32) -> io::Result<Duration> + 'a {
    move |count| {
        let started = Instant::now();
        for _ in 0..count {
            job()?;
        }
        Ok(started.elapsed())
    }
}

/// Two samples that were taken one right after the other, in nanoseconds for each job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// Of our side.
    pub(super) ours: f64,
    /// Of the other side.
    pub(super) theirs: f64,
}

/// A side, and how often it does its job for one sample.
struct Side<'a, 'b> {
    batch: &'a mut Batch<'b>,
    count: u32,
}

impl Side<'_, '_> {
    /// One sample, in nanoseconds for each job.
    fn sample(&mut self) -> io::Result<f64> {
        let elapsed = (self.batch)(self.count)?;
        Ok(elapsed.as_secs_f64() * 1e9 / f64::from(self.count))
    }
}

/// Warms a side up, and finds out how many times a sample takes its job.
fn prepare<'a, 'b>(batch: &'a mut Batch<'b>, effort: &Effort) -> io::Result<Side<'a, 'b>> {
    let started = Instant::now();
    let mut quickest = batch(1)?;
    while started.elapsed() < effort.warm_up {
        quickest = quickest.min(batch(1)?);
    }
    let count = effort.sample.as_nanos() / quickest.as_nanos().max(1);
    let count = u32::try_from(count).unwrap_or(u32::MAX).clamp(1, 1000);
    Ok(Side { batch, count })
}

/// Compares two sides, each of which begins every other pair.
pub(super) fn compare(
    ours: &mut Batch<'_>,
    theirs: &mut Batch<'_>,
    effort: &Effort,
) -> io::Result<Vec<Pair>> {
    let mut ours = prepare(ours, effort)?;
    let mut theirs = prepare(theirs, effort)?;
    let started = Instant::now();
    let mut pairs = Vec::new();
    while pairs.len() < effort.least
        || (pairs.len() < effort.most && started.elapsed() < effort.whole)
    {
        let pair = if pairs.len() % 2 == 0 {
            let first = ours.sample()?;
            Pair {
                ours: first,
                theirs: theirs.sample()?,
            }
        } else {
            let first = theirs.sample()?;
            Pair {
                ours: ours.sample()?,
                theirs: first,
            }
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn each_side_begins_every_other_pair() {
        let order = RefCell::new(String::new());
        let side = |name: char| {
            let order = &order;
            move |count: u32| {
                order.borrow_mut().push(name);
                Ok(Duration::from_nanos(u64::from(count) * 10))
            }
        };
        let effort = Effort {
            least: 4,
            ..Effort::QUICK
        };
        let pairs = compare(&mut side('o'), &mut side('t'), &effort).unwrap();
        // One call of each side is the preparation.
        assert_eq!(*order.borrow(), "otottootto");
        assert!(pairs
            .iter()
            .all(|pair| pair.ours == 10.0 && pair.theirs == 10.0));
    }

    #[test]
    fn a_short_job_is_done_many_times_for_a_sample() {
        let counts = RefCell::new(Vec::new());
        let mut side = |count: u32| {
            counts.borrow_mut().push(count);
            Ok(Duration::from_micros(u64::from(count)))
        };
        let effort = Effort {
            sample: Duration::from_micros(50),
            ..Effort::QUICK
        };
        compare(&mut side, &mut timed(|| Ok(())), &effort).unwrap();
        assert_eq!(*counts.borrow(), [1, 50]);
    }
}
