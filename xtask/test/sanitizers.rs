// SPDX-License-Identifier: GPL-2.0

//! Every sanitizer is alive: a module that is built for this alone does one thing wrong after the other, and the rule by
//! which all other runs are judged must see each of them. A kernel that stays silent fails the suite.

use std::fs;
use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use super::case::Outcome;
use super::selection;
use crate::target::Profile;
use crate::vm::{kernel_log, Entry, Problem, Report, Workshop};

/// The suite, here and in the machine.
const SUITE: &str = "sanitizers";

/// What a module does wrong, what the kernel must say to it in a line that counts, and what it must say besides.
type Wrong = (&'static str, &'static str, &'static [&'static str]);

/// One machine lives through all of these, in this order: reports of KASAN turn lockdep off, and a report of lockdep does,
/// too. KASAN reports more than once because it is told to.
const SURVIVED: &[Wrong] = &[
    ("c_rcu", "WARNING: suspicious RCU usage", &[]),
    ("c_sleep", SLEEP, &[]),
    ("c_lock_order", LOCK_ORDER, &[]),
    ("c_object", "ODEBUG: free active", &[]),
    ("c_list", "list_del corruption", &[]),
    ("c_index", "UBSAN: array-index-out-of-bounds", &[]),
    ("c_shift", "UBSAN: shift-out-of-bounds", &[]),
    ("c_bool", "UBSAN: invalid-load", &[]),
    ("c_free_page", "pagealloc: memory corruption", &[]),
    ("c_use_after_free", "BUG: KASAN: slab-use-after-free", &[]),
    ("c_out_of_bounds", "BUG: KASAN: slab-out-of-bounds", &[]),
    (
        "c_vmalloc_out_of_bounds",
        "BUG: KASAN: vmalloc-out-of-bounds",
        &[],
    ),
    (
        "rust_use_after_free",
        "BUG: KASAN: slab-use-after-free",
        &[],
    ),
    ("rust_out_of_bounds", "BUG: KASAN: slab-out-of-bounds", &[]),
    (
        "rust_vmalloc_out_of_bounds",
        "BUG: KASAN: vmalloc-out-of-bounds",
        &[],
    ),
    (
        "leak",
        "new suspected memory leaks",
        &["wrong_c_leak", "wrong_rust_leak"],
    ),
];

/// The last of these is the end of the machine. The kernel complains of sleep once a second only, and of the order of locks
/// once.
const FATAL: &[Wrong] = &[
    ("rust_sleep", SLEEP, &[]),
    ("rust_lock_order", LOCK_ORDER, &[]),
    (
        "rust_overflow",
        "rust_kernel: panicked at",
        &["attempt to add with overflow"],
    ),
];

/// Only the kernel without the others has this one.
const RACES: &[Wrong] = &[("c_race", "BUG: KCSAN: data-race in", &["count"])];

const SLEEP: &str = "BUG: sleeping function called from invalid context";
const LOCK_ORDER: &str = "WARNING: possible circular locking dependency detected";

/// Runs the machines of the kernel's profile.
pub(super) fn run(sh: &Shell, workshop: &Workshop) -> Result<Outcome> {
    let module = workshop.build_extra_module(sh, SUITE, "wrong")?;
    let machines: &[(&str, &[Wrong])] = match workshop.target.profile {
        Profile::Default => &[],
        Profile::Sanitize => &[("survived", SURVIVED), ("fatal", FATAL)],
        Profile::Kcsan => &[("races", RACES)],
    };
    let mut outcome = Outcome::default();
    for (name, wrongs) in machines {
        let report = report(workshop, name, wrongs, &module)?;
        let console = fs::read_to_string(report.console()).unwrap_or_default();
        for wrong in *wrongs {
            outcome.join(judge(workshop, wrong, &console, &report));
        }
        outcome.join(judge_whole(workshop, name, &report));
    }
    Ok(outcome)
}

fn report(workshop: &Workshop, name: &str, wrongs: &[Wrong], module: &Path) -> Result<Report> {
    let mut machine = workshop.machine(&format!("{SUITE}-{name}"), "init");
    machine.parameters.push("kasan_multi_shot".to_owned());
    machine
        .files
        .push(Entry::file("/lib/modules/wrong.ko", module));
    machine
        .arguments
        .push(format!("--timeout={}", 30 * workshop.slowdown()));
    let tests = wrongs
        .iter()
        .map(|(wrong, ..)| format!("--test={SUITE}.{wrong}"));
    machine.arguments.extend(tests);
    machine.execute()
}

/// The kernel must have said it, in a line that the rule takes for a symptom, while the module did it.
fn judge(workshop: &Workshop, wrong: &Wrong, console: &str, report: &Report) -> Outcome {
    let (wrong, expected, besides) = wrong;
    let said = said_during(console, wrong);
    let symptoms = kernel_log::symptoms(&said);
    let seen = symptoms
        .iter()
        .any(|symptom| symptom.line.contains(expected));
    let name = format!("{SUITE}.{wrong}");
    if seen && besides.iter().all(|text| said.contains(text)) {
        return Outcome::passed(name);
    }
    let detail = format!("the kernel should have said {expected:?} {besides:?}; it said:\n{said}");
    failed(workshop, name, detail, report)
}

/// The lines from the start of the test to its result; of a leak those of the search at the end.
fn said_during(console: &str, wrong: &str) -> String {
    let start = match wrong {
        "leak" => "# kmemleak: starts".to_owned(),
        _ => format!("# {SUITE}.{wrong}: starts"),
    };
    let lines = console.lines().skip_while(|line| !line.contains(&start));
    let lines = lines.skip(1).take_while(|line| !line.contains(": starts"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A run of which the log is bad must not pass, whatever its tests say.
fn judge_whole(workshop: &Workshop, name: &str, report: &Report) -> Outcome {
    let is_log = |problem: &Problem| matches!(problem, Problem::KernelLog(_));
    let name = format!("{SUITE}.{name}_is_no_pass");
    match !report.passed() && report.problems.iter().any(is_log) {
        true => Outcome::passed(name),
        false => failed(
            workshop,
            name,
            "the run was taken for good".to_owned(),
            report,
        ),
    }
}

fn failed(workshop: &Workshop, name: String, detail: String, report: &Report) -> Outcome {
    let options = selection::options(&workshop.target);
    let rerun = format!("cargo xtask test {SUITE} {options}");
    let mut outcome = Outcome::failed(name, detail, rerun);
    outcome.logs = Some(report.directory.clone());
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_belongs_to_the_test_that_runs() {
        let console = "[1] # sanitizers.a: starts\n[2] BUG: x\n[3] ok 1 sanitizers.a\n\
                       [4] # sanitizers.b: starts\n[5] quiet\n";
        assert_eq!(
            said_during(console, "a"),
            "[2] BUG: x\n[3] ok 1 sanitizers.a\n"
        );
        assert_eq!(said_during(console, "b"), "[5] quiet\n");
        assert_eq!(said_during(console, "c"), "");
    }

    #[test]
    fn each_expectation_is_a_symptom() {
        for (_, expected, _) in [SURVIVED, FATAL, RACES].concat() {
            assert_eq!(kernel_log::symptoms(expected).len(), 1, "{expected}");
        }
    }
}
