// SPDX-License-Identifier: GPL-2.0

//! What must be known of the other machine beforehand: whether we may change it, how it is laid out, and what of the
//! module is loaded there.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail, Context, Result};

use super::package::{self, Package};
use crate::advice::Advise;
use crate::ssh::{quote, Host};

/// Where the machine keeps what was deployed until it is switched off.
pub(super) const STORE: &str = "/run/xtask-deploy";

/// Prints what is to be known, a `name=value` a line.
const SCRIPT: &str = r#"
PATH="$PATH:/usr/sbin:/sbin"
echo user=$(id -u)
echo release=$(uname -r)
if [ "$(id -u)" = 0 ] || sudo -n true 2> /dev/null; then echo privileged=yes; fi
if command -v sudo > /dev/null; then echo sudo=yes; fi
if [ -e /usr/lib/systemd/systemd ] || [ -e /lib/systemd/systemd ]; then echo systemd=yes; fi
if [ -L /lib ]; then echo merged=yes; fi
for directory in /lib/modprobe.d /lib/udev/rules.d; do [ -d $directory ] && echo has=$directory; done
if [ -e /sys/module/$name/initstate ]; then
    echo loaded=yes
    echo installed=$(modinfo -n $name 2> /dev/null)
    cd /sys/module/$name/parameters 2> /dev/null && for file in *; do
        [ -r "$file" ] && echo "parameter=$file=$(cat "$file")"
    done
fi
true
"#;

/// The other machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// Its kernel's release.
    pub(super) release: String,
    /// What must stand before a command that changes the machine.
    pub(super) prefix: &'static str,
    /// Whether it has systemd.
    pub(super) has_systemd: bool,
    /// Whether its `/lib` is a link into `/usr`.
    pub(super) is_merged: bool,
    /// The directories of configuration that it has below a `/lib` of its own.
    pub(super) directories: Vec<String>,
    name: String,
    /// What is loaded of the module, if it is.
    loaded: Option<Loaded>,
}

/// A module that is loaded.
#[derive(Clone, Debug)]
struct Loaded {
    /// Where modprobe would find it.
    installed: String,
    /// Its parameters, as they are now.
    parameters: Vec<String>,
}

/// What of the module is there before the deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// It is not loaded.
    Nothing,
    /// The very same build is loaded.
    Same {
        /// Its parameters.
        parameters: Vec<String>,
    },
    /// Another build is loaded, from this file with these parameters.
    Other {
        /// Where its file is.
        file: String,
        /// Its parameters.
        parameters: Vec<String>,
    },
}

impl Machine {
    /// Looks at the machine. Fails when it must not be changed by whom ssh logs in as.
    pub(super) fn probe(host: &Host, name: &str) -> Result<Machine> {
        let printed = host.read(&format!("name={name}\n{SCRIPT}"))?;
        let facts = parse(&printed);
        let first = |key: &str| facts.get(key).and_then(|values| values.first().cloned());
        if first("privileged").is_none() {
            return Err(refusal(host, facts.contains_key("sudo")));
        }
        let many = |key: &str| facts.get(key).cloned().unwrap_or_default();
        let loaded = facts.contains_key("loaded").then(|| Loaded {
            installed: first("installed").unwrap_or_default(),
            parameters: many("parameter"),
        });
        Ok(Machine {
            release: first("release").context("the machine does not tell its kernel's release")?,
            prefix: match first("user").as_deref() {
                Some("0") => "",
                _ => "sudo -n ",
            },
            has_systemd: facts.contains_key("systemd"),
            is_merged: facts.contains_key("merged"),
            directories: many("has"),
            name: name.to_owned(),
            loaded,
        })
    }

    /// What of the module is loaded there, compared with what is to be. Fails when that could not be loaded again.
    pub(super) fn earlier(&self, host: &Host, package: &Package) -> Result<Earlier> {
        let Some(loaded) = &self.loaded else {
            return Ok(Earlier::Nothing);
        };
        let name = &self.name;
        let prefix = self.prefix;
        let read = |file: &str| -> Result<Vec<u8>> {
            Ok(host
                .run(&format!("{prefix}cat {}", quote(file)), &[])?
                .stdout)
        };
        let note = read(&format!("/sys/module/{name}/notes/.note.gnu.build-id"))?;
        if !note.is_empty() && package.build_id.as_ref() == Some(&note) {
            return Ok(Earlier::Same {
                parameters: loaded.parameters.clone(),
            });
        }
        let stored = format!("{STORE}/{name}.ko");
        for file in [&stored, &loaded.installed] {
            let is_loaded =
                !note.is_empty() && package::build_id(&read(file)?) == Some(note.clone());
            if is_loaded {
                return Ok(Earlier::Other {
                    file: file.clone(),
                    parameters: loaded.parameters.clone(),
                });
            }
        }
        let there = host.name();
        Err(anyhow!("another {name} is loaded on {there}, and its file is not to be found: it could not be loaded again if this one fails"))
            .advise(format!("ssh {there} {prefix}rmmod {name}"))
    }
}

fn refusal(host: &Host, has_sudo: bool) -> anyhow::Error {
    let there = host.name();
    let why = match has_sudo {
        true => "sudo there wants a password",
        false => "there is no sudo there",
    };
    let error = anyhow!("{there} is not root, and {why}: only root loads modules");
    crate::advice::advised(
        error,
        "log in as root, or as a user whose sudo wants no password",
    )
}

/// The values of each name, in their order.
fn parse(printed: &str) -> BTreeMap<&str, Vec<String>> {
    let mut facts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, value) in printed.lines().filter_map(|line| line.split_once('=')) {
        facts.entry(name).or_default().push(value.to_owned());
    }
    facts
}

/// Fails when the module was built for another release than that of the machine: modprobe would not look for it there.
pub(super) fn expect_release(machine: &Machine, built_for: &str) -> Result<()> {
    if machine.release != built_for {
        bail!(
            "the module was built for {built_for}, and the machine runs {}: modprobe looks for modules in the directory of its own release",
            machine.release
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_may_have_several_values() {
        let facts = parse("user=0\nparameter=a=1\nparameter=b=\nnoise\n");
        assert_eq!(facts["user"], ["0"]);
        assert_eq!(facts["parameter"], ["a=1", "b="]);
    }
}
