// SPDX-License-Identifier: GPL-2.0

//! Connections that do not come about: each says why, and what to do.

use std::fs;
use std::net::TcpListener;

use anyhow::Result;
use xshell::{cmd, Shell};

use super::tool::{Tool, ROOT};
use crate::test::board::System;
use crate::test::cases::Cases;

/// Runs the cases.
pub(super) fn run(sh: &Shell, tool: &Tool, system: &System<'_>, cases: &mut Cases) -> Result<()> {
    run_core(tool, cases);
    cases.add("unknown-key", unknown_key(sh, tool, system));
    cases.add("changed-host-key", changed_host_key(sh, tool, system));
    Ok(())
}

/// Runs those that need no key of their own.
pub(super) fn run_core(tool: &Tool, cases: &mut Cases) {
    cases.add("unreachable", unreachable(tool));
    cases.add("no-host", no_host(tool));
    cases.add("no-rights", no_rights(tool));
}

/// Nobody listens on the port.
fn unreachable(tool: &Tool) -> Result<()> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let run = tool.with(|ssh| ssh.port = Some(port)).deploy(ROOT, &[])?;
    run.expect_failure(&["no ssh server listens on that port", "next: "])
}

/// A key that the board does not know.
fn unknown_key(sh: &Shell, tool: &Tool, system: &System<'_>) -> Result<()> {
    let key = new_key(sh, system, "other")?;
    let run = tool
        .with(|ssh| ssh.identity = Some(key))
        .deploy(ROOT, &[])?;
    run.expect_failure(&["accepts none of the keys", "--identity"])
}

/// A board whose host key is not the one in the list.
fn changed_host_key(sh: &Shell, tool: &Tool, system: &System<'_>) -> Result<()> {
    let key = new_key(sh, system, "host")?;
    let public = fs::read_to_string(key.with_extension("pub"))?;
    let list = key.with_extension("known");
    fs::write(&list, format!("board {public}"))?;
    let option = format!("UserKnownHostsFile={}", list.display());
    // The first of several values is the one that counts.
    let run = tool
        .with(|ssh| ssh.options.insert(0, option))
        .deploy(ROOT, &[])?;
    run.expect_failure(&["is not the one that ssh knows", "ssh-keygen -R"])
}

/// A name that nobody has.
fn no_host(tool: &Tool) -> Result<()> {
    let run = tool.deploy("root@no-such-host.invalid", &[])?;
    run.expect_failure(&["there is no host of that name"])?;
    tool.deploy("ssh://", &[])?
        .expect_failure(&["names no host"])
}

/// A user without the right to load modules.
fn no_rights(tool: &Tool) -> Result<()> {
    let run = tool.deploy("stranger@127.0.0.1", &[])?;
    run.expect_failure(&["is not root", "sudo"])
}

fn new_key(sh: &Shell, system: &System<'_>, name: &str) -> Result<std::path::PathBuf> {
    let file = system.keys().known_hosts().with_file_name(name);
    cmd!(sh, "ssh-keygen -q -t ed25519 -N '' -C test -f {file}")
        .quiet()
        .run()?;
    Ok(file)
}
