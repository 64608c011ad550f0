// SPDX-License-Identifier: GPL-2.0

//! The report for people: the verdict first, then only what matters; everything with `--verbose`.

use std::collections::BTreeMap;

use super::super::finding::{Effect, Finding, Source};
use super::super::verdict::Report;

/// How many findings of one rule are shown unless everything is asked for.
const SHOWN: usize = 5;

/// The report on one module.
pub fn report(report: &Report, verbose: bool) -> String {
    let mut text = headline(report);
    if !report.log.is_empty() {
        text.push_str("  kernel log:\n");
        let shown = if verbose { usize::MAX } else { 2 * SHOWN };
        for line in report.log.iter().take(shown) {
            text.push_str(&format!("    {line}\n"));
        }
        text.push_str(&more(report.log.len(), shown, "lines"));
    }
    for source in [Source::Loader, Source::Stricter, Source::Modprobe] {
        let findings = report
            .findings
            .iter()
            .filter(|finding| finding.source == source);
        let findings: Vec<&Finding> = findings
            .filter(|finding| verbose || matters(finding, report))
            .collect();
        text.push_str(&section(source, &findings, verbose));
    }
    text
}

fn headline(report: &Report) -> String {
    let Report {
        file,
        target,
        release,
        ..
    } = report;
    let release = release.as_deref().unwrap_or("of unknown release");
    let verdict = match (&report.errno, report.loads()) {
        (_, true) => String::from("loads"),
        (Some(errno), false) => format!(
            "REFUSED with {} ({}): {}",
            errno.name, errno.number, errno.text
        ),
        (None, false) => {
            String::from("REFUSED here: the kernel does not check for this and would be damaged")
        }
    };
    format!("{file}: {verdict}\n  on kernel {release}, {target}\n")
}

/// What is shown without `--verbose`: what refuses, and warnings; of a module that loads, also what is not known.
fn matters(finding: &Finding, report: &Report) -> bool {
    match finding.effect {
        Effect::Refused | Effect::Warning => true,
        Effect::Unknown => report.loads(),
        Effect::Note => false,
    }
}

fn section(source: Source, findings: &[&Finding], verbose: bool) -> String {
    let limit = if verbose { usize::MAX } else { SHOWN };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut text = String::new();
    for finding in findings {
        let count = counts.entry(finding.rule).or_default();
        *count += 1;
        if *count <= limit {
            text.push_str(&entry(source, finding));
        }
    }
    for (rule, count) in counts {
        text.push_str(&more(count, limit, rule));
    }
    text
}

fn entry(source: Source, finding: &Finding) -> String {
    let source = match source {
        Source::Loader => "loader",
        Source::Modprobe => "modprobe",
        Source::Stricter => "stricter",
    };
    let effect = match finding.effect {
        Effect::Refused => "refused",
        Effect::Warning => "warning",
        Effect::Unknown => "unknown",
        Effect::Note => "note",
    };
    let mut text = format!(
        "  {source:<8}  {effect:<7}  {}: {}\n",
        finding.rule, finding.cause
    );
    if let Some(exporter) = finding
        .symbol
        .as_ref()
        .and_then(|symbol| symbol.exporter.as_ref())
    {
        text.push_str(&format!("{:21}exported by: {exporter}\n", ""));
    }
    if !finding.mend.is_empty() {
        text.push_str(&format!("{:21}mend: {}\n", "", finding.mend));
    }
    text
}

fn more(count: usize, shown: usize, what: &str) -> String {
    match count.checked_sub(shown) {
        Some(rest) if rest > 0 => format!("    … and {rest} more ({what}); see --verbose\n"),
        _ => String::new(),
    }
}

/// The last line of a report on several modules.
pub fn summary(reports: &[Report]) -> String {
    let loads = reports.iter().filter(|report| report.loads()).count();
    format!(
        "{} modules: {loads} load, {} refused\n",
        reports.len(),
        reports.len() - loads
    )
}
