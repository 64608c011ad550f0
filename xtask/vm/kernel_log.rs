// SPDX-License-Identifier: GPL-2.0

//! Finds what a healthy kernel never says.

use super::ktap;

/// Texts that betray a sick kernel wherever they stand in a line.
const SYMPTOMS: [&str; 37] = [
    // WARN(), lockdep (circular and recursive locking, inconsistent states, suspicious RCU).
    "WARNING: ",
    "WARNING! ",
    "possible circular locking",
    "possible recursive locking",
    "possible irq lock inversion",
    "inconsistent lock state",
    "suspicious RCU usage",
    "bad unlock balance",
    "held lock freed",
    "lock held when returning to user space",
    "DEBUG_LOCKS_WARN_ON",
    // BUG(), KASAN, KCSAN, KFENCE, sleeping in atomic context, soft lockup, workqueue lockup.
    "BUG: ",
    "kernel BUG at",
    "UBSAN: ",
    "detected buffer overflow",
    // Exceptions.
    "Oops: ",
    "Oops[",
    "Internal error: ",
    "Unable to handle kernel",
    "general protection fault",
    "Kernel panic",
    "stack segment: ",
    "Call trace:",
    "Call Trace:",
    // A kernel that does not get on.
    "blocked for more than",
    "detected stall",
    "detected expedited stalls",
    "hard LOCKUP",
    // Memory and objects.
    "new suspected memory leaks",
    "refcount_t: ",
    "list_add corruption",
    "list_del corruption",
    "ODEBUG: ",
    "Objects remaining in",
    "page allocation failure",
    "pagealloc: memory corruption",
    // A panic of Rust code, which the kernel turns into BUG().
    "rust_kernel: panicked",
];

/// A line of the log with the number of the line, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// Which line of the log.
    pub number: usize,
    /// What it says.
    pub line: String,
}

/// The lines of the console log that betray a sick kernel. Lines of the test protocol may say anything.
pub fn symptoms(console: &str) -> Vec<Symptom> {
    let numbered = console.lines().enumerate();
    numbered
        .filter(|(_, line)| !ktap::is_protocol(line) && is_symptom(line))
        .map(|(index, line)| Symptom {
            number: index + 1,
            line: line.trim_end_matches('\r').to_owned(),
        })
        .collect()
}

fn is_symptom(line: &str) -> bool {
    SYMPTOMS.iter().any(|symptom| line.contains(symptom))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that kernels have said.
    const SICK: [&str; 25] = [
        "WARNING: CPU: 1 PID: 77 at lib/refcount.c:28 refcount_warn_saturate+0xf4/0x148",
        "WARNING: drivers/gpu/drm/drm_gem.c:1 at drm_gem_object_free+0x10/0x20, CPU#0: init/1",
        "WARNING: possible circular locking dependency detected",
        "WARNING: suspicious RCU usage",
        "BUG: KASAN: slab-use-after-free in close+0x1/0x2",
        "BUG: KCSAN: data-race in submit / wait",
        "BUG: KFENCE: out-of-bounds read in test+0x1/0x2",
        "BUG: kernel NULL pointer dereference, address: 0000000000000000",
        "BUG: sleeping function called from invalid context at mm/page_alloc.c:1",
        "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]",
        "kernel BUG at mm/slub.c:500!",
        "UBSAN: array-index-out-of-bounds in kernel/x.c:1:2",
        "Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP",
        "Internal error: Oops: 0000000096000004 [#1]  SMP",
        "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000",
        "Kernel panic - not syncing: sysrq triggered crash",
        "INFO: task kworker/0:1:9 blocked for more than 120 seconds.",
        "rcu: INFO: rcu_preempt self-detected stall on CPU",
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
        "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
        "refcount_t: underflow; use-after-free.",
        "list_add corruption. prev->next should be next",
        "ODEBUG: free active (active state 0) object: 00000000 object type: timer_list",
        "pagealloc: memory corruption",
        "rust_kernel: panicked at index out of bounds",
    ];

    /// Lines that a healthy kernel says.
    const HEALTHY: [&str; 6] = [
        "kgsl_shim: loading out-of-tree module taints kernel.",
        "kgsl_shim: module verification failed: signature and/or required key missing - tainting kernel",
        "Warning: unable to open an initial console.",
        "rcu: Hierarchical RCU implementation.",
        "# guest: WARNING: a test may say so",
        "reboot: Restarting system",
    ];

    #[test]
    fn a_sick_kernel_is_seen() {
        for line in SICK {
            let console = format!("[    0.1] Booting Linux\r\n[    1.234567] {line}\r\n");
            let found = symptoms(&console);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!((found[0].number, found[0].line.ends_with(line)), (2, true));
        }
    }

    #[test]
    fn a_healthy_kernel_is_left_alone() {
        for line in HEALTHY {
            assert_eq!(symptoms(&format!("[    1.234567] {line}\n")), [], "{line}");
        }
    }
}
