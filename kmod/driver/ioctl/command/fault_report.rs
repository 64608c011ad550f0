// SPDX-License-Identifier: GPL-2.0

//! GET_FAULT_REPORT.

use crate::{
    abi::{
        command as abi,
        context::CONTEXT_FAULT_INFO, //
    },
    driver::File,
    ext::user, //
};
use kernel::prelude::*;

/// GET_FAULT_REPORT: the faults of a context that they have ended, by type; a count of 0 asks for
/// the number of reports.
///
/// Fails with `EINVAL` for a context that does not keep them or is still good, an empty list and an
/// unknown type.
pub(in crate::driver::ioctl) fn get_fault_report(
    file: &File,
    argument: &mut abi::FaultReport,
) -> Result {
    let context = file.context(argument.context_id)?;
    let page_fault = context.page_fault()?;
    if context.flags & CONTEXT_FAULT_INFO == 0 || argument.faultnents == 0 {
        return Err(EINVAL);
    }
    let size = usize::try_from(argument.faultsize)?;
    let known = size.min(size_of::<abi::Fault>());
    let mut from = user::address(argument.faultlist)?;
    for _ in 0..argument.faultnents.min(abi::FAULT_TYPES) {
        let mut fault: abi::Fault = user::read_extensible(from, size)?;
        match fault.kind {
            abi::FAULT_TYPE_NO_FAULT => fault.count = 0,
            abi::FAULT_TYPE_PAGEFAULT => fill(&mut fault, page_fault.as_ref())?,
            _ => return Err(EINVAL),
        }
        user::write_prefix(from, known, &fault)?;
        from = from.wrapping_byte_add(size);
    }
    Ok(())
}

/// Writes the page fault to where `fault` says, or says that there is one.
fn fill(fault: &mut abi::Fault, report: Option<&abi::PageFaultReport>) -> Result {
    let Some(report) = report else {
        fault.count = 0;
        return Ok(());
    };
    if fault.count != 0 {
        let size = usize::try_from(fault.size)?.min(size_of::<abi::PageFaultReport>());
        user::write_prefix(user::address(fault.fault)?, size, report)?;
    }
    fault.count = 1;
    Ok(())
}
