// SPDX-License-Identifier: GPL-2.0

//! The groups that the udev rules name: udev ignores the group of a rule that the target does not have.

use std::fs;

use crate::install::Root;
use crate::manifest::Manifest;

/// The groups that the root neither has nor creates at boot (sysusers.d). Nothing is known of a root without groups.
pub fn missing<'m>(root: &Root, manifest: &'m Manifest) -> Vec<&'m str> {
    let groups = root.place("etc/group").map(fs::read_to_string);
    let Ok(Ok(groups)) = groups else {
        return Vec::new();
    };
    let created = created_at_boot(root);
    let is_there = |name: &str| {
        let of_line = |line: &str| line.split(':').next() == Some(name);
        groups.lines().any(of_line) || created.iter().any(|other| other == name)
    };
    let rules = manifest.module.udev.iter();
    let wanted = rules.map(|rule| rule.group.as_str());
    wanted.filter(|name| !is_there(name)).collect()
}

/// Users and groups of sysusers.d.
fn created_at_boot(root: &Root) -> Vec<String> {
    let places = ["usr/lib/sysusers.d", "etc/sysusers.d"];
    let directories = places
        .iter()
        .filter_map(|place| root.directory_place(place).ok());
    let files = directories.flat_map(fs::read_dir).flatten().flatten();
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    let names = |text: String| -> Vec<String> {
        let lines = text.lines().map(str::split_whitespace);
        lines
            .filter_map(|mut words| {
                let is_group = matches!(words.next()?, "g" | "u" | "u!");
                is_group.then(|| words.next().map(String::from)).flatten()
            })
            .collect()
    };
    texts.flat_map(names).collect()
}
