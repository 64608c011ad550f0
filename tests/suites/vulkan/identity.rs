// SPDX-License-Identifier: GPL-2.0

//! vulkaninfo names the Adreno that `chip=` asks for. Mesa 25.0.7 does not know A840.

use super::{assert_fine, program, reload};
use crate::suite::Test;

/// The tests.
pub(super) const TESTS: &[Test] = crate::tests![vulkaninfo_names_every_adreno];

/// Chips, and how turnip names them.
const CHIPS: [(&str, &str); 10] = [
    ("a618", "Turnip Adreno (TM) 618"),
    ("a630", "Turnip Adreno (TM) 630"),
    ("a635", "Adreno 7c+ Gen 3"),
    ("a640", "Turnip Adreno (TM) 640"),
    ("a650", "Turnip Adreno (TM) 650"),
    ("a660", "Turnip Adreno (TM) 660"),
    ("a663", "Turnip Adreno (TM) 663"),
    ("a730", "Turnip Adreno (TM) 730"),
    ("a740", "Turnip Adreno (TM) 740"),
    ("a750", "Turnip Adreno (TM) 750 (raytracing disabled)"),
];

fn vulkaninfo_names_every_adreno() {
    for (chip, name) in CHIPS {
        reload(&format!("chip={chip}"));
        let output = program("vulkaninfo", &["--summary"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_fine(&output);
        let field = |field: &str| {
            let line = text
                .lines()
                .find(|line| line.trim_start().starts_with(field));
            let value = line.and_then(|line| line.split_once("= "));
            value.map(|(_, value)| value.to_owned())
        };
        assert_eq!(field("deviceName").as_deref(), Some(name), "{chip}: {text}");
        assert_eq!(field("driverID").as_deref(), Some("DRIVER_ID_MESA_TURNIP"));
    }
}
