// SPDX-License-Identifier: GPL-2.0

//! Registers that show performance counters. Every one of them may be read by command streams.

use super::execution::{halves, Execution};
use crate::gpu::performance::{Counter, Half};

/// The work units that reading a counter costs: all contexts share it, so that locks are taken.
const UNITS: u32 = 8;

impl Execution<'_, '_> {
    /// The half of a performance counter that a register shows; `None` for any other register.
    pub(super) fn counter_half(&mut self, register: u32) -> Option<u32> {
        let (counter, half) = Counter::at(self.generation(), register)?;
        let [low, high] = halves(self.counter(&counter));
        Some(match half {
            Half::Low => low,
            Half::High => high,
        })
    }

    /// The performance counter whose low half is in a register, and whose high half is in the next
    /// one.
    pub(super) fn counter_pair(&mut self, register: u32) -> Option<u64> {
        let (counter, half) = Counter::at(self.generation(), register)?;
        let paired = half == Half::Low && counter.high() == register.saturating_add(1);
        paired.then(|| self.counter(&counter))
    }

    /// The value of a performance counter.
    fn counter(&mut self, counter: &Counter) -> u64 {
        self.charge(UNITS);
        let select = counter.select();
        let selected = select.map_or(0, |select| self.registers.get(select));
        self.memory
            .performance_counter(counter, selected, &self.state.counters)
    }
}
