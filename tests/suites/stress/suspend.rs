// SPDX-License-Identifier: GPL-2.0

//! The machine sleeps and wakes, with the device in use.

use std::fs;

use rustix::time::{
    timerfd_create, timerfd_settime, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags,
    Timespec,
};

use super::{nothing_is_left, open};
use crate::client::Bench;
use crate::kernel_log::Reader;
use crate::pm4::Commands;
use crate::suite::Test;

/// The x86_64 machine has no ACPI, and so nothing that wakes it: its clock's alarm does not reach a processor that sleeps.
pub(super) const TESTS: &[Test] = match cfg!(target_arch = "aarch64") {
    true => crate::tests![work_goes_on_after_the_machine_has_slept],
    false => &[],
};

/// Suspends to idle; the clock of the machine wakes it after a while.
fn sleep() {
    let timer = timerfd_create(TimerfdClockId::BoottimeAlarm, TimerfdFlags::CLOEXEC)
        .expect("there is a clock that wakes");
    let moment = Itimerspec {
        it_interval: Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        },
        it_value: Timespec {
            tv_sec: 3,
            tv_nsec: 0,
        },
    };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &moment).expect("it is set");
    fs::write("/sys/power/state", "freeze").expect("the machine sleeps and wakes");
}

fn work_goes_on_after_the_machine_has_slept() {
    let device = open();
    let bench = Bench::new(&device);
    for value in 1..3 {
        let mut log = Reader::from_now().expect("the kernel log opens");
        bench.run(Commands::default().mem_write(bench.dword(8), &[value]));
        sleep();
        let said = log.read().expect("the kernel log is read");
        assert!(said.contains("PM: suspend exit"), "{said}");
        assert_eq!(bench.memory.read(32, 1), [value]);
        bench.run(Commands::default().mem_write(bench.dword(0), &[value]));
        assert_eq!(bench.memory.read(0, 1), [value]);
    }
    drop(bench);
    drop(device);
    nothing_is_left();
}
