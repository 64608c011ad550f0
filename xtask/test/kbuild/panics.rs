// SPDX-License-Identifier: GPL-2.0

//! Rust code in the kernel has no path that panics: a panic is an oops.

use std::path::Path;

use anyhow::Context;
use object::{Object, ObjectSymbol};

/// What every function that panics has in its mangled name: its module, with the length before it.
const MODULE: &str = "9panicking";

/// Refers to nothing that runs: the initialisers of the kernel crate have closures that are never called.
const NEVER_CALLED: &str = "panic_explicit";

/// The functions of the core library that an object file refers to in order to panic.
pub(super) fn references(object: &Path) -> anyhow::Result<Vec<String>> {
    let data = std::fs::read(object).context("reading the module's object file")?;
    let file = object::File::parse(&*data).context("parsing the module's object file")?;
    let undefined = file.symbols().filter(|symbol| symbol.is_undefined());
    Ok(undefined
        .filter_map(|symbol| symbol.name().ok().map(str::to_owned))
        .filter(|name| panics(name))
        .collect())
}

/// Whether a function of that mangled name panics.
fn panics(name: &str) -> bool {
    let helper = [
        "slice_error_fail",
        "_mismatch_fail",
        "unwrap_failed",
        "expect_failed",
    ];
    let in_module = name.contains(MODULE) && !name.contains(NEVER_CALLED);
    in_module || helper.iter().any(|helper| name.contains(helper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panicking_functions_are_told_by_their_names() {
        for name in [
            "_RNvNtCseXpNQPFWrFr_4core9panicking9panic_fmt",
            "_RNvNtNtCseXpNQPFWrFr_4core9panicking11panic_const23panic_const_div_by_zero",
            "_RNvNtCseXpNQPFWrFr_4core3str16slice_error_fail",
            "_RNvNvMNtCs_4core5sliceSp15copy_from_slice17len_mismatch_fail",
            "_RNvNtCs_4core6option13unwrap_failed",
        ] {
            assert!(panics(name), "{name}");
        }
        assert!(!panics(
            "_RNvNtCseXpNQPFWrFr_4core9panicking14panic_explicit"
        ));
        assert!(!panics("rust_helper_spin_unlock"));
    }
}
