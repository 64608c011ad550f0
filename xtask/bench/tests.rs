// SPDX-License-Identifier: GPL-2.0

//! Tests of what is made of samples.

use super::comparison::{comparisons, Comparison, Results, Samples, SCHEMA};
use super::machine::Machine;
use super::{guest, history, plot, records, statistics, table};
use crate::advice::describe;

const RECORDS: &str =
    "clock\ttsc\t40\ncase\talloc\t4096\theap\t0.8\npair\t50.0\t100.0\npair\t90.0\t100.0\n\
                       pair\t70.0\t100.0\ncase\talloc\t4096\tvgem\t0.8\npair\t60.0\t300.0\nend\n";

fn samples() -> Vec<Samples> {
    records::parse(RECORDS).unwrap()
}

fn results(ratio: f64) -> Results {
    let mut comparisons = comparisons(&samples());
    comparisons[0].ratio = ratio;
    comparisons[0].quartiles = [ratio - 0.1, ratio + 0.1];
    Results {
        schema: SCHEMA,
        machine: Machine {
            processor: "P <1>".to_owned(),
            processors: 2,
            load: "0.5".to_owned(),
            accelerator: "tcg".to_owned(),
            qemu: "QEMU".to_owned(),
            arch: "arm64".to_owned(),
            kernel: "6.18".to_owned(),
            source: "abc".to_owned(),
        },
        time: 1,
        comparisons,
    }
}

#[test]
fn quantiles_lie_between_samples() {
    assert_eq!(statistics::median(&[3.0, 1.0, 2.0]), 2.0);
    assert_eq!(statistics::median(&[4.0, 1.0]), 2.5);
    assert_eq!(statistics::quantile(&[0.0, 4.0, 8.0], 0.25), 2.0);
    assert!(statistics::median(&[]).is_nan());
}

#[test]
fn the_ratio_is_taken_pair_by_pair() {
    let all = comparisons(&samples());
    let Comparison {
        ours,
        ratio,
        quartiles,
        pairs,
        ..
    } = all[0];
    assert_eq!((ours, ratio, pairs), (70.0, 0.7, 3));
    assert_eq!(quartiles.map(|part| (part * 10.0).round()), [6.0, 8.0]);
}

#[test]
fn only_the_fastest_peer_has_the_target() {
    let all = comparisons(&samples());
    assert_eq!(all[0].verdict(), Some(true));
    assert_eq!(all[1].verdict(), None);
}

#[test]
fn what_only_tells_what_the_machine_gives_has_no_target() {
    let records = RECORDS.replace("heap\t0.8", "heap\t-");
    let all = comparisons(&records::parse(&records).unwrap());
    assert!(all[0].fastest_peer);
    assert_eq!((all[0].target, all[0].verdict()), (None, None));
    let results = Results {
        comparisons: all,
        ..results(1.0)
    };
    assert!(table::text(&results).contains("(what the machine gives)"));
    assert!(plot::svg(&results).unwrap().contains("class=\"other\""));
}

#[test]
fn records_that_are_not_whole_are_refused() {
    let refused = |text: &str| records::parse(text).unwrap_err().to_string();
    assert!(refused("case\ta\t0\tb\t1\npair\t1\t1\n").contains("the end is missing"));
    assert!(refused("case\ta\t0\tb\t1\nend\n").contains("no samples of a beside b"));
    assert!(refused("pair\t1\t1\nend\n").contains("samples of nothing"));
    assert!(refused("case\ta\t0\tb\t1\npair\t0\t1\nend\n").contains("cannot be: 0"));
    assert!(refused("error\tno memory\n").contains("no memory"));
    assert!(refused("case\ta\t0\tb\t1\npair\t1\t1\nend\n").contains("nothing is said of the clock"));
}

#[test]
fn a_coarse_clock_is_refused_before_anything_is_measured() {
    assert!(records::expect_fine_clock("").is_ok());
    assert!(records::expect_fine_clock("clock\ttsc\t40\n").is_ok());
    let text = "clock\trefined-jiffies\t4000000\n";
    let error = describe(&records::expect_fine_clock(text).unwrap_err());
    assert!(
        error.contains("refined-jiffies, goes in steps of 4000.0 us"),
        "{error}"
    );
    assert!(
        error.contains("next: run it again when the host is less busy"),
        "{error}"
    );
    let whole = RECORDS.replace("tsc\t40", "jiffies\t10000000");
    assert!(records::parse(&whole).is_err());
}

#[test]
fn the_table_names_what_is_missed() {
    let text = table::text(&results(1.5));
    assert!(text.contains("alloc, 4 KiB"), "{text}");
    assert!(text.contains("<= 0.80  MISSED"), "{text}");
    assert!(text.contains("0 targets met, 1 missed"), "{text}");
}

#[test]
fn the_plot_is_xml() {
    let svg = plot::svg(&results(1.5)).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.contains("P &lt;1&gt;"),
        "{svg}"
    );
    assert_eq!(svg.matches("class=\"missed\"").count(), 1, "{svg}");
}

#[test]
fn what_is_beyond_the_picture_is_said() {
    let beyond = results(0.0022);
    let svg = plot::svg(&beyond).unwrap();
    assert_eq!(svg.matches("class=\"cut\"").count(), 1, "{svg}");
    assert!(svg.contains("0.0022 ("), "{svg}");
    assert!(table::text(&beyond).contains("0.0022"));
    let within = plot::svg(&results(0.5)).unwrap();
    assert!(!within.contains("class=\"cut\""), "{within}");
}

#[test]
fn what_is_kept_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bench/history.jsonl");
    assert!(history::read(&path).is_empty());
    history::append(&path, &results(1.0)).unwrap();
    history::append(&path, &results(2.0)).unwrap();
    assert_eq!(history::read(&path), [results(1.0), results(2.0)]);
}

#[test]
fn a_slowdown_is_said_on_the_same_machine_only() {
    let earlier = [results(1.0), results(1.1), results(5.0)];
    assert!(history::slowdowns(&earlier, &results(1.4)).is_empty());
    assert!(history::slowdowns(&earlier[..2], &results(9.0)).is_empty());
    let said = history::slowdowns(&earlier, &results(1.5));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("is 1.50, and was 1.10 in the last 3 runs"));
    let mut elsewhere = results(9.0);
    elsewhere.machine.kernel = "7.2".to_owned();
    assert!(history::slowdowns(&earlier, &elsewhere).is_empty());
}

#[test]
fn a_part_that_is_in_no_name_is_refused() {
    assert_eq!(guest::expect_some(samples(), "alloc").unwrap().len(), 2);
    let error = guest::expect_some(Vec::new(), "many").unwrap_err();
    assert!(error.to_string().contains("no job has `many` in its name"));
}
