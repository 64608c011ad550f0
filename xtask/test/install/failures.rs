// SPDX-License-Identifier: GPL-2.0

//! Whatever fails, and wherever: the root directory is as it was.

use anyhow::{ensure, Context, Result};

use super::bench::{expect_error, expect_same, Bench};
use crate::install::Options;
use crate::manifest::Manifest;

/// Installs, which must fail with the words and change nothing.
fn expect_undone(bench: &Bench<'_>, words: &str) -> Result<()> {
    let before = bench.snapshot()?;
    expect_error(bench.install(Options::default()), words)?;
    expect_same(&before, &bench.snapshot()?)
}

/// depmod exits with an error.
pub(super) fn depmod_fails(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let script = bench.script("depmod", "echo no memory >&2; exit 1")?;
    let _depmod = bench.sh.push_env("DEPMOD", script);
    expect_undone(bench, "no memory")?;
    let _missing = bench.sh.push_env("DEPMOD", bench.beside("absent"));
    expect_undone(bench, "running depmod")
}

/// Everything is written, and modprobe does not find it.
pub(super) fn not_found_afterwards(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let _depmod = bench.sh.push_env("DEPMOD", "true");
    expect_undone(bench, "modprobe finds no file")
}

/// The installation is killed after everything was written and before it was verified; the next command undoes it.
pub(super) fn killed(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let before = bench.snapshot()?;
    let script = bench.script("modprobe", "kill -s KILL $PPID")?;
    let mut words = vec!["env".to_owned(), format!("MODPROBE={}", script.display())];
    words.extend(bench.command_line("install")?);
    words.push(bench.root().display().to_string());
    let (status, text) = bench.run(&words)?;
    ensure!(status.is_none(), "status {status:?}: {text}");
    ensure!(
        bench.snapshot()? != before,
        "it was killed before it wrote anything"
    );
    expect_error(bench.uninstall(), "is not installed")?;
    expect_same(&before, &bench.snapshot()?)?;
    bench.install(Options::default()).map(drop)
}

/// Runs a shell script in a mount namespace of its own, with the root directory on a file system of its own; the
/// script's `install` installs there. Root directory and words of the command line are its arguments.
fn in_namespace(bench: &Bench<'_>, script: &str) -> Result<String> {
    const COMMON: &str = r#"
set -eu
root=$1; copy=$2; shift 2
list() { cd "$root"; find . -type f -exec sha256sum {} + | sort; find . -type d | sort; cd - >/dev/null; }
unchanged() {
    list >"$copy.before"
    if "$@" "$root" >"$copy.log" 2>&1; then echo "it did not fail"; exit 1; fi
    list | diff "$copy.before" - || { echo "it left this"; exit 1; }
    grep -m 1 'cause: .*os error' "$copy.log" || { cat "$copy.log"; exit 1; }
}
"#;
    let mut words: Vec<String> = ["unshare", "--mount", "sh", "-c"]
        .map(String::from)
        .to_vec();
    words.push(format!("{COMMON}{script}"));
    words.push("sh".to_owned());
    words.extend([bench.root(), bench.beside("copy")].map(|path| path.display().to_string()));
    words.extend(bench.command_line("install")?);
    let (status, text) = bench.run(&words)?;
    ensure!(status == Some(0), "{text}");
    Ok(text)
}

/// There is no room: for anything at all, for the whole module, for the index.
pub(super) fn disk_full(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let module = std::fs::metadata(&bench.module)?.len();
    let used = bench
        .snapshot()?
        .values()
        .map(|(_, _, content)| content.len())
        .sum::<usize>();
    let used = u64::try_from(used).context("counting bytes")?;
    for room in [16 << 10, module / 2, module + (16 << 10)] {
        let pages = (used + room).div_ceil(4096) + 64;
        let script = format!(
            r#"
cp -a "$root" "$copy"
mount -t tmpfs -o size={} none "$root"
cp -a "$copy/." "$root/"
dd if=/dev/zero of="$root/etc/filler" bs=4096 count=$(( $(stat -f -c %a "$root") - {} )) 2>/dev/null
unchanged "$@"
umount "$root"
rm -rf "$copy"
"#,
            pages * 4096,
            room / 4096,
        );
        let text = in_namespace(bench, &script)?;
        ensure!(text.contains("No space left on device"), "{text}");
    }
    Ok(())
}

/// The file system is mounted read-only.
pub(super) fn read_only(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let script = r#"
mount --bind "$root" "$root"
mount -o remount,ro,bind "$root"
unchanged "$@"
"#;
    let text = in_namespace(bench, script)?;
    ensure!(text.contains("Read-only file system"), "{text}");
    Ok(())
}

/// The root blacklists the module itself: it would never be loaded at boot.
pub(super) fn blacklisted(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let name = Manifest::load()?.module.name;
    bench.write("etc/modprobe.d/local.conf", format!("blacklist {name}\n"))?;
    expect_undone(bench, "local.conf blacklists it")
}

/// The root's kernel has another version of a symbol that the module needs.
pub(super) fn refused_by_check(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let symvers = std::fs::read_to_string(bench.tree().build.join("Module.symvers"))?;
    let changed = symvers.replacen("0x", "0x1", usize::MAX);
    let lines = changed.lines().map(|line| match line.split_once('\t') {
        Some((checksum, rest)) => format!("{}\t{rest}\n", checksum.get(..10).unwrap_or(checksum)),
        None => format!("{line}\n"),
    });
    let place = format!("boot/symvers-{}", bench.tree().release);
    bench.write(&place, lines.collect::<String>())?;
    expect_undone(bench, "the kernel would refuse the module")
}

/// Somebody else's file has the name of one of ours.
pub(super) fn in_the_way(bench: &Bench<'_>) -> Result<()> {
    bench.furnish()?;
    let name = Manifest::load()?.module.name;
    bench.write(&format!("usr/lib/modprobe.d/{name}.conf"), "# mine\n")?;
    expect_undone(bench, "another hand than install's")
}
