// SPDX-License-Identifier: GPL-2.0

//! The command line: one subcommand per file of the library, and the exit status (0 yes, 1 no or failed, 2 misuse).

use std::process::ExitCode;

use clap::Parser;
use xshell::Shell;

/// Builds, checks, installs and tests an out-of-tree Rust kernel module.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Example:\n  cargo xtask run"
)]
enum Command {
    Run(xtask::run::Run),
    Test(xtask::test::Test),
    Fuzz(xtask::fuzz::Fuzz),
    Bench(xtask::bench::Bench),
    Setup(xtask::setup::Setup),
    Doctor(xtask::doctor::Doctor),
    Kernel(xtask::kernel::Kernel),
    Generate(xtask::generate::Generate),
    Build(xtask::build::Build),
    Check(xtask::check::Check),
    Install(xtask::install::Install),
    Uninstall(xtask::uninstall::Uninstall),
    Package(xtask::package::Package),
    Deploy(xtask::deploy::Deploy),
    RustAnalyzer(xtask::rust_analyzer::RustAnalyzer),
}

impl Command {
    /// Hands the parsed command line to its subcommand.
    fn run(self, sh: &Shell) -> anyhow::Result<ExitCode> {
        match self {
            Command::Run(command) => command.run(sh),
            Command::Test(command) => command.run(),
            Command::Fuzz(command) => command.run(sh),
            Command::Bench(command) => command.run(sh),
            Command::Setup(command) => command.run(sh),
            Command::Doctor(command) => command.run(sh),
            Command::Kernel(command) => command.run(sh),
            Command::Generate(command) => command.run(sh),
            Command::Build(command) => command.run(sh),
            Command::Check(command) => command.run(sh),
            Command::Install(command) => command.run(sh),
            Command::Uninstall(command) => command.run(sh),
            Command::Package(command) => command.run(sh),
            Command::Deploy(command) => command.run(sh),
            Command::RustAnalyzer(command) => command.run(sh),
        }
    }
}

fn main() -> ExitCode {
    let command = Command::parse();
    xtask::project::shell()
        .and_then(|sh| command.run(&sh))
        .unwrap_or_else(|error| xtask::advice::report(&error))
}
