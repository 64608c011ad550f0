// SPDX-License-Identifier: GPL-2.0

//! The benchmark from its arguments to its end.

use std::io;
use std::process::ExitCode;

use rustix::thread::{sched_setaffinity, CpuSet};

use super::effort::Effort;
use super::measure::{self, Batch};
use super::record::{Recorder, Title};
use super::{
    allocation, blit, call, clock, fence, import, many_contexts, many_objects, server, submission,
};
use crate::module::Module;

/// The modules of the peers, in the order in which they are inserted.
const MODULES: [&str; 3] = ["drm_shmem_helper", "vgem", "memory_peer"];

/// The processor on which everything is measured: the other one has the interrupts.
const PROCESSOR: usize = 1;

/// How many processors the machine has.
const PROCESSORS: usize = 2;

/// Everything that is compared.
const ALL: [fn(&mut Session) -> io::Result<()>; 9] = [
    call::compare,
    allocation::compare,
    allocation::compare_touched,
    submission::compare,
    fence::compare,
    import::compare,
    blit::compare,
    many_contexts::compare,
    many_objects::compare,
];

/// A run of the benchmark.
pub(super) struct Session {
    recorder: Recorder,
    effort: Effort,
    /// Only jobs with this in their names are measured.
    only: String,
}

impl Session {
    /// Compares two sides on one processor.
    pub(super) fn compare(
        &mut self,
        title: &Title,
        ours: &mut Batch<'_>,
        theirs: &mut Batch<'_>,
    ) -> io::Result<()> {
        if !title.job.contains(&self.only) {
            return Ok(());
        }
        let pairs = measure::compare(ours, theirs, &self.effort)
            .map_err(|error| io::Error::other(format!("{}: {error}", title.job)))?;
        self.recorder.comparison(title, &pairs)
    }

    /// The same on all processors.
    pub(super) fn compare_on_all_processors(
        &mut self,
        title: &Title,
        ours: &mut Batch<'_>,
        theirs: &mut Batch<'_>,
    ) -> io::Result<()> {
        stay_on(0..PROCESSORS)?;
        let result = self.compare(title, ours, theirs);
        stay_on(PROCESSOR..=PROCESSOR)?;
        result
    }
}

/// Has the calling thread, and those that it makes, run on these processors only.
fn stay_on(processors: impl Iterator<Item = usize>) -> io::Result<()> {
    let mut set = CpuSet::new();
    processors.for_each(|processor| set.set(processor));
    Ok(sched_setaffinity(None, &set)?)
}

/// Runs what the arguments say: `quick` or `full`, and a part of the name of what is to be measured.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let words: Vec<_> = arguments.collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let result = match words[..] {
        [server::WORD, objects] => objects
            .parse()
            .map_err(io::Error::other)
            .and_then(server::serve),
        ["quick", only] => everything(Effort::QUICK, only),
        ["full", only] => everything(Effort::FULL, only),
        _ => Err(io::Error::other("usage: bench quick|full PART")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and tells the host, be it of a failure.
fn everything(effort: Effort, only: &str) -> io::Result<()> {
    let mut session = Session {
        recorder: Recorder::open()?,
        effort,
        only: only.to_owned(),
    };
    match measure_all(&mut session) {
        Ok(()) => session.recorder.end(),
        Err(error) => {
            session.recorder.error(&error)?;
            Err(error)
        }
    }
}

fn measure_all(session: &mut Session) -> io::Result<()> {
    for module in MODULES.map(Module::named) {
        module
            .insert()
            .map_err(|errno| io::Error::other(format!("inserting {}: {errno}", module.name())))?;
    }
    stay_on(PROCESSOR..=PROCESSOR)?;
    session.recorder.clock(&clock::name()?, clock::step())?;
    ALL.iter().try_for_each(|compare| compare(session))
}
