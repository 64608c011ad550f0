// SPDX-License-Identifier: GPL-2.0

//! What the driver tells of the faults of a context.

use kgsl_shim::abi::command::{
    Fault, FaultReport, PageFaultReport, FAULT_TYPE_PAGEFAULT, GET_FAULT_REPORT,
};
use rustix::io::Errno;

use super::device::Device;
use super::system::address;

/// Asks for the faults of a context: how many there are of each kind, and as much of each as there is room for.
pub fn fault_report(device: &Device, context_id: u32, faults: &mut [Fault]) -> Result<(), Errno> {
    let mut argument = FaultReport {
        faultlist: address(faults),
        faultnents: u32::try_from(faults.len()).expect("there are few"),
        faultsize: 24,
        context_id,
        pad: 0,
    };
    device.ioctl(GET_FAULT_REPORT, &mut argument)
}

/// How many page faults a context had, and the last of them; there is room for one.
pub fn page_fault(device: &Device, context_id: u32) -> Result<(u32, PageFaultReport), Errno> {
    let mut report = PageFaultReport::default();
    let mut faults = [Fault {
        fault: address(&mut report),
        kind: FAULT_TYPE_PAGEFAULT,
        count: 1,
        size: 32,
        ..Fault::default()
    }];
    fault_report(device, context_id, &mut faults)?;
    Ok((faults[0].count, report))
}
