// SPDX-License-Identifier: GPL-2.0

//! What `modprobe` and those that call it (udev, systemd-modules-load) do with a module: none of this is the loader's.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Effect, Finding, Source, Stage};
use super::modinfo::{normalize, Modinfo};
use super::target::Target;

/// What modprobe.d and modules-load.d say on a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Modules whose aliases are ignored, with the file that says so.
    pub blacklist: BTreeMap<String, String>,
    /// Commands that run instead of loading a module.
    pub install: BTreeMap<String, String>,
    /// Pairs of alias pattern and module.
    pub aliases: Vec<(String, String)>,
    /// Pairs of module and its soft dependencies.
    pub soft_dependencies: Vec<(String, Vec<String>)>,
    /// Modules that are loaded at boot, with the file that says so.
    pub autoload: BTreeMap<String, String>,
}

impl Configuration {
    /// Adds a file of modprobe.d.
    pub fn add_modprobe(&mut self, text: &str, file: &str) {
        for line in text.replace("\\\n", " ").lines() {
            let mut words = line.split_whitespace();
            let (Some(command), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            let rest: Vec<&str> = words.collect();
            match command {
                "blacklist" => {
                    self.blacklist.insert(normalize(name), String::from(file));
                }
                "install" => {
                    self.install.insert(normalize(name), rest.join(" "));
                }
                "alias" => self.aliases.extend(
                    rest.first()
                        .map(|module| (String::from(name), normalize(module))),
                ),
                "softdep" => {
                    let names = soft_names(rest.into_iter());
                    self.soft_dependencies.push((normalize(name), names));
                }
                _ => {}
            }
        }
    }

    /// Adds a file of modules-load.d.
    pub fn add_autoload(&mut self, text: &str, file: &str) {
        let names = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
        self.autoload
            .extend(names.map(|name| (normalize(name), String::from(file))));
    }
}

/// What modprobe does with a module on a target.
pub fn judge(name: &str, modinfo: &Modinfo<'_>, target: &Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(blacklisted(name, target));
    findings.extend(builtin(name, target));
    findings.extend(replaced(name, target));
    findings.extend(dependencies(name, modinfo, target));
    findings.extend(shared_aliases(name, modinfo, target));
    findings
}

fn warning(rule: &'static str, cause: String, mend: &str) -> Finding {
    Finding::new(
        Source::Modprobe,
        Effect::Warning,
        Stage::Outside,
        rule,
        cause,
    )
    .mend(mend)
}

fn blacklisted(name: &str, target: &Target) -> Option<Finding> {
    let file = target.modprobe.blacklist.get(name)?;
    let Some(autoload) = target.modprobe.autoload.get(name) else {
        let cause = format!(
            "{file} blacklists {name}: its aliases do not load it; `modprobe {name}` still does"
        );
        return Some(warning(
            "blacklisted",
            cause,
            "remove the blacklist line if a device is to load the module",
        ));
    };
    let cause = format!("{autoload} loads {name} at boot, and {file} blacklists it: systemd-modules-load honours the blacklist");
    Some(warning(
        "autoload-blacklisted",
        cause,
        "remove the blacklist line",
    ))
}

fn builtin(name: &str, target: &Target) -> Option<Finding> {
    target
        .installed
        .as_ref()
        .filter(|installed| installed.builtin.contains(name))?;
    let cause =
        format!("{name} is in modules.builtin: `modprobe {name}` does nothing and reports success");
    Some(warning(
        "builtin",
        cause,
        "rename the module, or configure the built-in one out of the target's kernel",
    ))
}

fn replaced(name: &str, target: &Target) -> Option<Finding> {
    let command = target.modprobe.install.get(name)?;
    let cause = format!("modprobe.d says `install {name} {command}`: modprobe runs this and does not load the module");
    Some(warning("install-command", cause, "remove the install line"))
}

fn dependencies(name: &str, modinfo: &Modinfo<'_>, target: &Target) -> Vec<Finding> {
    let Some(installed) = &target.installed else {
        return Vec::new();
    };
    let is_absent =
        |name: &String| !installed.files.contains_key(name) && !installed.builtin.contains(name);
    let hard = modinfo
        .depends()
        .into_iter()
        .map(|name| normalize(&name))
        .filter(is_absent);
    let hard = hard.map(|name| {
        let cause = format!("the module depends on {name}, which is not installed on the target");
        warning(
            "dependency-absent",
            cause,
            "install it there, and run depmod",
        )
    });
    let own = modinfo
        .texts("softdep")
        .flat_map(|line| soft_names(line.split_whitespace()));
    let configured = target
        .modprobe
        .soft_dependencies
        .iter()
        .filter(|(module, _)| module == name);
    let soft = own
        .chain(configured.flat_map(|(_, names)| names.clone()))
        .filter(is_absent);
    let soft = soft.map(|name| {
        let cause = format!(
            "the module has {name} for a soft dependency, which is not installed on the target"
        );
        let finding = warning(
            "soft-dependency-absent",
            cause,
            "install it there if the module is to use it",
        );
        Finding {
            effect: Effect::Note,
            ..finding
        }
    });
    hard.chain(soft).collect()
}

/// The modules of a `softdep` line: what is neither `pre:` nor `post:`.
fn soft_names<'w>(words: impl Iterator<Item = &'w str>) -> Vec<String> {
    words
        .filter(|word| !word.ends_with(':'))
        .map(normalize)
        .collect()
}

