// SPDX-License-Identifier: GPL-2.0

//! Reads the Kernel Test Anything Protocol from a console log (Documentation/dev-tools/ktap.rst). Results of subtests
//! are indented; what counts of them is the line of the test that they belong to.

/// What became of one test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `ok`.
    Passed,
    /// `not ok`.
    Failed,
    /// `ok` with the directive SKIP.
    Skipped,
}

/// One result line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The number that the line carries.
    pub number: usize,
    /// The test's name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The diagnostic lines before it, without `# `, or the reason why it was skipped.
    pub diagnostics: Vec<String>,
}

/// Everything that the log says about tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The plans, in order: each the number of tests that it announces.
    pub plans: Vec<usize>,
    /// The results, in order.
    pub tests: Vec<Test>,
    /// Diagnostic lines after the last result.
    pub pending: Vec<String>,
}

/// A line of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line<'a> {
    Version,
    Plan(usize),
    Diagnostic(&'a str),
    Result {
        number: usize,
        name: &'a str,
        outcome: Outcome,
        reason: &'a str,
    },
}

/// Reads a whole console log.
pub fn parse(console: &str) -> Log {
    let mut log = Log::default();
    for line in console
        .lines()
        .filter_map(|line| line_of(without_time(line)))
    {
        match line {
            Line::Version => {}
            Line::Plan(count) => log.plans.push(count),
            Line::Diagnostic(text) => log.pending.push(text.to_owned()),
            Line::Result {
                number,
                name,
                outcome,
                reason,
            } => {
                let mut diagnostics = std::mem::take(&mut log.pending);
                diagnostics.extend((!reason.is_empty()).then(|| reason.to_owned()));
                log.tests.push(Test {
                    number,
                    name: name.to_owned(),
                    outcome,
                    diagnostics,
                });
            }
        }
    }
    log
}

/// The lines of the protocol by themselves, for tools that read it. Indented lines are of subtests.
pub fn protocol(console: &str) -> String {
    let lines = console.lines().map(without_time);
    lines
        .filter(|line| is_protocol(line.trim_start()))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// Whether the line belongs to the protocol, and so is no message of the kernel.
pub fn is_protocol(line: &str) -> bool {
    line_of(without_time(line)).is_some()
}

/// The line without the kernel's `[    1.234567] `, and without the carriage return of a serial line.
pub(super) fn without_time(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    let stamped = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "));
    match stamped {
        Some((time, text)) if time.trim_start().starts_with(|c: char| c.is_ascii_digit()) => text,
        _ => line,
    }
}

fn line_of(line: &str) -> Option<Line<'_>> {
    if line.starts_with("KTAP version ") || line.starts_with("TAP version ") {
        return Some(Line::Version);
    }
    if let Some(text) = line.strip_prefix("# ") {
        return Some(Line::Diagnostic(text));
    }
    if let Some(count) = line.strip_prefix("1..") {
        return count.trim_end().parse().ok().map(Line::Plan);
    }
    let (passed, rest) = match line.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, line.strip_prefix("ok ")?),
    };
    result(passed, rest)
}

/// Reads `NUMBER [- ]NAME [# DIRECTIVE [REASON]]`.
fn result(passed: bool, rest: &str) -> Option<Line<'_>> {
    let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let number = number.parse().ok()?;
    let rest = rest.strip_prefix("- ").unwrap_or(rest);
    let (name, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
    let reason = directive.strip_prefix("SKIP");
    let outcome = match (passed, reason) {
        (false, _) => Outcome::Failed,
        (true, Some(_)) => Outcome::Skipped,
        (true, None) => Outcome::Passed,
    };
    Some(Line::Result {
        number,
        name: name.trim_end(),
        outcome,
        reason: reason.unwrap_or(directive).trim(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(number: usize, name: &str, outcome: Outcome, diagnostics: &[&str]) -> Test {
        let diagnostics = diagnostics.iter().map(|line| line.to_string()).collect();
        Test {
            number,
            name: name.to_owned(),
            outcome,
            diagnostics,
        }
    }

    #[test]
    fn a_log_with_the_kernels_lines_in_between_is_read() {
        let console = "[    0.1] Booting Linux\r\n[    0.5] KTAP version 1\r\n[    0.5] 1..3\r\n\
                       [    0.6] ok 1 load.inserts\r\n[    0.7] usb 1-1: new device\r\n\
                       [    0.8] # left: 1\r\n[    0.8] not ok 2 - load.fails\r\n\
                       [    0.9] ok 3 load.skips # SKIP no such file\r\n";
        let log = parse(console);
        assert_eq!(log.plans, [3]);
        assert_eq!(
            log.tests,
            [
                test(1, "load.inserts", Outcome::Passed, &[]),
                test(2, "load.fails", Outcome::Failed, &["left: 1"]),
                test(3, "load.skips", Outcome::Skipped, &["no such file"]),
            ]
        );
        assert!(log.pending.is_empty());
    }

    #[test]
    fn the_protocol_stands_alone() {
        let console = "[    0.1] Booting Linux\r\n[    0.5] KTAP version 1\r\n1..1\r\n\
                       [    0.6]   ok 1 part\r\n[    0.6] kgsl: hello\r\n[    0.6] # said\r\nok 1 whole\r\n";
        assert_eq!(
            protocol(console),
            "KTAP version 1\n1..1\n  ok 1 part\n# said\nok 1 whole\n"
        );
    }

    #[test]
    fn subtests_do_not_count() {
        let log = parse("KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n  not ok 2 b\nnot ok 1 suite\n");
        assert_eq!(log.plans, [1]);
        assert_eq!(log.tests, [test(1, "suite", Outcome::Failed, &[])]);
    }

    #[test]
    fn what_was_said_before_a_crash_is_kept() {
        let log = parse("1..1\n# load.hangs: starts\n");
        assert_eq!(log.pending, ["load.hangs: starts"]);
        assert!(log.tests.is_empty());
    }

    #[test]
    fn lines_that_only_look_alike_are_not_of_the_protocol() {
        for line in [
            "ok",
            "ok then",
            "not ok",
            "okay 1 x",
            "1..",
            "1..x",
            "#",
            "[    0.1] Booting Linux",
            "",
        ] {
            assert!(!is_protocol(line), "{line:?}");
        }
    }

    #[test]
    fn a_time_stamp_is_taken_off() {
        assert_eq!(without_time("[   12.345678] text] more"), "text] more");
        assert_eq!(without_time("[drm] Initialized"), "[drm] Initialized");
        assert_eq!(without_time("no stamp"), "no stamp");
    }
}
