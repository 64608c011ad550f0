// SPDX-License-Identifier: GPL-2.0

//! The clock by which everything is measured: what it is, and in what steps it goes. The host judges whether that will do.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

/// The file that names it.
const FILE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

/// How many steps are looked at, at the most.
const STEPS: usize = 1000;

/// For how long they are looked at, about.
const WHOLE: Duration = Duration::from_millis(200);

/// What the kernel calls the clock.
pub(super) fn name() -> io::Result<String> {
    Ok(fs::read_to_string(FILE)?.trim().to_owned())
}

/// The smallest step that the clock was seen to make; reading it takes a part of that.
pub(super) fn step() -> Duration {
    smallest_step(Instant::now)
}

fn smallest_step(now: impl Fn() -> Instant) -> Duration {
    let started = now();
    let mut smallest = WHOLE;
    let mut before = started;
    for _ in 0..STEPS {
        let mut after = now();
        while after == before {
            after = now();
        }
        smallest = smallest.min(after - before);
        if after - started > WHOLE {
            break;
        }
        before = now();
    }
    smallest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn the_step_of_a_coarse_clock_is_seen() {
        let (start, readings) = (Instant::now(), Cell::new(0));
        // Ten readings fall into each tick.
        let coarse = || {
            readings.set(readings.get() + 1);
            start + Duration::from_millis(4) * (readings.get() / 10)
        };
        assert_eq!(smallest_step(coarse), Duration::from_millis(4));
    }

    #[test]
    fn the_smallest_of_many_steps_counts() {
        let (start, readings) = (Instant::now(), Cell::new(0_u32));
        let fine = || {
            readings.set(readings.get() + 1);
            let late = readings.get() / 50 * 1000;
            start + Duration::from_nanos(u64::from(readings.get() * 20 + late))
        };
        assert_eq!(smallest_step(fine), Duration::from_nanos(20));
    }
}
