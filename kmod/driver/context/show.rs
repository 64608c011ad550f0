// SPDX-License-Identifier: GPL-2.0

//! What debugfs says of a context, under the C driver's words.

use super::{
    state::Status,
    Context, //
};
use crate::abi::context as abi;
use kernel::seq_file::{
    seq_print,
    SeqFile, //
};

/// Names of `KGSL_CONTEXT_TYPE_*`, by number.
const TYPES: [&str; 6] = ["any", "GL", "CL", "C2D", "RS", "VK"];

impl Context {
    /// Writes what is known of the context.
    pub(crate) fn show(&self, to: &SeqFile) {
        let priority = (self.flags & abi::CONTEXT_PRIORITY_MASK) >> abi::CONTEXT_PRIORITY_SHIFT;
        seq_print!(
            to,
            "id: {} type: {} priority: {priority} process: {} ({})\n",
            self.id,
            self.kind(),
            self.process.name,
            self.process.number()
        );
        seq_print!(to, "flags: {:#x}\n", self.flags);
        let state = self.state.lock();
        let status = match state.status {
            Status::Active => "active",
            Status::Invalid => "invalid",
            Status::Detached => "detached",
        };
        seq_print!(to, "status: {status} faults: {}\n", state.faults.faults);
        seq_print!(
            to,
            "timestamps: queued: {} consumed: {} retired: {}\n",
            state.queued,
            state.consumed,
            state.retired
        );
        let running = u32::from(state.running);
        seq_print!(to, "queue: {} running: {running}\n", state.queue.len());
    }

    /// The name of its type.
    fn kind(&self) -> &'static str {
        let number = (self.flags & abi::CONTEXT_TYPE_MASK) >> abi::CONTEXT_TYPE_SHIFT;
        let name = usize::try_from(number)
            .ok()
            .and_then(|number| TYPES.get(number));
        name.copied().unwrap_or("unknown")
    }

    /// How many submissions it has that have not retired.
    pub(crate) fn submissions(&self) -> usize {
        let state = self.state.lock();
        state.queue.len() + usize::from(state.running)
    }
}
