// SPDX-License-Identifier: GPL-2.0

//! Error numbers of the ABI that the `kernel` crate does not name. They are functions, since making
//! an `Error` of a number is not const.

use kernel::{
    bindings,
    prelude::*, //
};

/// Defines a function per error number.
macro_rules! errno {
    ($($(#[$doc:meta])* $name:ident = $number:ident;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> Error {
            // CAST: Error numbers are below 4096.
            Error::from_errno(-(bindings::$number as kernel::ffi::c_int))
        }
    )*};
}

errno! {
    /// What a fence was for has been given up.
    ecanceled = ECANCELED;
    /// A context that a fault has ended.
    edeadlk = EDEADLK;
    /// A kind of memory that does not exist.
    enotsupp = ENOTSUPP;
    /// Something that this device does not have.
    eopnotsupp = EOPNOTSUPP;
}
