// SPDX-License-Identifier: GPL-2.0

//! The relocations that the loader of each architecture applies: `apply_relocate_add()` in arch/arm64/kernel/module.c
//! and arch/x86/kernel/module.c.

use object::elf;

use super::super::machine::{Machine, ARM64, X86_64};

/// How many bytes a relocation changes; none where the loader does not know its type.
pub(super) fn width(machine: &Machine, kind: u32) -> Option<u64> {
    match machine {
        machine if *machine == ARM64 => arm64(kind),
        machine if *machine == X86_64 => x86_64(kind),
        _ => Some(0),
    }
}

/// Whether the relocation types of a machine are known here.
pub(super) fn is_known(machine: &Machine) -> bool {
    *machine == ARM64 || *machine == X86_64
}

/// The line that the kernel logs for a type that it does not know.
pub(super) fn unsupported(machine: &Machine, module: &str, kind: u32) -> String {
    match machine {
        machine if *machine == ARM64 => {
            format!("Modules: module {module}: unsupported RELA relocation: {kind}")
        }
        _ => format!("module: {module}: Unknown rela relocation: {kind}"),
    }
}

fn arm64(kind: u32) -> Option<u64> {
    /// `R_ARM_NONE`, which the loader of arm64 takes too, and `R_AARCH64_NONE`.
    const NONE: [u32; 2] = [0, 256];
    match kind {
        _ if NONE.contains(&kind) => Some(0),
        elf::R_AARCH64_ABS64 | elf::R_AARCH64_PREL64 => Some(8),
        elf::R_AARCH64_ABS32 | elf::R_AARCH64_PREL32 => Some(4),
        elf::R_AARCH64_ABS16 | elf::R_AARCH64_PREL16 => Some(2),
        elf::R_AARCH64_MOVW_UABS_G0..=elf::R_AARCH64_MOVW_UABS_G3
        | elf::R_AARCH64_MOVW_SABS_G0..=elf::R_AARCH64_MOVW_SABS_G2
        | elf::R_AARCH64_LD_PREL_LO19..=elf::R_AARCH64_LDST8_ABS_LO12_NC
        | elf::R_AARCH64_TSTBR14
        | elf::R_AARCH64_CONDBR19
        | elf::R_AARCH64_JUMP26..=elf::R_AARCH64_LDST64_ABS_LO12_NC
        | elf::R_AARCH64_MOVW_PREL_G0..=elf::R_AARCH64_MOVW_PREL_G3
        | elf::R_AARCH64_LDST128_ABS_LO12_NC => Some(4),
        _ => None,
    }
}

fn x86_64(kind: u32) -> Option<u64> {
    match kind {
        elf::R_X86_64_NONE => Some(0),
        elf::R_X86_64_64 | elf::R_X86_64_PC64 => Some(8),
        elf::R_X86_64_32 | elf::R_X86_64_32S | elf::R_X86_64_PC32 | elf::R_X86_64_PLT32 => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the arm64 list, from the ABI document rather than from the ranges above.
    #[test]
    fn the_arm64_list_is_the_loaders() {
        let supported: Vec<u32> = (1..1100).filter(|&kind| arm64(kind).is_some()).collect();
        let expected: Vec<u32> = (256..=280).chain(282..=293).chain([299]).collect();
        assert_eq!(supported, expected);
    }

    #[test]
    fn the_x86_64_list_is_the_loaders() {
        let supported: Vec<u32> = (0..50).filter(|&kind| x86_64(kind).is_some()).collect();
        assert_eq!(supported, [0, 1, 2, 4, 10, 11, 24]);
    }
}