/// Aliases that another module claims too: modprobe loads all of them, and the first to bind gets the device.
fn shared_aliases(name: &str, modinfo: &Modinfo<'_>, target: &Target) -> Vec<Finding> {
    let ours: BTreeSet<String> = modinfo.texts("alias").collect();
    let installed = target
        .installed
        .iter()
        .flat_map(|installed| &installed.aliases);
    let theirs = installed
        .chain(&target.modprobe.aliases)
        .filter(|(alias, module)| module != name && ours.contains(alias));
    let mut by_module: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (alias, module) in theirs {
        by_module.entry(module).or_default().push(alias);
    }
    let tell = |(module, aliases): (&str, Vec<&str>)| {
        let first = aliases.first().copied().unwrap_or_default();
        let cause = match target.modprobe.blacklist.get(module) {
            Some(file) => format!("{module} claims alias {first} too, and {file} blacklists it: the alias loads {name} alone"),
            None => format!("{module} claims alias {first} too: modprobe loads both, and the first to bind gets the device"),
        };
        let finding = warning(
            "alias-shared",
            cause,
            "blacklist the other module on the target",
        );
        let is_won = target.modprobe.blacklist.contains_key(module);
        Finding {
            effect: if is_won {
                Effect::Note
            } else {
                Effect::Warning
            },
            ..finding
        }
    };
    by_module.into_iter().map(tell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::target::Installed;

    fn target() -> Target {
        let mut target = Target::default();
        target.modprobe.add_modprobe(
            "# c\nblacklist msm-kgsl\ninstall evil /bin/false\nsoftdep a pre: b post: c\n",
            "x.conf",
        );
        target
            .modprobe
            .add_autoload("# at boot\nmsm_kgsl\n", "y.conf");
        let aliases = vec![(String::from("of:NgpuT*"), String::from("other"))];
        target.installed = Some(Installed {
            aliases,
            ..Installed::default()
        });
        target
    }

    fn rules(name: &str, modinfo: &[u8]) -> Vec<&'static str> {
        judge(name, &Modinfo::parse(modinfo), &target())
            .iter()
            .map(|finding| finding.rule)
            .collect()
    }

    #[test]
    fn modprobe_files_are_read() {
        let configuration = target().modprobe;
        assert_eq!(
            configuration.blacklist.get("msm_kgsl").map(String::as_str),
            Some("x.conf")
        );
        assert_eq!(
            configuration.install.get("evil").map(String::as_str),
            Some("/bin/false")
        );
        assert_eq!(
            configuration.soft_dependencies,
            [("a".into(), vec!["b".into(), "c".into()])]
        );
    }

    #[test]
    fn a_blacklist_cancels_an_autoload_entry() {
        assert_eq!(rules("msm_kgsl", b""), ["autoload-blacklisted"]);
        assert_eq!(rules("evil", b""), ["install-command"]);
    }

    #[test]
    fn shared_aliases_and_absent_dependencies_are_told() {
        assert_eq!(
            rules(
                "ours",
                b"alias=of:NgpuT*\0depends=gone\0softdep=pre: away\0"
            ),
            [
                "dependency-absent",
                "soft-dependency-absent",
                "alias-shared"
            ]
        );
    }
}
