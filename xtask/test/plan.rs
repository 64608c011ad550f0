// SPDX-License-Identifier: GPL-2.0

//! What there is to run in each place, the host or a kernel, and what is left out there.

use super::selection::Selected;
use super::shared;
use super::suite::Kind;
use super::summary::HOST;
use super::usual::Part;
use crate::target::Target;

/// A suite in one place.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// The suite, and the tests of it that run.
    pub selected: Selected,
    /// How much of it that is.
    pub part: Part,
}

/// The suites of one place.
pub(super) struct Job<'a> {
    /// The kernel; none is the host.
    pub target: Option<&'a Target>,
    /// What runs there.
    pub suites: Vec<Planned>,
    /// The suites that could run there, and only do when more is wanted.
    pub left_out: Vec<&'static str>,
}

/// The jobs of a run; `thorough` as for [`Suite::part`](super::suite::Suite::part). Suites with large machines are jobs of
/// their own, after the others, so that no kernel is worked on long after the rest is done.
pub(super) fn arrange<'a>(
    selected: &[Selected],
    targets: &'a [Target],
    thorough: bool,
) -> Vec<Job<'a>> {
    let places = std::iter::once(None).chain(targets.iter().map(Some));
    let mut jobs: Vec<_> = places
        .map(|target| Job::new(selected, target, thorough))
        .collect();
    let large: Vec<_> = jobs.iter_mut().flat_map(Job::split).collect();
    jobs.extend(large);
    jobs.retain(|job| !job.suites.is_empty() || !job.left_out.is_empty());
    jobs
}

impl<'a> Job<'a> {
    fn new(selected: &[Selected], target: Option<&'a Target>, thorough: bool) -> Job<'a> {
        let mut job = Job {
            target,
            suites: Vec::new(),
            left_out: Vec::new(),
        };
        for selected in selected {
            match part(selected, target, thorough) {
                Part::Nothing if part(selected, target, true) == Part::Nothing => {}
                Part::Nothing => job.left_out.push(selected.suite.name),
                part => job.suites.push(Planned::new(selected, part)),
            }
        }
        job
    }

    /// Takes the suites with large machines out, a job for each machine.
    fn split(&mut self) -> Vec<Job<'a>> {
        let suites = std::mem::take(&mut self.suites);
        let (large, others) = suites.into_iter().partition(Planned::is_large);
        self.suites = others;
        let large: Vec<Planned> = large;
        let jobs = large.chunk_by(shared::is_shared).map(|group| Job {
            target: self.target,
            suites: group.to_vec(),
            left_out: vec![],
        });
        jobs.collect()
    }

    /// The place, as results name it.
    pub(super) fn place(&self) -> String {
        self.target
            .map_or_else(|| HOST.to_owned(), Target::to_string)
    }
}

/// How much of the suite runs in the place.
fn part(selected: &Selected, target: Option<&Target>, thorough: bool) -> Part {
    let Selected { suite, named, .. } = selected;
    match target {
        Some(target) => suite.part(target, *named, thorough),
        None => suite.kind.part_on_host(*named || thorough),
    }
}

impl Planned {
    fn new(selected: &Selected, part: Part) -> Planned {
        let mut selected = selected.clone();
        if part == Part::Core {
            selected.tests = selected
                .suite
                .core
                .iter()
                .map(|test| (*test).to_owned())
                .collect();
        }
        Planned { selected, part }
    }

    /// Whether it is what the suites of boards do on one board.
    pub(super) fn is_core_of_board(&self) -> bool {
        self.part == Part::Core && matches!(self.selected.suite.kind, Kind::Board(_))
    }

    fn is_large(&self) -> bool {
        matches!(self.selected.suite.kind, Kind::Board(_) | Kind::Mesa(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Arch;
    use crate::kernel::series;
    use crate::target::Profile;
    use crate::test::selection::select;

    fn target(arch: Arch) -> Target {
        Target {
            arch,
            series: series::DEFAULT.to_owned(),
            profile: Profile::Default,
        }
    }

    #[test]
    fn what_is_left_out_is_told() {
        let targets = Arch::ALL.map(target);
        let everything = select(&[], false).unwrap();
        let jobs = arrange(&everything, &targets, false);
        let left_out = |arch| {
            let of = jobs
                .iter()
                .filter(move |job| job.target.is_some_and(|target| target.arch == arch));
            of.flat_map(|job| job.left_out.clone()).collect::<Vec<_>>()
        };
        assert!(left_out(Arch::X86_64).contains(&"harness"));
        assert!(!left_out(Arch::Arm64).contains(&"harness"));
        assert!(jobs[0].left_out.is_empty() && jobs[0].place() == HOST);
        let all = arrange(&everything, &targets, true);
        assert!(all.iter().all(|job| job.left_out.is_empty()));
        assert!(all
            .iter()
            .flat_map(|job| &job.suites)
            .all(|planned| planned.part == Part::Whole));
    }

    #[test]
    fn a_core_is_some_tests_and_a_name_means_all() {
        let targets = [target(Arch::Arm64)];
        let everything = select(&[], false).unwrap();
        let jobs = arrange(&everything, &targets, false);
        let mut suites = jobs.iter().flat_map(|job| &job.suites);
        let vulkan = suites
            .find(|planned| planned.selected.suite.name == "vulkan")
            .unwrap();
        assert_eq!(vulkan.part, Part::Core);
        assert_eq!(
            vulkan.selected.tests.len(),
            vulkan.selected.suite.core.len()
        );
        let named = select(&["vulkan".to_owned()], false).unwrap();
        let jobs = arrange(&named, &targets, false);
        assert_eq!(jobs[0].suites[0].part, Part::Whole);
        assert!(jobs[0].suites[0].selected.tests.is_empty() && jobs[0].left_out.is_empty());
        assert_eq!(jobs.len(), 1);
    }

    #[test]
    fn large_machines_come_after_the_others() {
        let targets = Arch::ALL.map(target);
        let jobs = arrange(&select(&[], false).unwrap(), &targets, false);
        let large = jobs.iter().skip(1 + targets.len());
        let names: Vec<_> = large
            .map(|job| {
                let names = job.suites.iter();
                names
                    .map(|planned| planned.selected.suite.name)
                    .collect::<Vec<_>>()
            })
            .collect();
        let cores = vec!["autoload", "deploy"];
        assert_eq!(names, [vec!["vulkan"], cores, vec!["vulkan"]]);
    }
}
