// SPDX-License-Identifier: GPL-2.0

//! What taints a kernel, by the letters of Documentation/admin-guide/tainted-kernels.rst.

/// A module that is not part of the kernel's own tree.
pub const OUT_OF_TREE: u64 = 1 << 12;
/// A module without a signature that the kernel trusts.
pub const UNSIGNED: u64 = 1 << 13;

/// A soft lockup, which the log tells as a BUG, too; or, from 7.2 on, fences of sw_sync, whose users could bring one about.
pub const SOFT_LOCKUP: u64 = 1 << 14;

/// The letter and the meaning of each bit, from bit 0.
const MEANINGS: [(char, &str); 20] = [
    ('P', "proprietary module"),
    ('F', "module was force loaded"),
    ('S', "kernel out of specification"),
    ('R', "module was force unloaded"),
    ('M', "machine check exception"),
    ('B', "bad page"),
    ('U', "user request"),
    ('D', "kernel died: oops or BUG"),
    ('A', "ACPI table overridden"),
    ('W', "kernel issued a warning"),
    ('C', "staging driver"),
    ('I', "workaround for a bug in firmware"),
    ('O', "out-of-tree module"),
    ('E', "unsigned module"),
    ('L', "soft lockup"),
    ('K', "live patch"),
    ('X', "taint of the distribution"),
    ('T', "struct randomization"),
    ('N', "in-kernel test"),
    ('J', "fwctl"),
];

/// The taints that are not those of any out-of-tree module or of the fences that tests make; `None` when there are none.
pub fn describe_unexpected(tainted: u64) -> Option<String> {
    let unexpected = tainted & !(OUT_OF_TREE | UNSIGNED | SOFT_LOCKUP);
    let meaning = |bit: usize| match MEANINGS.get(bit) {
        Some((letter, meaning)) => format!("{letter} ({meaning})"),
        None => format!("bit {bit}"),
    };
    let set: Vec<_> = (0..64)
        .filter(|bit| (unexpected >> bit) & 1 == 1)
        .map(meaning)
        .collect();
    (!set.is_empty()).then(|| set.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::kernel_log;

    #[test]
    fn an_out_of_tree_module_is_expected() {
        assert_eq!(describe_unexpected(0), None);
        assert_eq!(describe_unexpected(4096 + 8192), None);
    }

    #[test]
    fn a_soft_lockup_is_left_to_the_log() {
        assert_eq!(describe_unexpected(SOFT_LOCKUP), None);
        let log = "watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [client:61]";
        assert_eq!(kernel_log::symptoms(log).len(), 1);
    }

    #[test]
    fn any_other_taint_is_named() {
        assert_eq!(
            describe_unexpected(4096 + 512).unwrap(),
            "W (kernel issued a warning)"
        );
        assert_eq!(
            describe_unexpected(1 | (1 << 40)).unwrap(),
            "P (proprietary module), bit 40"
        );
    }
}
