// SPDX-License-Identifier: GPL-2.0

//! The rate of an emulated x86 machine's time stamp counter. QEMU's translator gives the machine the host's own counter,
//! and the kernel finds its rate out by watching a timer for a moment in which nothing may disturb it: on a busy host
//! that fails, more often than not, and the kernel is left with a clock that steps by 4 ms. So whoever has found the rate
//! out tells all later machines: a kernel in one of them, or the host's, where it is in a virtual machine itself, was told
//! the rate, and says so.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::arch::Arch;
use crate::project;
use crate::vm::Accelerator;

/// What the kernel says when it has measured the counter to a part in two thousand.
const MEASURED: &str = "tsc: Fast TSC calibration using PIT";

/// What stands before and after the rate, in MHz with three places.
const RATE: (&str, &str) = ("tsc: Detected ", " MHz processor");

/// A rate, and where it holds.
#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Counter {
    /// The boot of the host: it may be moved, or be another machine, at the next.
    boot: String,
    /// Thousands of steps in a second.
    khz: u32,
}

/// The words of the command line that tell the machine's kernel, which has `hz` jiffies in a second, the rate; none where
/// it does not ask for it, or nobody knows it yet.
pub(super) fn parameters(arch: Arch, accelerator: Accelerator, hz: Option<u64>) -> Vec<String> {
    if !asks(arch, accelerator) {
        return Vec::new();
    }
    let learned = || Some(recall(&place()?, &boot()?)?.khz);
    let known = learned().or_else(|| told(&fs::read_to_string("/proc/cpuinfo").ok()?));
    known.map_or_else(Vec::new, |khz| words(khz, hz))
}

/// The rate, and the loops of a delay in a jiffy, which are steps of the counter, too: the first processor works them out
/// of the rate, the second one would watch a timer for a tenth of a second.
fn words(khz: u32, hz: Option<u64>) -> Vec<String> {
    let loops = hz.and_then(|hz| (u64::from(khz) * 1000).checked_div(hz));
    let loops = loops.map(|loops| format!("lpj={loops}"));
    let rate = format!("tsc_early_khz={khz}");
    [rate].into_iter().chain(loops).collect()
}

/// Remembers the rate where a machine's console tells it, and nobody has told it before.
pub(super) fn learn(arch: Arch, accelerator: Accelerator, console: &str) {
    if !asks(arch, accelerator) {
        return;
    }
    if let (Some(place), Some(boot), Some(khz)) = (place(), boot(), measured(console)) {
        if recall(&place, &boot).is_none() {
            // Without it the next machine measures for itself.
            let _ = remember(&place, &Counter { boot, khz });
        }
    }
}

/// Whether the machine has a time stamp counter that is the host's.
fn asks(arch: Arch, accelerator: Accelerator) -> bool {
    arch == Arch::X86_64 && arch.is_host() && accelerator == Accelerator::Tcg
}

fn place() -> Option<PathBuf> {
    Some(project::cache().ok()?.join("accelerator/counter.json"))
}

/// What names the boot of the host.
fn boot() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

fn recall(place: &Path, boot: &str) -> Option<Counter> {
    let text = fs::read_to_string(place).ok()?;
    let counter: Counter = serde_json::from_str(&text).ok()?;
    (counter.boot == boot).then_some(counter)
}

fn remember(place: &Path, counter: &Counter) -> anyhow::Result<()> {
    if let Some(directory) = place.parent() {
        fs::create_dir_all(directory)?;
    }
    let partial = place.with_extension(format!("{}.partial", std::process::id()));
    fs::write(&partial, serde_json::to_string(counter)?)?;
    Ok(fs::rename(partial, place)?)
}

/// The rate that the kernel has measured, in kHz; nothing when it was told, or has guessed.
fn measured(console: &str) -> Option<u32> {
    let lines = || console.lines();
    lines().find(|line| line.contains(MEASURED))?;
    let rate = lines().find_map(|line| {
        let (_, rest) = line.split_once(RATE.0)?;
        Some(rest.split_once(RATE.1)?.0)
    })?;
    khz(rate)
}

/// The rate that the host's kernel was told, from its `/proc/cpuinfo`, in kHz. What stands there as the processor's is
/// that of the counter in a virtual machine only, and there only where the kernel cannot measure how fast it really runs.
fn told(cpuinfo: &str) -> Option<u32> {
    let value = |name: &str| {
        let mut lines = cpuinfo.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
        value.map(str::trim)
    };
    let flags: Vec<_> = value("flags")?.split(' ').collect();
    let has = |flag: &str| flags.contains(&flag);
    let holds = has("hypervisor") && has("tsc_known_freq") && !has("aperfmperf");
    holds.then(|| khz(value("cpu MHz")?))?
}

/// A rate in MHz with three places.
fn khz(text: &str) -> Option<u32> {
    let (mhz, khz) = text.split_once('.')?;
    let mhz: u32 = mhz.parse().ok()?;
    let is_khz = khz.len() == 3;
    is_khz.then(|| mhz.checked_mul(1000)?.checked_add(khz.parse().ok()?))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "[    0.000000] tsc: Fast TSC calibration using PIT\r\n\
                           [    0.000000] tsc: Detected 2600.012 MHz processor\r\n";

    #[test]
    fn only_a_measured_rate_counts() {
        assert_eq!(measured(CONSOLE), Some(2_600_012));
        let failed = CONSOLE.replace("calibration using PIT", "calibration failed");
        assert_eq!(measured(&failed), None);
        assert_eq!(measured(&CONSOLE.replace("2600.012", "many")), None);
        assert_eq!(measured(""), None);
    }

    #[test]
    fn the_host_tells_what_it_was_told_itself() {
        let cpuinfo = |flags: &str| {
            format!(
                "processor\t: 0\ncpu MHz\t\t: 2600.000\nflags\t\t: fpu {flags}\n\nprocessor\t: 1\n"
            )
        };
        let in_machine = "constant_tsc hypervisor tsc_known_freq";
        assert_eq!(told(&cpuinfo(in_machine)), Some(2_600_000));
        for other in [
            "constant_tsc tsc_known_freq",
            "hypervisor constant_tsc",
            "hypervisor tsc_known_freq aperfmperf",
        ] {
            assert_eq!(told(&cpuinfo(other)), None, "{other}");
        }
        let odd = cpuinfo(in_machine).replace("2600.000", "2600.5");
        assert_eq!(told(&odd), None);
        assert_eq!(told(""), None);
    }

    #[test]
    fn a_rate_holds_for_one_boot_of_the_host() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("cache/counter.json");
        let counter = Counter {
            boot: "a".to_owned(),
            khz: 5,
        };
        assert_eq!(recall(&place, "a"), None);
        remember(&place, &counter).unwrap();
        assert_eq!(recall(&place, "a"), Some(counter));
        assert_eq!(recall(&place, "b"), None);
    }

    #[test]
    fn other_machines_are_told_nothing() {
        assert!(parameters(Arch::Arm64, Accelerator::Tcg, Some(250)).is_empty());
        assert!(parameters(Arch::X86_64, Accelerator::Kvm, Some(250)).is_empty());
    }

    #[test]
    fn the_loops_of_a_jiffy_are_those_of_the_counter() {
        // What a kernel with 250 jiffies in a second says when it works them out itself.
        assert_eq!(
            words(2_599_983, Some(250)),
            ["tsc_early_khz=2599983", "lpj=10399932"]
        );
        assert_eq!(words(2_599_983, None), ["tsc_early_khz=2599983"]);
    }
}
