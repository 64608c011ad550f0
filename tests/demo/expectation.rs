// SPDX-License-Identifier: GPL-2.0

//! What must stand in memory afterwards, worked out without the GPU.

use super::commands::{offset, FENCE, NESTED, WRITTEN};

/// What one command leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Effect {
    /// The command.
    pub(super) command: &'static str,
    /// Where in the object of the data, in bytes.
    pub(super) offset: usize,
    /// The dwords there.
    pub(super) dwords: Vec<u32>,
}

/// The effect of each command.
pub(super) fn effects() -> [Effect; 4] {
    let effect = |command, offset, dwords: &[u32]| Effect {
        command,
        offset,
        dwords: dwords.to_vec(),
    };
    let [_, _, a, b] = WRITTEN;
    [
        effect("MEM_WRITE", offset::WRITTEN, &WRITTEN),
        effect("MEM_TO_MEM", offset::SUM, &[a.wrapping_add(b)]),
        effect("EVENT_WRITE", offset::FENCE, &[FENCE]),
        effect("INDIRECT_BUFFER", offset::NESTED, &NESTED),
    ]
}

/// The whole object of the data: the effects, and zeros everywhere else.
pub(super) fn memory(dwords: usize) -> Vec<u32> {
    let mut memory = vec![0; dwords];
    for Effect { offset, dwords, .. } in effects() {
        let start = offset / size_of::<u32>();
        memory[start..start + dwords.len()].copy_from_slice(&dwords);
    }
    memory
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_wraps() {
        assert_eq!(effects()[1].dwords, [0x1a]);
    }

    #[test]
    fn every_effect_has_its_own_place() {
        let memory = memory(1024);
        let written: usize = effects().iter().map(|effect| effect.dwords.len()).sum();
        assert_eq!(memory.iter().filter(|dword| **dword != 0).count(), written);
        assert_eq!(memory[1022..], NESTED);
    }
}
