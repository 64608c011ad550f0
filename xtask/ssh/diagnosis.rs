// SPDX-License-Identifier: GPL-2.0

//! Why a connection failed, from what the ssh client says.

use anyhow::anyhow;

use crate::advice::advised;

/// What ssh says, what that means, and what to do; `{}` stands for the destination.
const MEANINGS: &[(&str, &str, &str)] = &[
    (
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the host key of {} is not the one that ssh knows: another machine answers, or it was installed anew",
        "find out which; if it is the right machine, remove the old key with `ssh-keygen -R` and connect once with `ssh {}`",
    ),
    (
        "Host key verification failed",
        "the host key of {} is not known",
        "connect once with `ssh {}` and compare the fingerprint",
    ),
    (
        "Permission denied",
        "{} accepts none of the keys that ssh offers, and no password is asked for here",
        "name the key with --identity FILE, or copy yours there with `ssh-copy-id {}`",
    ),
    (
        "Could not resolve hostname",
        "there is no host of that name: {}",
        "name a host of ~/.ssh/config, or USER@HOST",
    ),
    (
        "Connection refused",
        "{} is there, and no ssh server listens on that port",
        "start its ssh server, or name another port with --port",
    ),
    (
        "timed out",
        "{} does not answer",
        "see whether it is switched on and whether `ssh {}` reaches it",
    ),
    (
        "No route to host",
        "{} cannot be reached",
        "see whether it is switched on and whether `ssh {}` reaches it",
    ),
];

/// The error for a connection that failed with these words of ssh.
pub(super) fn explain(destination: &str, said: &str) -> anyhow::Error {
    let fill = |text: &str| text.replace("{}", destination);
    let found = MEANINGS.iter().find(|(words, _, _)| said.contains(words));
    let Some((_, meaning, next)) = found else {
        let error = anyhow!("ssh cannot connect to {destination}: {}", said.trim_end());
        return advised(error, format!("try `ssh {destination} true`"));
    };
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    let error = anyhow!(
        "{} (ssh: {})",
        fill(meaning),
        last.unwrap_or_default().trim()
    );
    advised(error, fill(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::advice;

    #[test]
    fn a_changed_key_is_told_from_an_unknown_one() {
        let changed = "@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed.\n";
        let error = explain("board", changed);
        assert!(error.to_string().contains("not the one that ssh knows"));
        assert!(advice(&error).unwrap().contains("ssh-keygen -R"));
        let unknown = explain("board", "Host key verification failed.\n").to_string();
        assert!(unknown.contains("is not known"), "{unknown}");
    }

    #[test]
    fn what_is_not_understood_is_passed_on() {
        let error = explain("board", "kex_exchange_identification: read: reset\n");
        assert!(error.to_string().contains("kex_exchange_identification"));
        assert_eq!(advice(&error), Some("try `ssh board true`"));
    }
}
