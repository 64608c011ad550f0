// SPDX-License-Identifier: GPL-2.0

//! A board that runs.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use xshell::Shell;

use super::keys::Keys;
use crate::arch::Arch;
use crate::ssh::{Host, Options, Output};
use crate::vm::{Machine, Report, Run};

/// How long a board may take for everything; it only bounds what a hang costs.
const DEADLINE: Duration = Duration::from_secs(3600);

/// systemd draws nothing on the console.
const QUIET: &str = "systemd.show_status=no";

/// How often a board that comes up is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Writes the status word, which the verdict on the run wants, and ends the machine.
const GOODBYE: &str =
    "echo done exit=0 tests=0 tainted=$(cat /proc/sys/kernel/tainted) > /dev/virtio-ports/status
systemctl --no-block reboot";

/// A running board.
pub(in crate::test) struct Board {
    machine: Machine,
    arch: Arch,
    options: Options,
    root: Host,
}

impl Board {
    /// Starts the machine and waits until its administrator can log in.
    pub(super) fn start(sh: &Shell, mut run: Run, keys: &Keys) -> Result<Board> {
        let port = free_port()?;
        let network = format!("user,id=network,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22");
        let device = "virtio-net-device,netdev=network";
        run.devices
            .extend(["-netdev", &network, "-device", device].map(str::to_owned));
        run.parameters.push(QUIET.to_owned());
        run.deadline = Some(DEADLINE);
        let arch = run.arch;
        let mut machine = run.boot()?;
        let options = keys.options(port);
        let root = loop {
            match Host::connect(sh, "root@127.0.0.1", &options) {
                Ok(host) => break host,
                Err(error) if machine.is_over() => {
                    let report = machine.finish()?;
                    return Err(error).context(format!(
                        "the board ended before it could be reached; the end of {}:\n{}",
                        report.console().display(),
                        report.console_tail()
                    ));
                }
                Err(_) => thread::sleep(POLL),
            }
        };
        let board = Board {
            machine,
            arch,
            options,
            root,
        };
        // Logins are possible before everything else has been started.
        board.run("systemctl is-system-running --wait")?;
        Ok(board)
    }

    /// Runs a script as root.
    pub(in crate::test) fn run(&self, script: &str) -> Result<Output> {
        self.root.run(script, &[])
    }

    /// Runs a script as root, which must not fail; what it printed, without the white space around it.
    pub(in crate::test) fn read(&self, script: &str) -> Result<String> {
        Ok(self.root.read(script)?.trim().to_owned())
    }

    /// Writes a file, as root.
    pub(in crate::test) fn send(&self, bytes: &[u8], place: &str) -> Result<()> {
        let output = self.root.run(&format!("cat > {place}"), bytes)?;
        ensure!(
            output.status.success(),
            "writing {place}: {}",
            output.stderr
        );
        Ok(())
    }

    /// Fails when the script prints anything else.
    pub(in crate::test) fn expect(&self, script: &str, wanted: &str) -> Result<()> {
        let found = self.read(script)?;
        if found != wanted {
            bail!("`{script}` printed {found:?} and not {wanted:?}");
        }
        Ok(())
    }

    /// Its architecture.
    pub(in crate::test) fn arch(&self) -> Arch {
        self.arch
    }

    /// How long it has been running.
    pub(in crate::test) fn elapsed(&self) -> Duration {
        self.machine.elapsed()
    }

    /// How ssh connects to it.
    pub(in crate::test) fn options(&self) -> &Options {
        &self.options
    }

    /// Ends the board, and judges its run: the kernel's log and taint, and QEMU's own end.
    pub(in crate::test) fn shut_down(self) -> Result<Report> {
        self.root.read(GOODBYE)?;
        let Board { machine, root, .. } = self;
        drop(root);
        machine.finish()
    }
}

/// A port of this machine that nobody listens on.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("looking for a free port")?;
    Ok(listener.local_addr()?.port())
}
