// SPDX-License-Identifier: GPL-2.0

//! A PID 1 that inserts modules, one after the other, and reports what the kernel said to the last one: as its exit
//! status, the errno, 0 for a module that loads.

use std::error::Error;
use std::fs;

use guest::init::mount_all;
use guest::kernel_log::Writer;
use guest::module::Module;
use guest::status::{tainted, Status};
use rustix::system::{reboot, RebootCommand};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result {
    mount_all()?;
    let arguments = fs::read_to_string("/etc/arguments")?;
    let files: Vec<&str> = arguments.split_terminator('\0').collect();
    let mut exit = 0;
    for file in &files {
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
