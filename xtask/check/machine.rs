// SPDX-License-Identifier: GPL-2.0

//! The machines that a kernel can be built for, as the module loader sees them: what it demands of an ELF header, and
//! the words that the architecture adds to the version magic.

use super::bytes::Endian;

/// What the module loader of an architecture expects.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// The kernel's name of the architecture.
    pub name: &'static str,
    /// `e_machine` of the architecture's ELF files.
    pub number: u16,
    /// The class of its ELF files: 64-bit or 32-bit.
    pub is_64: bool,
    /// The order of bytes.
    pub endian: Endian,
    /// The option that the kernel's configuration sets for it.
    pub option: &'static str,
    /// The architecture's last word in the version magic, where it is the same for every configuration.
    pub vermagic: Option<&'static str>,
    /// The size of a `struct kernel_symbol` in bytes: three 32-bit offsets, or three pointers.
    pub kernel_symbol_size: u64,
}

const fn machine(
    name: &'static str,
    number: u16,
    is_64: bool,
    endian: Endian,
    option: &'static str,
    vermagic: Option<&'static str>,
    kernel_symbol_size: u64,
) -> Machine {
    Machine {
        name,
        number,
        is_64,
        endian,
        option,
        vermagic,
        kernel_symbol_size,
    }
}

/// 64-bit Arm.
pub static ARM64: Machine = machine(
    "arm64",
    183,
    true,
    Endian::Little,
    "ARM64",
    Some("aarch64"),
    12,
);
/// 64-bit x86.
pub static X86_64: Machine = machine("x86_64", 62, true, Endian::Little, "X86_64", Some(""), 12);

/// Every machine that is known.
pub static ALL: [&Machine; 10] = [
    &ARM64,
    &X86_64,
    &machine("arm", 40, false, Endian::Little, "ARM", None, 12),
    &machine("i386", 3, false, Endian::Little, "X86_32", None, 12),
    &machine(
        "riscv64",
        243,
        true,
        Endian::Little,
        "RISCV",
        Some("riscv"),
        12,
    ),
    &machine(
        "loongarch64",
        258,
        true,
        Endian::Little,
        "LOONGARCH",
        Some("LOONGARCH 64BIT "),
        24,
    ),
    &machine("ppc64le", 21, true, Endian::Little, "PPC64", None, 12),
    &machine("s390x", 22, true, Endian::Big, "S390", Some(""), 12),
    &machine("mips64el", 8, true, Endian::Little, "MIPS", None, 24),
    &machine(
        "mipsel",
        8,
        false,
        Endian::Little,
        "CPU_LITTLE_ENDIAN",
        None,
        12,
    ),
];

impl Machine {
    /// The machine that an ELF file says it is for, by its own header.
    pub fn of_elf(bytes: &[u8]) -> Option<&'static Machine> {
        let is_64 = *bytes.get(4)? == 2;
        let endian = if *bytes.get(5)? == 2 {
            Endian::Big
        } else {
            Endian::Little
        };
        let number = endian.u16(bytes, 18)?;
        if !bytes.starts_with(b"\x7fELF") {
            return None;
        }
        let same = |machine: &&&Machine| {
            machine.number == number && machine.is_64 == is_64 && machine.endian == endian
        };
        ALL.iter().find(same).copied()
    }

    /// The machine that has this name in the kernel, in `uname -m`, in Rust or in Debian.
    pub fn by_name(name: &str) -> Option<&'static Machine> {
        let name = match name {
            "aarch64" => "arm64",
            "amd64" | "x86" => "x86_64",
            "armv7l" | "armhf" => "arm",
            "i686" => "i386",
            other => other,
        };
        ALL.iter().find(|machine| machine.name == name).copied()
    }

    /// The machine whose `e_machine` this is; the number has more than one only where class or byte order differ.
    pub fn by_number(number: u16) -> Option<&'static Machine> {
        ALL.iter().find(|machine| machine.number == number).copied()
    }

    /// The size of a machine word in bytes.
    pub fn word(&self) -> u64 {
        if self.is_64 {
            8
        } else {
            4
        }
    }

    /// Where the name stands in a `struct module` on disk: after the state and a list head.
    pub fn module_name_offset(&self) -> u64 {
        3 * self.word()
    }

    /// `MODULE_NAME_LEN`: the room for a name, in `struct module` and in an entry of `__versions`.
    pub fn module_name_length(&self) -> u64 {
        64 - self.word()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_found_by_any_of_its_names() {
        assert_eq!(Machine::by_name("aarch64"), Some(&ARM64));
        assert_eq!(Machine::by_name("amd64"), Some(&X86_64));
        assert_eq!(Machine::by_name("vax"), None);
    }

    #[test]
    fn the_name_lies_where_struct_module_has_it() {
        assert_eq!(
            (ARM64.module_name_offset(), ARM64.module_name_length()),
            (24, 56)
        );
    }
}
