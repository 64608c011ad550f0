// SPDX-License-Identifier: GPL-2.0

//! Whatever a file holds, `check` has a verdict on it and a sheet of it. Good seeds are real modules:
//! `cargo +nightly fuzz run check DIRECTORY-OF-KO`.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use xtask::check::config::Config;
use xtask::check::exports::Exports;
use xtask::check::loader::Alone;
use xtask::check::machine::{ARM64, X86_64};
use xtask::check::report::sheet;
use xtask::check::{verdict, Target};

const CONFIG: &str =
    "CONFIG_SMP=y\nCONFIG_MODVERSIONS=y\nCONFIG_MODULE_SIG=y\nCONFIG_MODULE_UNLOAD=y\n";
const SYMVERS: &str = "0x00000001\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n\
                       0x00000002\t_printk\tvmlinux\tEXPORT_SYMBOL\t\n\
                       0x00000003\tdma_buf_get\tvmlinux\tEXPORT_SYMBOL_GPL\tDMA_BUF\n";

/// A kernel of each series and architecture, and one of which nothing is known.
fn targets() -> &'static [Target] {
    static TARGETS: OnceLock<Vec<Target>> = OnceLock::new();
    TARGETS.get_or_init(|| {
        let kernel = |release: &str, machine| Target {
            release: Some(release.into()),
            machine: Some(machine),
            config: Some(Config::parse(CONFIG)),
            exports: Exports::parse(SYMVERS).unwrap_or_default(),
            certificates: Some(Vec::new()),
            ..Target::default()
        };
        vec![
            kernel("6.18.15", &ARM64),
            kernel("7.2.12", &X86_64),
            Target::default(),
        ]
    })
}

fuzz_target!(|bytes: &[u8]| {
    for target in targets() {
        let report = verdict::judge("fuzz.ko", bytes, target, &Alone);
        assert_eq!(report.loads(), report.refusals().next().is_none());
        let _ = report.to_string();
    }
    let _ = sheet::module(bytes);
});
