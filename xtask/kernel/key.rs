// SPDX-License-Identifier: GPL-2.0

//! What a built kernel depends on. Two kernels with the same key are the same kernel.

use std::fmt::Write;

use xshell::Shell;

use crate::arch::Arch;
use crate::kernel::{config, digest};
use crate::target::Profile;
use crate::toolchain::{Compiler, Toolchain};

/// Moves when the way a kernel is built here changes in a manner that its other inputs do not show.
const RECIPE: u32 = 1;

/// The inputs of a kernel build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The inputs, written out.
    pub text: String,
    /// The kernel's configuration, which is one of the inputs.
    pub fragment: String,
    /// The name of the build directory: for people, and with enough of a digest to be unique.
    pub directory: String,
}

impl Key {
    /// The key of a kernel of this version.
    pub fn new(
        sh: &Shell,
        version: &str,
        arch: Arch,
        profile: Profile,
        toolchain: &Toolchain,
    ) -> anyhow::Result<Key> {
        let key = Key::of(sh, version, arch, profile, &toolchain.versions(sh)?)?;
        Ok(match toolchain.compiler {
            Compiler::Llvm { .. } => key,
            // Its digest tells it from LLVM's; the name is for people.
            Compiler::Gnu { .. } => Key {
                directory: format!("{}-gcc", key.directory),
                ..key
            },
        })
    }

    fn of(
        sh: &Shell,
        version: &str,
        arch: Arch,
        profile: Profile,
        tools: &[String],
    ) -> anyhow::Result<Key> {
        let mut text =
            format!("recipe {RECIPE}\nversion {version}\narch {arch}\nprofile {profile}\n");
        for line in tools {
            // A write to a String cannot fail.
            let _ = writeln!(text, "tool {line}");
        }
        let fragment = config::fragment(arch, profile, version);
        text.push_str(&fragment);
        let digest = digest::of_text(sh, &text)?;
        let short = digest.get(..8).unwrap_or(&digest);
        let directory = format!("{version}-{arch}-{profile}-{short}");
        Ok(Key {
            text,
            directory,
            fragment,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_makes_another_key() {
        let sh = Shell::new().unwrap();
        let tools = |text: &str| vec![text.to_owned()];
        let key = |version, arch, profile, tool| {
            Key::of(&sh, version, arch, profile, &tools(tool)).unwrap()
        };
        let base = key("6.18.15", Arch::Arm64, Profile::Default, "rustc 1.85");
        assert_eq!(
            base,
            key("6.18.15", Arch::Arm64, Profile::Default, "rustc 1.85")
        );
        let others = [
            key("6.18.16", Arch::Arm64, Profile::Default, "rustc 1.85"),
            key("6.18.15", Arch::X86_64, Profile::Default, "rustc 1.85"),
            key("6.18.15", Arch::Arm64, Profile::Sanitize, "rustc 1.85"),
            key("6.18.15", Arch::Arm64, Profile::Default, "rustc 1.86"),
        ];
        for other in others {
            assert!(
                other.text != base.text && other.directory != base.directory,
                "{other:?}"
            );
        }
        assert!(base.text.contains("CONFIG_RUST=y"));
    }
}
