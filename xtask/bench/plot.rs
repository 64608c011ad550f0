// SPDX-License-Identifier: GPL-2.0

//! The plot: a bar for each ratio, on a logarithmic scale, so that twice as fast and half as fast are equally far from
//! the line in the middle.

use serde::Serialize;

use super::comparison::{Comparison, Results};
use super::table::{ratio, time};
use crate::generate::render;

/// The template of the picture.
const TEMPLATE: &str = include_str!("templates/plot.svg.jinja");

/// Bars beyond these are cut off, which an arrow says: tenfold either way.
const DECADE: f64 = 10.0;

/// Half the width of the scale, in pixels.
const HALF: f64 = 180.0;

/// The facts of the template.
#[derive(Serialize)]
struct Picture {
    height: usize,
    machine: Vec<String>,
    ticks: Vec<Tick>,
    bars: Vec<Bar>,
}

/// A line of the scale.
#[derive(Serialize)]
struct Tick {
    x: f64,
    label: &'static str,
}

/// A ratio.
#[derive(Serialize)]
struct Bar {
    title: String,
    peer: String,
    x: f64,
    width: f64,
    cut: bool,
    low: f64,
    high: f64,
    targets: Vec<f64>,
    class: &'static str,
    label: String,
}

/// How far right of the middle a ratio lies, in pixels.
fn position(ratio: f64) -> f64 {
    let x = (ratio.log10() / DECADE.log10()).clamp(-1.0, 1.0) * HALF;
    (x * 10.0).round() / 10.0
}

impl Bar {
    fn new(one: &Comparison) -> Self {
        let x = position(one.ratio);
        Self {
            title: escape(&one.title()),
            peer: escape(&one.peer),
            x: x.min(0.0),
            width: x.abs(),
            cut: one.ratio.log10().abs() > DECADE.log10(),
            low: position(one.quartiles[0]),
            high: position(one.quartiles[1]),
            targets: one.own_target().map(position).into_iter().collect(),
            class: match one.verdict() {
                None => "other",
                Some(true) => "met",
                Some(false) => "missed",
            },
            label: format!("{} ({})", ratio(one.ratio), time(one.ours)),
        }
    }
}

/// The picture as SVG.
pub(super) fn svg(results: &Results) -> anyhow::Result<String> {
    let bars: Vec<_> = results.comparisons.iter().map(Bar::new).collect();
    let ticks = [
        (0.1, "0.1"),
        (0.5, "0.5"),
        (1.0, "1"),
        (2.0, "2"),
        (10.0, "10"),
    ];
    let picture = Picture {
        height: 22 * bars.len(),
        machine: results.machine.text().lines().map(escape).collect(),
        ticks: ticks
            .map(|(ratio, label)| Tick {
                x: position(ratio),
                label,
            })
            .into(),
        bars,
    };
    render::text(TEMPLATE, &picture)
}

/// Text as XML takes it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
