// SPDX-License-Identifier: GPL-2.0

//! The machines in which the fuzzer runs, on one kernel.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use xshell::Shell;

use super::sequence::{self, Sequence};
use super::watch::{watch, Ending};
use crate::target::{Profile, Target};
use crate::vm::{Entry, Job, Run, Workshop};

/// The program, and its part that makes calls of 32-bit programs.
const PROGRAM: &str = "fuzz";
const PART: &str = "fuzz32";

/// Where the machine has what is replayed.
const REPLAY: &str = "/etc/replay";

/// How long a machine may run beside its time, on a kernel without sanitizers.
const GRACE: Duration = Duration::from_secs(180);

/// How long replays may take.
const REPLAY_TIME: Duration = Duration::from_secs(60);

/// A word of the kernel's command line: what was found is the first thing that goes wrong.
const PARAMETER: &str = "panic_on_warn=1";

/// Makes machines that fuzz.
pub(super) struct Laboratory {
    workshop: Workshop,
    module: Entry,
    processors: u32,
    kmemleak: bool,
    console: RefCell<PathBuf>,
}

impl Laboratory {
    /// Builds what the machines are made of; each has so many processors, and with `kmemleak` looks for leaks at its end.
    pub(super) fn open(
        sh: &Shell,
        target: &Target,
        processors: u32,
        kmemleak: bool,
    ) -> anyhow::Result<Self> {
        let workshop = Workshop::open(sh, target)?;
        let module = workshop.module_entry(sh)?;
        Ok(Self {
            workshop,
            module,
            processors,
            kmemleak,
            console: RefCell::default(),
        })
    }

    /// Which kernel it is.
    pub(super) fn target(&self) -> &Target {
        &self.workshop.target
    }

    /// Whether machines look for leaks at their end.
    pub(super) fn has_kmemleak(&self) -> bool {
        self.kmemleak
    }

    /// The log of the machine that ran last.
    pub(super) fn console(&self) -> PathBuf {
        self.console.borrow().clone()
    }

    /// Fuzzes for that time, and tells of the progress.
    pub(super) fn fuzz(&self, seed: u64, workers: u32, time: Duration) -> anyhow::Result<Ending> {
        let words = [
            format!("--seed={seed}"),
            format!("--time={}", time.as_secs()),
            format!("--workers={workers}"),
            "--record".to_owned(),
        ];
        let run = self.machine(time, &words)?;
        self.watch(&run, |line| println!("{line}"))
    }

    /// Runs the sequences so often, and tells what the program writes.
    pub(super) fn replay_aloud(
        &self,
        sequences: &[Sequence],
        times: u32,
        trace: bool,
    ) -> anyhow::Result<Ending> {
        let run = self.replayer(sequences, times, trace)?;
        self.watch(&run, |line| println!("{line}"))
    }

    /// Whether something goes wrong when the sequences are run so often.
    pub(super) fn reproduces(&self, sequences: &[Sequence], times: u32) -> anyhow::Result<bool> {
        let run = self.replayer(sequences, times, false)?;
        let ending = self.watch(&run, |_| {})?;
        Ok(matches!(ending, Ending::Wrong { .. }))
    }

    fn replayer(&self, sequences: &[Sequence], times: u32, trace: bool) -> anyhow::Result<Run> {
        let mut words = vec![format!("--replay={REPLAY}")];
        match trace {
            true => words.push("--trace".to_owned()),
            false => words.push(format!("--repeat={times}")),
        }
        let mut run = self.machine(REPLAY_TIME, &words)?;
        run.files
            .push(Entry::text(REPLAY, sequence::text(sequences)));
        Ok(run)
    }

    fn machine(&self, time: Duration, words: &[String]) -> anyhow::Result<Run> {
        let mut run = self.workshop.machine(PROGRAM, "init");
        run.job = Job::Stream;
        run.processors = self.processors;
        run.deadline = Some(time + GRACE * self.workshop.slowdown());
        run.parameters = self.parameters();
        let programs = [PROGRAM, PART].map(|name| self.workshop.program_entry(name));
        run.files = [&[self.module.clone()][..], &programs].concat();
        run.arguments = vec![self.workshop.module_argument(&[])?];
        run.arguments
            .extend(self.kmemleak.then(|| "--kmemleak".to_owned()));
        run.arguments
            .extend(["--".to_owned(), format!("/bin/{PROGRAM}")]);
        run.arguments.extend(words.iter().cloned());
        Ok(run)
    }

    /// Words of the kernel's command line. A kernel with sanitizers takes a third of its time to note what is allocated,
    /// which is of no use unless it looks for leaks. That it does not fill freed pages is no loss: KASAN sees who uses
    /// them.
    fn parameters(&self) -> Vec<String> {
        let kmemleak = match (self.target().profile, self.kmemleak) {
            (Profile::Sanitize, true) => Some("kmemleak=on"),
            (Profile::Sanitize, false) => Some("kmemleak=off"),
            _ => None,
        };
        let words = std::iter::once(PARAMETER).chain(kmemleak);
        words.map(str::to_owned).collect()
    }

    fn watch(&self, run: &Run, tell: fn(&str)) -> anyhow::Result<Ending> {
        let watched = watch(run.boot()?, tell)?;
        self.console.replace(watched.console);
        Ok(watched.ending)
    }
}
