// SPDX-License-Identifier: GPL-2.0

//! The rows of the truth table. None says what the kernel will do with the module.

use anyhow::Result;

use super::pair::{Before, Key, Pair, Subject};
use crate::arch::Arch;
use crate::test::surgery::Patient;

/// A symbol that everybody may use, one for GPL-compatible modules only, and one in a namespace.
const SYMBOL: &str = "kfree";
/// The marker at the end of a signed module, and the trailer before it, in bytes.
const TRAILER: usize = 28 + 12;

/// Every pair for an architecture; those with modules of another series' whole kernel where there is one.
pub(super) fn all(arch: Arch, has_other_kernel: bool) -> Vec<Pair> {
    let mut pairs = built();
    if has_other_kernel {
        pairs.extend(built_for_another_kernel());
    }
    pairs.extend(versions());
    pairs.extend(symbols());
    pairs.extend(vermagic());
    pairs.extend(structure());
    pairs.extend(relocations(arch));
    pairs.extend(signatures());
    pairs.extend(states());
    pairs
}

/// Modules as they were built, here or for another kernel.
fn built() -> Vec<Pair> {
    vec![
        Pair::new("c", Subject::C),
        Pair::new("rust", Subject::Rust),
        Pair::new("own-module", Subject::Module),
        Pair::new("other-release", Subject::OtherRelease),
        Pair::new("other-configuration", Subject::OtherConfiguration),
        Pair::new("other-series", Subject::OtherSeries),
        Pair::new("other-architecture", Subject::OtherArchitecture),
        Pair::new("with-dependency", Subject::Dependent).before(Before::Needed),
        Pair::new("without-dependency", Subject::Dependent),
    ]
}

/// Modules with the symbol versions of another kernel: what a board refuses after an update.
fn built_for_another_kernel() -> Vec<Pair> {
    vec![
        Pair::new("other-kernel-c", Subject::OtherKernelC),
        Pair::new("other-kernel-rust", Subject::OtherKernelRust),
        Pair::new("other-kernel-own-module", Subject::OtherKernelModule),
        // Nothing tells the two kernels apart then but the version magic and what symbols there are.
        Pair::new("other-kernel-no-versions", Subject::OtherKernelC).change(|module| {
            module.drop_basic()?;
            module.drop_extended()
        }),
    ]
}

/// The version tables.
fn versions() -> Vec<Pair> {
    let c = |name| Pair::new(name, Subject::C);
    let rust = |name| Pair::new(name, Subject::Rust);
    vec![
        c("basic-flipped").change(Patient::flip_basic),
        c("extended-flipped").change(|module| module.flip_extended(SYMBOL)),
        rust("extended-flipped-rust").change(flip_long),
        c("two-flipped").change(|module| {
            module.flip_extended(SYMBOL)?;
            module.flip_extended("_printk")
        }),
        c("module-layout-flipped").change(|module| module.flip_extended("module_layout")),
        c("extended-unlisted").change(|module| {
            let (_, name) = module.extended_entry(SYMBOL)?;
            module.bytes[name] = b'X';
            Ok(())
        }),
        c("extended-names-gone")
            .change(|module| module.rename_section("__version_ext_names", "__gone")),
        rust("extended-crcs-gone")
            .change(|module| module.rename_section("__version_ext_crcs", "__gone")),
        c("extended-names-short").change(|module| {
            let names = module.contents("__version_ext_names")?;
            module.replace("__version_ext_names", &names[..names.len() / 2])
        }),
        c("extended-gone").change(Patient::drop_extended),
        rust("extended-gone-rust").change(Patient::drop_extended),
        c("basic-alone-flipped").change(|module| {
            module.flip_basic()?;
            module.drop_extended()
        }),
        c("basic-alone-unlisted").change(|module| {
            let entry = module.basic_entry(SYMBOL)?;
            module.put(entry + 8, b"X");
            module.drop_extended()
        }),
        c("basic-gone").change(Patient::drop_basic),
        Pair::new("basic-gone-other-release", Subject::OtherRelease).change(Patient::drop_basic),
        c("all-gone").change(|module| {
            module.drop_basic()?;
            module.drop_extended()
        }),
        c("export-versions-gone").change(|module| match module.section("__kcrctab_gpl") {
            Ok(_) => module.rename_section("__kcrctab_gpl", "__gone"),
            Err(_) => module.rename_section("__kcrctab", "__gone"),
        }),
        c("export-taken").change(export_taken),
    ]
}

