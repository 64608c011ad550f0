// SPDX-License-Identifier: GPL-2.0

//! What the demo shows.

use std::fmt::Write;

use super::expectation::Effect;

/// One line for each command: where it wrote, what it wrote, and whether that is right.
pub(super) fn effects(effects: &[Effect], memory: &[u32]) -> String {
    let mut text = format!("  {:<16} {:<6} {}\n", "command", "offset", "memory");
    for effect in effects {
        let start = effect.offset / size_of::<u32>();
        let found = &memory[start..][..effect.dwords.len()];
        let verdict = if found == effect.dwords {
            "ok".to_owned()
        } else {
            format!("not {}", hex(&effect.dwords))
        };
        let line = format!(
            "  {:<16} {:#05x}  {:<36} {verdict}",
            effect.command,
            effect.offset,
            hex(found)
        );
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn hex(dwords: &[u32]) -> String {
    dwords
        .iter()
        .map(|dword| format!("{dword:08x}"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_dword_is_shown_beside_the_right_one() {
        let expected = [Effect {
            command: "MEM_WRITE",
            offset: 4,
            dwords: vec![1, 2],
        }];
        let right = effects(&expected, &[0, 1, 2]);
        assert!(
            right.ends_with("0x004  00000001 00000002                    ok\n"),
            "{right}"
        );
        let wrong = effects(&expected, &[0, 1, 3]);
        assert!(
            wrong.ends_with("0x004  00000001 00000003                    not 00000001 00000002\n"),
            "{wrong}"
        );
    }
}
