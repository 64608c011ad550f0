// SPDX-License-Identifier: GPL-2.0

//! A module with symbols whose names are too long for `__versions`.

use kernel::prelude::*;

module! {
    type: Verdict,
    name: "verdict_rust",
    description: "What the suite `verdicts` changes and loads",
    license: "GPL",
}

struct Verdict {
    _mutex: Pin<KBox<kernel::sync::Mutex<u32>>>,
}

impl kernel::Module for Verdict {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("loaded\n");
        Ok(Verdict {
            _mutex: KBox::pin_init(kernel::new_mutex!(42), GFP_KERNEL)?,
        })
    }
}
