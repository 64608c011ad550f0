// SPDX-License-Identifier: GPL-2.0

//! Another machine, over ssh. One connection copies the files that tell about its kernel; they are read here as a root
//! directory is. The other machine needs a shell, tar and cat, no more.

use std::process::Command;

use anyhow::{Context, Result};
use xshell::Shell;

use super::{sysroot, Target};
use crate::ssh::Host;

/// Copies what tells about the running kernel into a directory of its own, for /proc and /sys do not tell tar the sizes
/// of their files, and sends it. The modules themselves are sent only where nothing else tells what the kernel exports.
const SCRIPT: &str = r#"
set -eu
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
release=$(uname -r)
put() {
    [ -r "$1" ] || return 0
    [ -d "$copy${1%/*}" ] || mkdir -p "$copy${1%/*}"
    cat "$1" > "$copy$1" 2>/dev/null || rm -f "$copy$1"
}
for file in /proc/version /proc/config.gz /proc/kallsyms /proc/modules /proc/cmdline \
    /proc/sys/kernel/osrelease /proc/sys/kernel/arch /proc/sys/kernel/modules_disabled \
    /sys/module/module/parameters/sig_enforce /sys/kernel/security/lockdown /sys/kernel/btf/vmlinux \
    "/boot/config-$release" "/boot/symvers-$release" "/boot/symvers-$release.gz" "/boot/symvers-$release.xz" \
    "/lib/modules/$release"/modules.* "/lib/modules/$release"/symvers* "/lib/modules/$release"/config \
    "/lib/modules/$release/build/Module.symvers" "/usr/src/linux-headers-$release/Module.symvers" \
    /etc/modprobe.d/*.conf /lib/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf /run/modprobe.d/*.conf \
    /etc/modules-load.d/*.conf /lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf; do
    put "$file"
done
mkdir -p "$copy/sys" "$copy/lib/modules/$release"
ls /sys/module > "$copy/sys/module.list" 2>/dev/null || true
[ -s "$copy/proc/sys/kernel/arch" ] || { mkdir -p "$copy/proc/sys/kernel"; uname -m > "$copy/proc/sys/kernel/arch"; }
size=$(du -sk "/lib/modules/$release" 2>/dev/null | cut -f1)
if [ "${size:-0}" -lt 262144 ]; then
    (cd / && find "lib/modules/$release/" -name '*.ko*' -type f 2>/dev/null) | while read -r file; do put "/$file"; done
else
    (cd / && find "lib/modules/$release/" -name '*.ko*' -type f) | while read -r file; do
        [ -d "$copy/${file%/*}" ] || mkdir -p "$copy/${file%/*}"
        : > "$copy/$file"
    done
fi
cd "$copy" && tar -cf - .
"#;

/// Reads the running kernel of the other machine.
pub fn read(sh: &Shell, host: &Host) -> Result<Target> {
    let name = host.name();
    eprintln!("reading the running kernel of {name}");
    let copy = sh
        .create_temp_dir()
        .context("making a directory for the copy")?;
    let mut tar = Command::new("tar");
    tar.args(["-xf", "-", "-C"]).arg(copy.path());
    host.pipe(SCRIPT, tar)?;
    let mut target =
        sysroot::read(copy.path(), None).with_context(|| format!("reading what {name} sent"))?;
    target.kind = "running machine";
    // The copy is gone when this returns, so no module can be read from it later.
    let unread = target
        .installed
        .as_ref()
        .is_some_and(|installed| !installed.files.is_empty());
    if unread {
        target.gaps.push(String::from(
            "modules: whether those that the module needs load themselves was not judged",
        ));
    }
    Ok(target)
}
