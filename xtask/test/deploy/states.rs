// SPDX-License-Identifier: GPL-2.0

//! States of a kernel that only the running machine tells: `check` reads them over ssh, and what it predicts is what
//! the kernel says.

use std::fs;
use std::path::Path;

use anyhow::{ensure, Context, Result};
use serde_json::Value;

use super::tool::{Tool, ROOT};
use crate::manifest::Manifest;
use crate::test::board::Board;
use crate::test::cases::Cases;
use crate::test::verdicts::observation::{same_lines, USUAL};

/// What puts the kernel into each state, in an order in which the later one shows in spite of the earlier. Lockdown is
/// not among them: the kernels of the tests have no securityfs, so nothing outside them can tell that state.
const STATES: &[(&str, &str)] = &[
    (
        "sig-enforce",
        "echo 1 > /sys/module/module/parameters/sig_enforce",
    ),
    (
        "modules-disabled",
        "echo 1 > /proc/sys/kernel/modules_disabled",
    ),
];

/// Runs the cases, each twice: what `check` predicts is what insmod meets, and `deploy` refuses for the same reason.
pub(super) fn run(tool: &Tool, board: &Board, module: &Path, cases: &mut Cases) -> Result<()> {
    let bytes = fs::read(module).context("reading the module")?;
    board.send(&bytes, "/run/module.ko")?;
    cases.add("state-loaded", agrees(tool, board, module, Some(17)));
    let name = Manifest::load()?.module.name;
    let remove = format!("rmmod {name}");
    board.read(&remove)?;
    cases.add("state-plain", agrees(tool, board, module, None));
    board.read(&remove)?;
    for (state, script) in STATES {
        board.read(script)?;
        let errno = match *state {
            "sig-enforce" => 129,
            _ => 1,
        };
        cases.add(
            &format!("state-{state}"),
            agrees(tool, board, module, Some(errno)),
        );
        let run = tool.deploy_file(ROOT, module.as_os_str())?;
        cases.add(
            &format!("state-{state}-deploy"),
            run.expect_failure(&["would refuse the module"]),
        );
    }
    Ok(())
}

/// Fails unless the prediction is what the kernel says, and that is this errno.
fn agrees(tool: &Tool, board: &Board, module: &Path, errno: Option<i64>) -> Result<()> {
    let run = tool.check(module.as_os_str())?;
    let json: Value = serde_json::from_str(&run.stdout)
        .with_context(|| format!("check printed: {}{}", run.stdout, run.stderr))?;
    let report = &json["modules"][0];
    let predicted = report["errno"]["number"].as_i64();
    ensure!(
        predicted == errno,
        "predicted {predicted:?} and not {errno:?}: {report}"
    );
    let text = report["errno"]["text"].as_str().unwrap_or_default();
    let log = report["log"].as_array().cloned().unwrap_or_default();
    let log: Vec<String> = log
        .iter()
        .filter_map(|line| line.as_str().map(str::to_owned))
        .collect();
    let before = board.read("dmesg --raw | wc -l")?;
    let output = board.run("insmod /run/module.ko")?;
    ensure!(
        output.status.success() == errno.is_none() && output.stderr.contains(text),
        "predicted {text:?}; insmod ended with {} and said: {}",
        output.status,
        output.stderr
    );
    if errno.is_none() {
        return Ok(());
    }
    let said = board.read(&format!("dmesg --notime | tail --lines=+$(({before} + 1))"))?;
    let is_usual = |line: &&str| USUAL.iter().any(|usual| line.contains(usual));
    let said = said.lines().filter(|line| !is_usual(line));
    let said: Vec<String> = said.map(str::to_owned).collect();
    ensure!(
        same_lines(&log, &said),
        "predicted {log:?}; the kernel said {said:?}"
    );
    Ok(())
}
