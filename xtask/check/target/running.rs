// SPDX-License-Identifier: GPL-2.0

//! What a running kernel tells through /proc and /sys, read under a root directory: `/`, or a copy of another
//! machine's files.

use std::fs;
use std::path::Path;

use super::{packed, Running, Target};
use crate::check::btf;
use crate::check::config::Config;
use crate::check::machine::Machine;

/// Whether /proc of a running kernel is there.
pub fn is_running(root: &Path) -> bool {
    root.join("proc/version").exists()
}

/// Adds to a target what its /proc and /sys tell. To be read before anything else of the target.
pub fn read(root: &Path, target: &mut Target) {
    let text = |name: &str| fs::read_to_string(root.join(name)).ok();
    target.release = text("proc/sys/kernel/osrelease").map(|release| String::from(release.trim()));
    target.machine = text("proc/sys/kernel/arch").and_then(|name| Machine::by_name(name.trim()));
    target.command_line = text("proc/cmdline");
    let config = packed::read(&root.join("proc/config.gz"))
        .ok()
        .and_then(|config| String::from_utf8(config).ok());
    target.config = config.map(|config| Config::parse(&config));
    target.module_size = fs::read(root.join("sys/kernel/btf/vmlinux"))
        .ok()
        .and_then(|btf| btf::struct_size(&btf, b"module"));
    if target.option("KALLSYMS_ALL") == Some(true) {
        target.symbols = text("proc/kallsyms").map(|symbols| kallsyms(&symbols));
    }
    target.running = Some(Running {
        sig_enforce: text("sys/module/module/parameters/sig_enforce")
            .map(|value| value.trim() == "Y"),
        lockdown: text("sys/kernel/security/lockdown")
            .filter(|value| value.contains('['))
            .map(|value| !value.contains("[none]")),
        modules_disabled: text("proc/sys/kernel/modules_disabled").map(|value| value.trim() == "1"),
        loaded: loaded(&text("proc/modules").unwrap_or_default()),
        directories: directories(root),
    });
}

fn loaded(modules: &str) -> std::collections::BTreeSet<String> {
    modules
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(String::from)
        .collect()
}

/// The names under /sys/module: the directory itself, or a list of it that was copied.
fn directories(root: &Path) -> std::collections::BTreeSet<String> {
    let listed = fs::read_to_string(root.join("sys/module.list"));
    if let Ok(listed) = listed {
        return listed.lines().map(String::from).collect();
    }
    let entries = fs::read_dir(root.join("sys/module"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// The names of a `/proc/kallsyms`, those of modules left out.
fn kallsyms(text: &str) -> std::collections::BTreeSet<String> {
    let name = |line: &str| {
        line.split_whitespace()
            .nth(2)
            .filter(|_| !line.contains('['))
            .map(String::from)
    };
    text.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_files_are_read() {
        assert!(loaded("vgem 16384 0 - Live 0x0\nloop 1 0 - Live 0x0\n").contains("loop"));
        let symbols = kallsyms("ffff T printk\nffff t helper\t[vgem]\n");
        assert!(symbols.contains("printk") && !symbols.contains("helper"));
    }
}
