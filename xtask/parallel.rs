// SPDX-License-Identifier: GPL-2.0

//! The same work on many things, on several processors at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;

/// How many processors there are for us.
pub fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What comes of each thing, in the order of the things; so many threads work, each at whatever nobody has begun. A panic in
/// one of them is the caller's.
pub fn map<T: Sync, R: Send>(
    things: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(things.len()));
    let run = || loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(thing) = things.get(index) else {
            return;
        };
        let result = work(thing);
        // Nobody panics while it is held.
        done.lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .push((index, result));
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(things.len()) {
            scope.spawn(run);
        }
        run();
    });
    let done = done.into_inner();
    let mut done = done.unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn results_are_in_the_order_of_the_things() {
        let things: Vec<u32> = (0..1000).collect();
        for threads in [0, 1, 3] {
            let doubled = map(&things, threads, |thing| thing * 2);
            assert!(doubled
                .iter()
                .zip(&things)
                .all(|(two, one)| *two == one * 2));
            assert_eq!(doubled.len(), things.len());
        }
        assert!(map(&[] as &[u32], 3, |thing| *thing).is_empty());
    }

    #[test]
    fn threads_work_at_once() {
        // Each waits for the other.
        let barrier = Barrier::new(2);
        map(&[(), ()], 2, |()| barrier.wait());
    }
}