/// Changes the checksum of a symbol that `__versions` has no room for.
fn flip_long(module: &mut Patient) -> Result<()> {
    let names = module.contents("__version_ext_names")?;
    let mut names = names.split(|&byte| byte == 0);
    let long = names.find(|name| name.len() >= 56).unwrap_or_default();
    module.flip_extended(&String::from_utf8_lossy(long))
}

/// Makes the module export a symbol of the kernel's own; the names have the same length.
fn export_taken(module: &mut Patient) -> Result<()> {
    let strings = module.contents("__ksymtab_strings")?;
    let taken = String::from_utf8_lossy(&strings).replace("verdict_value", "kobject_init\0");
    module.replace("__ksymtab_strings", taken.as_bytes())
}

/// Symbols, licences and namespaces.
fn symbols() -> Vec<Pair> {
    let c = |name| Pair::new(name, Subject::C);
    vec![
        c("symbol-unknown").change(|module| module.rename_symbol(SYMBOL, "verdict_no_such_symbol")),
        // The one that comes last in the symbol table decides.
        c("unknown-and-flipped").change(|module| {
            module.rename_symbol("_printk", "verdict_no_such_symbol")?;
            module.flip_extended(SYMBOL)
        }),
        c("flipped-and-unknown").change(|module| {
            module.flip_extended("_printk")?;
            module.rename_symbol("kobject_put", "verdict_no_such_symbol")
        }),
        c("license-bsd").change(|module| module.set_modinfo("license", Some("BSD"))),
        Pair::new("license-proprietary-rust", Subject::Rust)
            .change(|module| module.set_modinfo("license", Some("Proprietary"))),
        c("license-dual").change(|module| module.set_modinfo("license", Some("Dual MIT/GPL"))),
        c("license-none").change(|module| module.set_modinfo("license", None)),
        c("namespace-not-imported").change(|module| module.set_modinfo("import_ns", None)),
        c("namespace-of-modules")
            .change(|module| module.set_modinfo("import_ns", Some("module:kvm"))),
    ]
}

/// The version magic, word by word.
fn vermagic() -> Vec<Pair> {
    let c = |name| Pair::new(name, Subject::C);
    vec![
        c("vermagic-none").change(|module| module.set_modinfo("vermagic", None)),
        c("vermagic-no-smp").change(|module| without_word(module, "SMP ")),
        c("vermagic-no-preempt").change(|module| without_word(module, "preempt ")),
        c("vermagic-no-unload").change(|module| without_word(module, "mod_unload ")),
        c("vermagic-no-modversions").change(|module| without_word(module, "modversions ")),
        c("vermagic-randstruct").change(|module| {
            let magic = module.modinfo("vermagic")?;
            module.set_modinfo("vermagic", Some(&format!("{magic}RANDSTRUCT_0123")))
        }),
        c("vermagic-release").change(|module| {
            let magic = module.modinfo("vermagic")?;
            module.set_modinfo(
                "vermagic",
                Some(&magic.replacen("6.", "5.", 1).replacen("7.", "5.", 1)),
            )
        }),
    ]
}

fn without_word(module: &mut Patient, word: &str) -> Result<()> {
    let magic = module.modinfo("vermagic")?;
    anyhow::ensure!(magic.contains(word), "vermagic {magic} has no {word}");
    module.set_modinfo("vermagic", Some(&magic.replacen(word, "", 1)))
}

