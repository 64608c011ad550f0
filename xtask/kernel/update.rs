// SPDX-License-Identifier: GPL-2.0

//! `kernel update`: moves kernels.lock, and nothing else does.

use std::process::ExitCode;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use clap::Args;
use xshell::Shell;

use crate::host::{self, Need};
use crate::kernel::lock::Lock;
use crate::kernel::{fetch, series};

/// Move kernels.lock to the newest versions that can be had.
#[derive(Args)]
pub struct Update {
    /// Only this series.
    #[arg(long, value_parser = PossibleValuesParser::new(series::names()))]
    series: Option<String>,
}

impl Update {
    /// Fetches the newest kernel of each series and writes down what it is.
    pub fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        host::ensure(sh, &[Need::Kernel])?;
        let mut lock = Lock::load().unwrap_or_default();
        let wanted = |name: &str| self.series.as_deref().is_none_or(|series| series == name);
        for series in series::ALL.iter().filter(|series| wanted(series.name)) {
            let former = lock.pin(series.name).map(|pin| pin.version.clone()).ok();
            let (pin, _) = fetch::newest(sh, *series)
                .with_context(|| format!("updating the series {}", series.name))?;
            match former {
                Some(former) if former == pin.version => {
                    println!("{}: {former}, as before", series.name)
                }
                Some(former) => println!("{}: {former} -> {}", series.name, pin.version),
                None => println!("{}: {}", series.name, pin.version),
            }
            lock.set(pin);
        }
        lock.save()?;
        Ok(ExitCode::SUCCESS)
    }
}
