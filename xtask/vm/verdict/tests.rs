// SPDX-License-Identifier: GPL-2.0

//! Each way in which a run can go wrong, on evidence written by hand.

use super::*;

const CONSOLE: &str =
    "[    0.5] KTAP version 1\r\n[    0.5] 1..2\r\n[    0.6] ok 1 a\r\n[    0.7] ok 2 b\r\n";
const FAILED: &str = "KTAP version 1\n1..1\nnot ok 1 a\n";
const STATUS: &str = "done exit=0 tests=2 tainted=4096\n";

fn evidence<'a>(console: &'a str, status: &'a str) -> Evidence<'a> {
    Evidence {
        job: Job::Tests,
        failure: None,
        killed_after: None,
        console,
        status,
    }
}

/// The only problem.
fn problem(evidence: &Evidence<'_>) -> Problem {
    let problems = problems(evidence);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.into_iter().next().unwrap()
}

#[test]
fn a_good_run_has_no_problem() {
    assert_eq!(problems(&evidence(CONSOLE, STATUS)), []);
}

#[test]
fn a_test_that_fails_is_no_problem_of_the_run() {
    assert_eq!(
        problems(&evidence(FAILED, "done exit=1 tests=1 tainted=0\n")),
        []
    );
}

#[test]
fn a_panic_is_seen() {
    let console =
        format!("{CONSOLE}[    0.9] Kernel panic - not syncing: sysrq triggered crash\r\n");
    let problems = problems(&evidence(&console, ""));
    assert!(
        matches!(&problems[..], [Problem::KernelLog(symptoms), Problem::Status(_)] if symptoms[0].number == 5)
    );
}

#[test]
fn a_first_process_that_gives_up_says_why() {
    let console = "[    0.9] # PID 1: gpu was not inserted: Invalid argument (os error 22)\r\n";
    let why = problem(&evidence(console, ""));
    assert!(matches!(&why, Problem::GaveUp(_)), "{why:?}");
    assert!(why.to_string().starts_with("gpu was not inserted: Invalid"));
    // A test may print anything; the status word tells that PID 1 came to its end.
    let console = format!("# PID 1: no\n{CONSOLE}");
    assert_eq!(problems(&evidence(&console, STATUS)), []);
}

#[test]
fn a_warning_is_seen() {
    let console = format!("[    0.1] WARNING: CPU: 0 PID: 1 at mm/x.c:1 x+0x0/0x1\r\n{CONSOLE}");
    assert!(matches!(
        problem(&evidence(&console, STATUS)),
        Problem::KernelLog(_)
    ));
}

#[test]
fn a_hang_is_seen() {
    let killed_after = Some(Duration::from_secs(5));
    let hung = Evidence {
        killed_after,
        ..evidence(CONSOLE, STATUS)
    };
    assert_eq!(problem(&hung), Problem::Deadline(Duration::from_secs(5)));
}

#[test]
fn a_failure_of_qemu_is_seen() {
    let failed = Evidence {
        failure: Some("exit status: 1"),
        ..evidence(CONSOLE, STATUS)
    };
    assert_eq!(problem(&failed), Problem::Qemu("exit status: 1".to_owned()));
}

#[test]
fn a_missing_status_word_is_seen() {
    assert!(
        matches!(problem(&evidence(CONSOLE, "")), Problem::Status(text) if text.contains("missing"))
    );
    assert!(matches!(
        problem(&evidence(CONSOLE, "done exit=0")),
        Problem::Status(_)
    ));
}

#[test]
fn a_missing_plan_is_seen() {
    let status = "done exit=0 tests=0 tainted=0\n";
    assert_eq!(
        problem(&evidence("KTAP version 1\n", status)),
        Problem::Plans(vec![])
    );
    assert_eq!(
        problem(&evidence("1..0\n", status)),
        Problem::Plans(vec![0])
    );
}

#[test]
fn a_second_plan_is_seen() {
    let console = format!("{CONSOLE}1..1\n");
    assert_eq!(
        problem(&evidence(&console, STATUS)),
        Problem::Plans(vec![2, 1])
    );
}

#[test]
fn results_that_the_plan_does_not_announce_are_seen() {
    let status = "done exit=0 tests=1 tainted=0\n";
    let results = |planned, numbers: &[usize]| Problem::Results {
        planned,
        numbers: numbers.to_vec(),
    };
    assert_eq!(
        problem(&evidence("1..2\nok 1 a\n", status)),
        results(2, &[1])
    );
    assert_eq!(
        problem(&evidence("1..2\nok 1 a\nok 1 a\n", STATUS)),
        results(2, &[1, 1])
    );
    assert_eq!(
        problem(&evidence("1..1\nok 1 a\nok 2 b\n", STATUS)),
        results(1, &[1, 2])
    );
    assert_eq!(
        problem(&evidence("1..2\nok 2 b\nok 1 a\n", STATUS)),
        results(2, &[2, 1])
    );
}

#[test]
fn a_status_word_that_contradicts_the_log_is_seen() {
    let wrong_count = problem(&evidence(CONSOLE, "done exit=0 tests=3 tainted=0\n"));
    assert!(matches!(wrong_count, Problem::Disagreement(_)));
    let wrong_exit = problem(&evidence(CONSOLE, "done exit=1 tests=2 tainted=0\n"));
    assert!(matches!(wrong_exit, Problem::Disagreement(_)));
    let hidden_failure = problem(&evidence(FAILED, "done exit=0 tests=1 tainted=0\n"));
    assert!(matches!(hidden_failure, Problem::Disagreement(_)));
}

#[test]
fn a_taint_is_seen() {
    let tainted = problem(&evidence(CONSOLE, "done exit=0 tests=2 tainted=4608\n"));
    assert_eq!(
        tainted,
        Problem::Taint("W (kernel issued a warning)".to_owned())
    );
}

#[test]
fn a_command_has_no_plan_but_everything_else() {
    let command = |console, status| Evidence {
        job: Job::Command,
        ..evidence(console, status)
    };
    assert_eq!(
        problems(&command("", "done exit=3 tests=0 tainted=0\n")),
        []
    );
    assert!(matches!(problem(&command("", "")), Problem::Status(_)));
    assert!(matches!(
        problem(&command("BUG: x\n", "done exit=0 tests=0 tainted=0\n")),
        Problem::KernelLog(_)
    ));
}
