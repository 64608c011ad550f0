// SPDX-License-Identifier: GPL-2.0

//! What PID 1 says when it cannot go on, and what the kernel said of it just before: the cause of a machine that ends
//! without a status word.

use super::ktap::without_time;

/// How PID 1 begins its last words.
const MARK: &str = "# PID 1: ";

/// What the kernel says of any module that is not its own; it explains nothing.
const COMMONPLACES: [&str; 2] = [
    "loading out-of-tree module taints kernel",
    "module verification failed",
];

/// PID 1's last words, followed by the kernel's lines about their subject, if it gave up.
pub(super) fn find(console: &str) -> Option<String> {
    let lines: Vec<&str> = console.lines().map(without_time).collect();
    let end = lines.iter().rposition(|line| line.starts_with(MARK))?;
    let mut words = lines.get(end)?.strip_prefix(MARK)?.to_owned();
    // `NAME was not inserted: ERROR`, and the kernel says `NAME: REASON`.
    let subject = format!("{}: ", words.split(' ').next().unwrap_or_default());
    let said: Vec<&str> = lines[..end]
        .iter()
        .copied()
        .filter(|line| line.starts_with(&subject) && !is_commonplace(line))
        .collect();
    if !said.is_empty() {
        words.push_str("; the kernel said:");
    }
    for line in said {
        words.push_str(&format!("\n  {line}"));
    }
    Some(words)
}

fn is_commonplace(line: &str) -> bool {
    COMMONPLACES.iter().any(|words| line.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_reason_comes_with_the_errno() {
        let console = "[    1.0] Run /init as init process\r\n\
                       [    1.1] gpu: loading out-of-tree module taints kernel.\r\n\
                       [    1.2] gpu: chip=\"x\" is unknown; known are a, b\r\n\
                       PID 1: gpu was not inserted: Invalid argument (os error 22)\r\n\
                       [    1.3] # PID 1: gpu was not inserted: Invalid argument (os error 22)\r\n\
                       [    1.4] reboot: Restarting system\r\n";
        assert_eq!(
            find(console).unwrap(),
            "gpu was not inserted: Invalid argument (os error 22); the kernel said:\n  \
             gpu: chip=\"x\" is unknown; known are a, b"
        );
    }

    #[test]
    fn a_machine_that_did_not_give_up_has_none() {
        assert_eq!(find("[    1.0] Kernel panic - not syncing\n"), None);
        let alone = find("# PID 1: no status port\n");
        assert_eq!(alone.as_deref(), Some("no status port"));
    }
}
