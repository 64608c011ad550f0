// SPDX-License-Identifier: GPL-2.0

//! The report for people: the verdict first, then only what matters; everything with `--verbose`.

use std::collections::{BTreeMap, BTreeSet};

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
    let summary = summary_of_refusals(report).unwrap_or_default();
    format!("{file}: {verdict}\n  on kernel {release}, {target}\n{summary}")
}

/// One line in front of many refusals: how many of which rule there are, and the other kernel that the module was built
/// for, of which they all are the consequence.
fn summary_of_refusals(report: &Report) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in report.refusals() {
        *counts.entry(finding.rule).or_default() += 1;
    }
    let total: usize = counts.values().sum();
    let counts: Vec<String> = counts
        .iter()
        .map(|(rule, count)| format!("{count} {rule}"))
        .collect();
    let origin = match (&report.built_for, &report.release) {
        (Some(built_for), release) if Some(built_for) != release.as_ref() => {
            format!("the module was built for kernel {built_for}: ")
        }
        _ => String::new(),
    };
    (total > 1).then(|| format!("  {origin}{total} refusals ({})\n", counts.join(", ")))
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
    let mut mended = BTreeSet::new();
    for finding in findings {
        let count = counts.entry(finding.rule).or_default();
        *count += 1;
        if *count <= limit {
            text.push_str(&entry(source, finding));
        }
        // What mends one mends all of them, and is told once.
        let is_new = mended.insert((finding.rule, finding.mend.as_str()));
        if *count <= limit && is_new && !finding.mend.is_empty() {
            text.push_str(&format!("{:21}mend: {}\n", "", finding.mend));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::finding::{Stage, EINVAL, ENOEXEC};
    use crate::check::verdict::Verdict;

    fn refused(rules: &[&'static str]) -> Report {
        let finding = |rule: &&'static str| {
            Finding::refused(Stage::Symbols, rule, EINVAL, "cause").mend("build it again")
        };
        Report {
            file: "gpu.ko".to_owned(),
            name: "gpu".to_owned(),
            target: "tree".to_owned(),
            release: Some("7.2.12".to_owned()),
            built_for: Some("6.18.15".to_owned()),
            verdict: Verdict::Refused,
            errno: Some(ENOEXEC),
            log: vec![],
            findings: rules.iter().map(finding).collect(),
        }
    }

    #[test]
    fn many_refusals_have_a_headline_and_one_mend() {
        let mut many = refused(&["symbol-version", "unknown-symbol", "symbol-version"]);
        let text = report(&many, false);
        let headline =
            "the module was built for kernel 6.18.15: 3 refusals (2 symbol-version, 1 unknown-symbol)";
        assert_eq!(text.lines().nth(2).map(str::trim), Some(headline), "{text}");
        assert_eq!(text.matches("mend: ").count(), 2, "{text}");
        many.release.clone_from(&many.built_for);
        assert!(report(&many, false).contains("  3 refusals (2 symbol"));
    }

    #[test]
    fn a_single_refusal_is_its_own_headline() {
        let text = report(&refused(&["vermagic"]), false);
        assert!(!text.contains("refusals"), "{text}");
    }
}
