// SPDX-License-Identifier: GPL-2.0

//! A PID 1 that inserts modules, one after the other, and reports what the kernel said to the last one: as its exit
//! status, the errno, 0 for a module that loads. A `-` removes the module that was inserted last, if it was.

use std::error::Error;
use std::fs;

use guest::init::mount_all;
use guest::kernel_log::Writer;
use guest::module::Module;
use guest::status::{tainted, Status};
use rustix::system::{reboot, RebootCommand};

/// The word that removes a module.
const REMOVE: &str = "-";

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    mount_all()?;
    let arguments = fs::read_to_string("/etc/arguments")?;
    let files: Vec<&str> = arguments.split_terminator('\0').collect();
    let mut exit = 0;
    for file in &files {
        if *file == REMOVE {
            remove_newest(exit)?;
            continue;
        }
        Writer::open()?.line(&format!("inserting {file}"))?;
        let outcome = Module::parse(file).insert();
        exit = outcome.err().map_or(0, |errno| errno.raw_os_error());
        Writer::open()?.line(&format!("inserted {file} errno {exit}"))?;
    }
    let status = Status {
        exit,
        tests: files.len(),
        tainted: tainted()?,
    };
    status.send()?;
    reboot(RebootCommand::Restart)?;
    Ok(())
}

/// Removes the newest module, which the kernel lists first, under the name that it has there; nothing when the last one was
/// refused.
fn remove_newest(errno: i32) -> Result {
    if errno != 0 {
        return Ok(());
    }
    let modules = fs::read_to_string("/proc/modules")?;
    let newest = modules.split(' ').next().unwrap_or_default();
    Module::named(newest).remove()?;
    Ok(())
}
