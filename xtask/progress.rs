// SPDX-License-Identifier: GPL-2.0

//! What a long step shows while it runs: a bar or a spinner on a terminal, plain lines elsewhere; always on stderr. Several
//! threads may have steps at once.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressStyle};

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A step that takes a while. Dropping it without [`Step::done`] says nothing: the error does.
pub struct Step {
    text: String,
    bar: ProgressBar,
    started: Instant,
}

impl Step {
    /// Starts a step of unknown length.
    pub fn start(text: impl Into<String>) -> Step {
        Step::new(
            text.into(),
            ProgressBar::new_spinner(),
            "{spinner} {prefix} {elapsed:>4}  {wide_msg:.dim}",
        )
    }

    /// Starts a step of about `total` units: lines of output, per cent, files.
    pub fn counted(text: impl Into<String>, total: u64) -> Step {
        Step::new(
            text.into(),
            ProgressBar::new(total),
            "{spinner} {prefix} [{bar:30}] {percent:>3} % {elapsed:>4}  {wide_msg:.dim}",
        )
    }

    fn new(text: String, bar: ProgressBar, template: &str) -> Step {
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        let bar = bars().add(bar);
        bar.set_prefix(text.clone());
        if std::io::stderr().is_terminal() {
            bar.enable_steady_tick(TICK);
        } else {
            aside(|| eprintln!("{text} ..."));
        }
        Step {
            text,
            bar,
            started: Instant::now(),
        }
    }

    /// One more unit is done, and this is the latest line of output.
    pub fn advance(&self, line: &str) {
        // An estimate may be short; the bar then waits just before its end.
        if self
            .bar
            .length()
            .is_none_or(|total| self.bar.position() + 1 < total)
        {
            self.bar.inc(1);
        }
        self.bar.set_message(line.trim().to_owned());
    }

    /// So many units are done.
    pub fn set_position(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// The step is over, and well.
    pub fn done(self) {
        self.bar.finish_and_clear();
        let elapsed = HumanDuration(self.started.elapsed());
        aside(|| eprintln!("{}: done in {elapsed}", self.text));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The bars that are on the terminal.
fn bars() -> &'static MultiProgress {
    static BARS: OnceLock<MultiProgress> = OnceLock::new();
    BARS.get_or_init(MultiProgress::new)
}

/// Prints while no bar is in the way, in one piece.
pub fn aside<R>(print: impl FnOnce() -> R) -> R {
    bars().suspend(print)
}

/// A line for the user that is not a result: it goes to stderr.
pub fn note(text: impl std::fmt::Display) {
    aside(|| eprintln!("note: {text}"));
}
