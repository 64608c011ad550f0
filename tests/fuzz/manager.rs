// SPDX-License-Identifier: GPL-2.0

//! The process that starts the workers, replaces those that die, and says how far they have come.

use std::fs;
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use super::actor::Setting;
use super::code::Code;
use super::dice::Dice;
use super::generate;
use super::options::Options;
use super::report;
use super::shared::{Count, Shared};
use super::step::Sequence;
use super::worker::{work, Source};
use crate::client::{fork, Child, Forked};

/// The module whose code counts.
const MODULE: &str = "kgsl_shim";

/// How often workers are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How often the progress is told.
const TELL: Duration = Duration::from_secs(1);

/// How long a worker may be in the same step before it is killed, and how long it may then take to die: only one that
/// the kernel holds takes so long.
const STUCK: Duration = Duration::from_secs(60);

/// Runs the fuzzer.
pub fn main(words: impl Iterator<Item = String>) -> ExitCode {
    let options = match Options::parse(words) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("fuzz: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs what the options say; returns whether every worker came to its end.
fn run(options: &Options) -> io::Result<bool> {
    let shared = Shared::new()?;
    let code = Code::of(MODULE);
    let replay: Option<Vec<_>> = match &options.replay {
        Some(file) => {
            let text = fs::read_to_string(file)?;
            let sequences = Sequence::parse_all(&text).map_err(io::Error::other)?;
            Some(sequences.into_iter().map(generate::complete).collect())
        }
        None => None,
    };
    let mut manager = Manager {
        options,
        shared: &shared,
        code: &code,
        workers: vec![],
        started: 0,
    };
    manager.run(replay.as_deref())
}

/// A worker that runs.
struct Worker {
    child: Child,
    number: usize,
    steps: u32,
    since: Instant,
}

struct Manager<'a> {
    options: &'a Options,
    shared: &'a Shared,
    code: &'a Code,
    workers: Vec<Worker>,
    /// How many workers were ever started.
    started: u64,
}

impl Manager<'_> {
    fn run(&mut self, replay: Option<&[Sequence]>) -> io::Result<bool> {
        let start = Instant::now();
        let count = match replay {
            Some(sequences) => sequences
                .iter()
                .map(|sequence| sequence.worker + 1)
                .max()
                .unwrap_or(0),
            None => self.options.workers,
        };
        for number in 0..count {
            self.start(number, replay)?;
        }
        let mut told = start;
        while !self.workers.is_empty() {
            thread::sleep(LOOK);
            if start.elapsed() > self.options.time && replay.is_none() {
                self.shared.stop();
            }
            if !self.look(replay)? {
                return Ok(false);
            }
            if told.elapsed() >= TELL && replay.is_none() {
                self.tell("progress", count, start);
                told = Instant::now();
            }
        }
        if let Some(line) = report::parts(self.shared, self.code) {
            println!("{line}");
        }
        self.tell("done", count, start);
        Ok(true)
    }

    fn tell(&self, word: &str, count: usize, start: Instant) {
        let line = report::line(word, self.shared, self.code, count, start.elapsed());
        println!("{line}");
    }

    /// Starts a worker of that number.
    fn start(&mut self, number: usize, replay: Option<&[Sequence]>) -> io::Result<()> {
        self.started += 1;
        let child = match fork()? {
            Forked::Parent(child) => child,
            Forked::Child(end) => match self.work(number, replay) {
                Ok(()) => end.now(),
                Err(error) => {
                    println!("note: worker {number}: {error}");
                    end.with(1)
                }
            },
        };
        self.workers.push(Worker {
            child,
            number,
            steps: 0,
            since: Instant::now(),
        });
        Ok(())
    }

    /// What a worker does.
    fn work(&self, number: usize, replay: Option<&[Sequence]>) -> io::Result<()> {
        let setting = Setting {
            shared: self.shared,
            code: self.code,
            worker: number,
            trace: self.options.trace,
        };
        let own: Vec<_> = replay
            .unwrap_or_default()
            .iter()
            .filter(|sequence| sequence.worker == number)
            .cloned()
            .collect();
        let source = match replay {
            Some(_) => Source::Given(&own, self.options.repeat),
            None => {
                let seed = self
                    .options
                    .seed
                    .wrapping_mul(1000)
                    .wrapping_add(self.started);
                Source::Dice(Dice::new(seed))
            }
        };
        work(setting, source, self.options.record)
    }

    /// Looks after the workers; returns whether none of them is lost.
    fn look(&mut self, replay: Option<&[Sequence]>) -> io::Result<bool> {
        let mut dead = Vec::new();
        for (index, worker) in self.workers.iter_mut().enumerate() {
            if let Some(status) = worker.child.status() {
                dead.push((index, status.exit_status() != Some(0)));
                if status.exit_status() != Some(0) {
                    println!("note: worker {} died: {status:?}", worker.number);
                }
                continue;
            }
            let steps = self.shared.counted(worker.number, Count::Steps);
            if steps != worker.steps {
                (worker.steps, worker.since) = (steps, Instant::now());
            }
            let stuck = worker.since.elapsed();
            if stuck > STUCK {
                worker.child.send_kill();
            }
            if stuck > STUCK * 2 {
                println!(
                    "note: worker {} cannot be killed: it hangs in the kernel",
                    worker.number
                );
                return Ok(false);
            }
        }
        for &(index, again) in dead.iter().rev() {
            let worker = self.workers.remove(index);
            if again && !self.shared.is_stopped() && replay.is_none() {
                self.start(worker.number, replay)?;
            }
        }
        Ok(true)
    }
}
