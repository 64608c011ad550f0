// SPDX-License-Identifier: GPL-2.0

//! Things that a module does wrong on purpose. Each test passes when the kernel lives through it; whether the kernel has
//! noticed is for the host to say, by the rule of the log under which every other run must be clean.

use rustix::io::Errno;

use crate::module::Module;
use crate::suite::{Suite, Test};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "sanitizers",
    groups: &[WRONG],
};

/// A test for each thing that `tests/sanitizers` knows.
macro_rules! wrong {
    ($($name:ident),* $(,)?) => {
        $(fn $name() {
            does_wrong(stringify!($name));
        })*

        const WRONG: &[Test] = crate::tests![$($name),*];
    };
}

wrong![
    c_use_after_free,
    c_out_of_bounds,
    c_vmalloc_out_of_bounds,
    c_index,
    c_shift,
    c_bool,
    c_sleep,
    c_rcu,
    c_object,
    c_list,
    c_free_page,
    c_lock_order,
    c_race,
    rust_use_after_free,
    rust_out_of_bounds,
    rust_vmalloc_out_of_bounds,
    rust_sleep,
    rust_lock_order,
    rust_overflow,
    leak,
];

/// The module refuses to stay when it has done its work, except for leaks, which are told by its functions.
fn does_wrong(what: &str) {
    let module = Module::named("wrong").with(&format!("wrong={what}"));
    let expected = match what {
        "leak" => Ok(()),
        _ => Err(Errno::CANCELED),
    };
    assert_eq!(module.insert(), expected);
}
