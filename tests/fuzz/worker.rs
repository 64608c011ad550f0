// SPDX-License-Identifier: GPL-2.0

//! A process that runs sequences one after the other.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::panic;
use std::process;
use std::sync::Arc;
use std::thread::{self, Scope};

use super::actor::{Actor, Setting};
use super::dice::Dice;
use super::generate;
use super::partner::{Partner, Watch};
use super::shared::Count;
use super::step::{Sequence, ACTORS};
use super::world::World;
use crate::client::{close_from, handle, Kcov, Restart};

/// Sequences that are written to the standard output at once: a port of the machine takes as much as this in one piece.
const RECORD: usize = 24 * 1024;

/// Where sequences come from.
#[derive(Clone, Debug)]
pub(super) enum Source<'a> {
    /// They follow from a seed, and from what other sequences saw.
    Dice(Dice),
    /// These, over and over again as often as the number says.
    Given(&'a [Sequence], u32),
}

/// Runs sequences until there are no more, or until all are to stop. With `record`, each is written to the standard
/// output before it is run.
pub(super) fn work(setting: Setting<'_>, source: Source<'_>, record: bool) -> io::Result<()> {
    handle(Restart::No);
    end_with_panics();
    let watch = Watch::default();
    // This thread makes no call of the device, so that it can stand for the works of those that do.
    let known = setting.code.is_known();
    let works = known.then(|| Kcov::start_works(process::id())).flatten();
    let works = works.as_ref();
    thread::scope(|scope| {
        let (watch, setting) = (&watch, setting);
        let worker = scope.spawn(move || {
            let worker = Worker::start(scope, setting, watch, works, record);
            let done = worker.and_then(|worker| worker.run_all(source));
            watch.end();
            done
        });
        watch.run();
        worker
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
    })
}

/// Has a thread that panics end the process: the others would wait for it.
fn end_with_panics() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        tell(panic);
        process::abort();
    }));
}

/// The first descriptor that is not in use, nor is any after it.
fn first_descriptor() -> io::Result<RawFd> {
    Ok(File::open("/dev/null")?.as_raw_fd())
}

struct Worker<'a> {
    setting: Setting<'a>,
    actor: Actor<'a>,
    partners: Vec<Partner>,
    /// What the works of all its threads run.
    works: Option<&'a Kcov>,
    first_descriptor: RawFd,
    record: bool,
}

impl<'a> Worker<'a> {
    /// Makes everything that outlives a sequence.
    fn start(
        scope: &'a Scope<'a, '_>,
        setting: Setting<'a>,
        watch: &'a Watch,
        works: Option<&'a Kcov>,
        record: bool,
    ) -> io::Result<Self> {
        let actor = Actor::new(setting)?;
        watch.add(actor.pulse());
        let partners = (1..ACTORS).map(|number| Partner::start(scope, setting, number, watch));
        Ok(Self {
            setting,
            actor,
            partners: partners.collect::<io::Result<Vec<_>>>()?,
            works,
            first_descriptor: first_descriptor()?,
            record,
        })
    }

    fn run_all(&self, source: Source<'_>) -> io::Result<()> {
        match source {
            Source::Given(sequences, times) => {
                for sequence in (0..times).flat_map(|_| sequences) {
                    if self.setting.shared.is_stopped() {
                        break;
                    }
                    self.run(&Arc::new(sequence.clone()))?;
                }
            }
            Source::Dice(mut dice) => {
                while !self.setting.shared.is_stopped() {
                    self.run_some(&mut dice)?;
                }
            }
        }
        Ok(())
    }

    /// Makes as many sequences as are written at once, and runs them.
    fn run_some(&self, dice: &mut Dice) -> io::Result<()> {
        let (mut text, mut sequences) = (String::new(), Vec::new());
        while text.len() < RECORD && sequences.len() < 8 {
            let sequence = generate::next(dice, self.setting.shared, self.setting.worker);
            if self.record {
                sequence.write(&mut text);
            }
            sequences.push(Arc::new(sequence));
        }
        io::stdout().write_all(text.as_bytes())?;
        io::stdout().flush()?;
        for sequence in &sequences {
            if self.setting.shared.is_stopped() {
                break;
            }
            self.run(sequence)?;
        }
        Ok(())
    }

    /// Runs a sequence; whatever it leaves behind goes.
    fn run(&self, sequence: &Arc<Sequence>) -> io::Result<()> {
        let world = Arc::new(World::default());
        let race = sequence.is_race();
        if race {
            for partner in &self.partners {
                partner.begin(world.clone(), sequence.clone(), self.first_descriptor);
            }
        }
        let steps = sequence.steps.iter().filter(|step| step.actor == 0);
        let mut news = self.actor.perform(&world, steps, self.first_descriptor);
        if race {
            for partner in &self.partners {
                news |= partner.finish();
            }
        }
        drop(world);
        // An ioctl whose number or structure was changed on purpose returns descriptors that nobody knows.
        close_from(self.first_descriptor)?;
        if let Some(works) = self.works {
            news |= self.setting.harvest(works);
        }
        let shared = self.setting.shared;
        shared.count(self.setting.worker, Count::Sequences);
        if news {
            shared.keep(sequence);
        }
        Ok(())
    }
}
