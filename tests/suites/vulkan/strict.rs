// SPDX-License-Identifier: GPL-2.0

//! `strict=`: what needs a shader core has no effect and is reported, or faults.

use super::{check, reload};
use crate::kernel_log::Reader;
use crate::suite::Test;

/// The tests.
pub(super) const TESTS: &[Test] = crate::tests![
    a_draw_has_no_effect_and_is_reported_once,
    a_draw_faults_when_strict
];

fn messages(run: impl FnOnce()) -> String {
    let mut log = Reader::from_now().expect("the log opens");
    run();
    log.read().expect("the log is read")
}

fn a_draw_has_no_effect_and_is_reported_once() {
    reload("strict=0");
    let log = messages(|| check("draw-without-effect"));
    let reports = log
        .lines()
        .filter(|line| line.contains("a draw had no effect"));
    assert_eq!(reports.count(), 1, "{log}");
}

fn a_draw_faults_when_strict() {
    reload("strict=1");
    let log = messages(|| check("draw-faults"));
    let faults = log
        .lines()
        .filter(|line| line.contains("needs a shader core"));
    assert_eq!(faults.count(), 1, "{log}");
    reload("strict=0");
}
