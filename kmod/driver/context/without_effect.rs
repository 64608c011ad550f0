// SPDX-License-Identifier: GPL-2.0

//! Work that has no effect, because the GPU lacks the unit for it, and how it is reported.

use kernel::fmt;

/// Such work, by name.
pub(super) struct WithoutEffect(pub(super) &'static str);

impl fmt::Display for WithoutEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(what) = self;
        write!(
            f,
            "{what} had no effect: this GPU has no shader core (load the module with strict=1 to \
             have it fault); later ones of the context are not reported"
        )
    }
}
