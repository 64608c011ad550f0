// SPDX-License-Identifier: GPL-2.0

//! The command line of `deploy`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use xshell::Shell;

use super::apply::{self, Applied, Job};
use super::installation;
use super::package::Package;
use super::probe::Machine;
use super::review;
use crate::build::command::KernelOptions;
use crate::check::library::print;
use crate::manifest::Manifest;
use crate::ssh::{self, Host};

/// Load the module on a running machine over ssh: check it against the kernel that runs there, copy it, insert it, wait
/// for its device node, and read the kernel's new log lines back.
///
/// When anything fails, the machine is as it was: files are gone, and what was loaded before is loaded again. A user
/// other than root needs sudo there, without a password. The machine needs a shell and kmod's or busybox' tools.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask deploy root@board
  cargo xtask deploy root@board --persist --kernel-src ~/linux
  cargo xtask deploy developer@board --parameter chip=a750 --identity ~/.ssh/board")]
pub struct Deploy {
    /// The machine, as ssh takes it: a name of ~/.ssh/config, USER@HOST, or ssh://USER@HOST:PORT.
    host: String,
    #[command(flatten)]
    kernel: KernelOptions,
    /// Deploy this module instead of building one.
    #[arg(long, value_name = "KO", conflicts_with_all = ["persist", "kernel_src", "arch", "series", "profile"])]
    module: Option<PathBuf>,
    /// Install it too, so that it is loaded at every boot.
    #[arg(long)]
    persist: bool,
    /// Parameter of the module; may be given several times.
    #[arg(long = "parameter", visible_alias = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<String>,
    /// How many seconds to wait for the device node.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u32,
    #[command(flatten)]
    ssh: ssh::Options,
}

/// A module parameter.
fn parameter(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((name, _)) if !name.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => Err("it is not NAME=VALUE without blanks".to_owned()),
    }
}

impl Deploy {
    /// Runs the subcommand.
    pub fn run(self, sh: &Shell) -> Result<ExitCode> {
        let finished = self.module.as_deref().map(Package::of_file).transpose()?;
        let host = Host::connect(sh, &self.host, &self.ssh)
            .with_context(|| format!("connecting to {}", self.host))?;
        let manifest = Manifest::load()?;
        let machine = Machine::probe(&host, &manifest.module.name)
            .with_context(|| format!("looking at {}", self.host))?;
        let package = match finished {
            Some(package) => package,
            None => {
                let tree = self.kernel.tree(sh)?;
                Package::build(sh, &tree, &machine, &self.parameters, self.persist)?
            }
        };
        let earlier = machine.earlier(&host, &package)?;
        review::review(sh, &host, &package, self.persist)
            .with_context(|| format!("checking the module against {}", self.host))?;
        let installation = self.persist.then(|| installation::plan(&host, &package));
        let installation = installation.transpose()?;
        let job = Job {
            manifest: &manifest,
            machine: &machine,
            package: &package,
            earlier,
            parameters: &self.parameters,
            installation: installation.as_ref(),
            wait: self.wait,
        };
        let applied = apply::apply(&host, &job)?;
        tell(&host, &machine, &manifest.module.name, &applied);
        Ok(ExitCode::SUCCESS)
    }
}

/// What came of it, on stdout.
fn tell(host: &Host, machine: &Machine, name: &str, applied: &Applied) {
    let Applied { done, nodes, log } = applied;
    let (there, release) = (host.name(), &machine.release);
    print(&format!(
        "{name} on {there} ({release}): {}\n",
        done.join(", ")
    ));
    nodes.iter().for_each(|node| print(&format!("  {node}\n")));
    if !log.is_empty() {
        print("kernel log:\n");
    }
    log.iter().for_each(|line| print(&format!("  {line}\n")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_names_and_values() {
        assert_eq!(parameter("chip=a750"), Ok("chip=a750".to_owned()));
        for wrong in ["chip", "=a750", "chip=a 750"] {
            assert!(parameter(wrong).is_err(), "{wrong}");
        }
    }
}