/// Files that are not whole, and sections that are not right.
fn structure() -> Vec<Pair> {
    let c = |name| Pair::new(name, Subject::C);
    vec![
        c("truncated-half").finish(|file| file.truncate(file.len() / 2)),
        c("truncated-header").finish(|file| file.truncate(10)),
        c("truncated-byte").finish(|file| file.truncate(file.len() - 1)),
        c("empty").finish(Vec::clear),
        c("text").finish(|file| *file = b"This is no module. ".repeat(8)),
        c("program").finish(|file| file[16] = 2),
        c("modinfo-twice").change(|module| module.rename_section(".comment", ".modinfo")),
        c("modinfo-gone").change(|module| module.rename_section(".modinfo", ".gone")),
        c("this-module-gone")
            .change(|module| module.rename_section(".gnu.linkonce.this_module", ".gone")),
        c("this-module-size").change(|module| {
            let mut contents = module.contents(".gnu.linkonce.this_module")?;
            contents.resize(contents.len() + 64, 0);
            module.replace(".gnu.linkonce.this_module", &contents)
        }),
        c("symbols-gone").change(|module| module.set_type(".symtab", 1)),
        c("names-not-a-string-table").change(|module| module.set_type(".shstrtab", 1)),
        c("writable-code").change(|module| module.add_flags(".init.text", 1)),
    ]
}

/// Relocations, and the sections that the architecture wants.
fn relocations(arch: Arch) -> Vec<Pair> {
    let c = |name| Pair::new(name, Subject::C);
    let mut pairs = vec![
        c("relocation-type").change(|module| {
            let relocation = module.relocation(".rela.init.text")?;
            module.put(relocation + 8, &600u32.to_le_bytes());
            Ok(())
        }),
        c("relocation-offset").change(|module| {
            let relocation = module.relocation(".rela.init.text")?;
            module.put(relocation, &0x7fff_f000u64.to_le_bytes());
            Ok(())
        }),
        c("relocation-kind").change(|module| module.set_type(".rela.init.text", 9)),
    ];
    pairs.push(match arch {
        Arch::Arm64 => c("plt-gone").change(|module| module.rename_section(".plt", ".gone")),
        Arch::X86_64 => c("relocation-target").change(|module| {
            let relocation = module.relocation(".rela.init.text")?;
            let offset = u64::from_le_bytes(module.bytes[relocation..relocation + 8].try_into()?);
            let place = module.place(".init.text")?.start + usize::try_from(offset)?;
            module.put(place, &[1]);
            Ok(())
        }),
    });
    pairs
}

/// Signatures, and who enforces them.
fn signatures() -> Vec<Pair> {
    const ENFORCED: &[&str] = &["module.sig_enforce=1"];
    let c = |name| Pair::new(name, Subject::C);
    let tamper = |file: &mut Vec<u8>| file[9] ^= 1;
    vec![
        c("unsigned-enforced").parameters(ENFORCED),
        c("signed-enforced")
            .signed(Key::Kernel)
            .parameters(ENFORCED),
        c("signed").signed(Key::Kernel),
        c("stranger-enforced")
            .signed(Key::Stranger)
            .parameters(ENFORCED),
        c("stranger").signed(Key::Stranger),
        c("tampered").signed(Key::Kernel).finish(tamper),
        c("tampered-stranger").signed(Key::Stranger).finish(tamper),
        c("trailer-kind").signed(Key::Kernel).finish(|file| {
            let at = file.len() - TRAILER + 2;
            file[at] = 1;
        }),
        c("trailer-parameters").signed(Key::Kernel).finish(|file| {
            let at = file.len() - TRAILER;
            file[at] = 1;
        }),
        c("trailer-length").signed(Key::Kernel).finish(|file| {
            let at = file.len() - TRAILER + 8;
            file[at] = 0x7f;
        }),
        c("unsigned-lockdown").parameters(&["lockdown=integrity"]),
        c("signed-lockdown")
            .signed(Key::Kernel)
            .parameters(&["lockdown=integrity"]),
    ]
}

/// What the kernel was told, has loaded, or has built in.
fn states() -> Vec<Pair> {
    let c = |name| Pair::new(name, Subject::C);
    vec![
        c("blacklisted").parameters(&["module_blacklist=other,verdict_c"]),
        c("blacklisted-other").parameters(&["module_blacklist=verdict,verdict_c2"]),
        c("no-modules").parameters(&["nomodule"]),
        c("loaded-twice").before(Before::Itself),
        c("builtin-with-directory").change(|module| module.rename_module("tcp_cubic")),
        c("builtin-without-directory").change(|module| module.rename_module("ext4")),
    ]
}
