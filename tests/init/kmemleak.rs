// SPDX-License-Identifier: GPL-2.0

//! A last look at what the kernel has lost, on kernels that keep count.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::ktap::Outcome;

const FILE: &str = "/sys/kernel/debug/kmemleak";

/// The kernel reports no object that is younger than five seconds.
const MINIMUM_AGE: Duration = Duration::from_secs(6);

/// Whether the kernel looks for leaks.
pub(super) fn present() -> bool {
    Path::new(FILE).exists()
}

/// Has the kernel search its memory; fails with what it has found.
pub(super) fn scan() -> Outcome {
    match try_scan() {
        Ok(found) if found.is_empty() => Outcome::Passed,
        Ok(found) => Outcome::Failed(format!("memory was leaked:\n{}", summary(&found))),
        Err(error) => Outcome::Failed(format!("{FILE}: {error}")),
    }
}

fn try_scan() -> std::io::Result<String> {
    thread::sleep(MINIMUM_AGE);
    // An object counts as lost when two searches in a row have found no pointer to it.
    fs::write(FILE, "scan")?;
    fs::write(FILE, "scan")?;
    fs::read_to_string(FILE)
}

/// One object for each place that allocates, with the number of those like it.
fn summary(found: &str) -> String {
    let mut places: Vec<(&str, &str, usize)> = Vec::new();
    for object in found.split("unreferenced object ").skip(1) {
        let backtrace = object
            .split_once("backtrace")
            .map_or(object, |(_, rest)| rest);
        match places.iter_mut().find(|(_, known, _)| *known == backtrace) {
            Some((_, _, count)) => *count += 1,
            None => places.push((object, backtrace, 1)),
        }
    }
    let show = |(object, _, count): &(&str, &str, usize)| {
        let object = object.trim_end();
        match count {
            1 => format!("unreferenced object {object}\n"),
            _ => format!("{count} unreferenced objects, one of them {object}\n"),
        }
    };
    places.iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_a_place_are_counted() {
        let object = |address: u32, function: &str| {
            format!("unreferenced object {address:#x} (size 8):\n  comm \"a\"\n  backtrace (crc 1):\n    {function}\n")
        };
        let found = [object(1, "f"), object(2, "g"), object(3, "f")].concat();
        let expected = "2 unreferenced objects, one of them 0x1 (size 8):\n  comm \"a\"\n  backtrace (crc 1):\n    f\n\
                        unreferenced object 0x2 (size 8):\n  comm \"a\"\n  backtrace (crc 1):\n    g\n";
        assert_eq!(summary(&found), expected);
        assert_eq!(summary(""), "");
    }
}
