// SPDX-License-Identifier: GPL-2.0

//! Mesa's turnip on the device: a driver that nobody here wrote, with its asserts on. `vulkan-client` does the checks;
//! here is what goes on around them: which chip, what the driver says, and what the kernel does.

mod checks;
mod identity;
mod strict;

use std::process::{Command, Output};

use crate::module::Module;
use crate::suite::Suite;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "vulkan",
    groups: &[checks::A6XX, strict::TESTS, identity::TESTS, checks::A7XX],
};

/// What turnip may say with TU_DEBUG=startup: that it has started.
const USUAL: [&str; 3] = [
    "Created an instance",
    "Found compatible device '/dev/kgsl-3d0'",
    "TU_DEBUG=",
];

/// Runs a Vulkan program; turnip tells of its start, and renders without on-chip memory, which there is none of.
fn program(name: &str, arguments: &[&str]) -> Output {
    Command::new(format!("/bin/{name}"))
        .args(arguments)
        .env("TU_DEBUG", "startup,sysmem")
        .env("XDG_RUNTIME_DIR", "/tmp")
        .output()
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The program has ended well, and turnip has said that it has started and nothing else: no assert, no warning.
fn assert_fine(output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{errors}", output.status);
    let said = |text: &str| errors.contains(text);
    assert!(USUAL.iter().all(|text| said(text)), "{errors}");
    let unusual: Vec<_> = errors.lines().filter(|line| !is_usual(line)).collect();
    assert!(unusual.is_empty(), "{}", unusual.join("\n"));
}

/// A line of turnip's start, of vulkaninfo where there is no display, or of a loss that a check has brought about.
fn is_usual(line: &str) -> bool {
    let of_start = line.starts_with("TU: info: ") && USUAL.iter().any(|text| line.contains(text));
    let of_display = line.starts_with("'DISPLAY' environment variable not set");
    of_start || of_display || line.contains("VK_ERROR_DEVICE_LOST")
}

/// Runs a check of `vulkan-client`.
fn check(name: &str) {
    assert_fine(&program("vulkan-client", &[name]));
}

/// Loads the module with another parameter.
fn reload(parameter: &str) {
    let module = Module::named("kgsl_shim");
    module.remove().expect("nobody uses the module");
    let module = module.with(parameter);
    module.insert().expect("the module is inserted");
}
