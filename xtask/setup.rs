// SPDX-License-Identifier: GPL-2.0

//! The `setup` subcommand.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use clap::Args;
use xshell::Shell;

use crate::advice::Advise;
use crate::host::distribution::Distribution;
use crate::host::install;
use crate::host::packages::Package;
use crate::host::status::{self, Status};
use crate::host::{self, Need};

/// Install what this machine lacks for every command.
#[derive(Args)]
#[command(after_help = "Example:\n  cargo xtask setup --yes")]
pub struct Setup {
    /// Ask nothing.
    #[arg(long)]
    yes: bool,
}

impl Setup {
    /// Installs packages, then what no package brings.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        let distribution = Distribution::detect();
        if let Distribution::Other(_) = distribution {
            host::ensure(sh, &Need::ALL)?;
        } else {
            let lacking = lacking(sh, &distribution)?;
            if !lacking.is_empty() && !self.install(sh, &distribution, &lacking)? {
                return Ok(ExitCode::from(1));
            }
            host::ensure_tools(sh, &distribution, &Need::ALL)?;
        }
        println!("everything is there");
        Ok(ExitCode::SUCCESS)
    }

    /// Installs the packages; `false` when the user does not want that.
    fn install(
        &self,
        sh: &Shell,
        distribution: &Distribution,
        lacking: &[Package],
    ) -> anyhow::Result<bool> {
        if !install::is_root(sh) {
            return Err(anyhow::anyhow!(
                "only root can install {} packages",
                lacking.len()
            ))
            .advise(install::commands(distribution, lacking));
        }
        if !self.yes && !agreed(lacking)? {
            return Ok(false);
        }
        install::install(sh, distribution, lacking)?;
        Ok(true)
    }
}

/// The packages of every need that are missing.
fn lacking(sh: &Shell, distribution: &Distribution) -> anyhow::Result<Vec<Package>> {
    let standing = status::query(sh, &host::wanted(distribution, &Need::ALL))?;
    let lacking = standing
        .into_iter()
        .filter(|(_, status)| *status == Status::Missing);
    Ok(lacking.map(|(package, _)| package).collect())
}

/// Asks whether to install the packages; where nobody can answer, the command itself was the answer.
fn agreed(lacking: &[Package]) -> anyhow::Result<bool> {
    let names: Vec<String> = lacking.iter().map(Package::qualified).collect();
    eprintln!("to be installed: {}", names.join(" "));
    if !std::io::stdin().is_terminal() {
        return Ok(true);
    }
    eprint!("go on? [Y/n] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "" | "y" | "Y" | "yes"))
}
