// SPDX-License-Identifier: GPL-2.0

//! Submitting work to contexts.

mod auxiliary;
mod buffers;
mod fault_report;
mod gpu_command;
mod issue_ib;
mod kind;
mod profiling;
mod submit_commands;
mod syncpoint;

pub(super) use auxiliary::gpu_aux_command;
pub(super) use fault_report::get_fault_report;
pub(super) use gpu_command::gpu_command;
pub(super) use issue_ib::ringbuffer_issue_ib_cmds;
pub(super) use submit_commands::submit_commands;
