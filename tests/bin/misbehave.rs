// SPDX-License-Identifier: GPL-2.0

//! A PID 1 that goes wrong in the way that the host names, so that the harness can prove that it notices.

use std::error::Error;
use std::fs;
use std::thread;
use std::time::Duration;

use guest::init::ktap::{Ktap, Outcome};
use guest::init::mount_all;
use guest::kernel_log::Writer;
use guest::status::{tainted, Status};
use rustix::system::{reboot, RebootCommand};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    mount_all()?;
    misbehave(fs::read_to_string("/etc/arguments")?.trim_end_matches('\0'))?;
    reboot(RebootCommand::Restart)?;
    Ok(())
}

fn misbehave(way: &str) -> Result {
    match way {
        // The one that behaves, without which the others would prove nothing.
        "not" => good(2),
        "panic" => Ok(fs::write("/proc/sysrq-trigger", "c")?),
        "exit" => std::process::exit(0),
        "hang" => hang(),
        "no-status" => plan(2, 2),
        "no-plan" => status(0, 0),
        "short-plan" => plan(2, 1).and_then(|()| status(0, 1)),
        "long-plan" => plan(1, 2).and_then(|()| status(0, 2)),
        "two-plans" => plan(1, 1).and_then(|()| good(1)),
        "wrong-count" => plan(2, 2).and_then(|()| status(0, 1)),
        "wrong-exit" => plan(2, 2).and_then(|()| status(1, 2)),
        "warn" => say("WARNING: CPU: 0 PID: 1 at mm/misbehave.c:1 misbehave+0x0/0x1")
            .and_then(|()| good(1)),
        "taint" => Ok(fs::write("/proc/sys/kernel/tainted", "512")?).and_then(|()| good(1)),
        _ => Err(format!("no way to misbehave is called {way:?}").into()),
    }
}

/// All that a run needs to pass.
fn good(tests: usize) -> Result {
    plan(tests, tests)?;
    status(0, tests)
}

fn plan(planned: usize, tests: usize) -> Result {
    let mut ktap = Ktap::start(Writer::open()?, planned)?;
    for number in 0..tests {
        ktap.result(&format!("test_{number}"), &Outcome::Passed)?;
    }
    Ok(())
}

fn status(exit: i32, tests: usize) -> Result {
    Ok(Status {
        exit,
        tests,
        tainted: tainted()?,
    }
    .send()?)
}

fn say(line: &str) -> Result {
    Ok(Writer::open()?.line(line)?)
}

fn hang() -> ! {
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}
