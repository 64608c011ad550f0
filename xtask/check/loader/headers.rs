// SPDX-License-Identifier: GPL-2.0

//! The ELF header and the section headers of a module: `elf_validity_ehdr()` and `elf_validity_cache_sechdrs()`.

use super::super::elf::{Elf, Header, Layout, SHT_NOBITS, SHT_NULL};
use super::super::machine::Machine;
use super::structure::{broken, Broken};

/// `elf_validity_ehdr()`.
pub(super) fn check_header(module: &[u8], machine: &Machine) -> Result<Header, Broken> {
    let layout = Layout::of(machine);
    let header = layout
        .header(module)
        .filter(|_| module.len() as u64 >= layout.header_size());
    let Some(header) = header else {
        let line = format!("Invalid ELF header len {}", module.len());
        return broken("elf-header", line, "the file is shorter than an ELF header");
    };
    if !module.starts_with(b"\x7fELF") {
        return broken(
            "elf-header",
            "Invalid ELF header magic: != \u{7f}ELF",
            "the file is no ELF file",
        );
    }
    if header.file_type != 1 {
        let line = format!("Invalid ELF header type: {} != 1", header.file_type);
        let foreign = Machine::of_elf(module).filter(|own| own.endian != machine.endian);
        let cause = match foreign {
            Some(own) => format!(
                "the module is for {}, whose byte order is not that of {}",
                own.name, machine.name
            ),
            None => {
                String::from("the file is no relocatable object: a program or a linked library")
            }
        };
        return broken("elf-type", line, cause);
    }
    if header.machine != machine.number {
        let line = format!("Invalid architecture in ELF header: {}", header.machine);
        let own = Machine::by_number(header.machine).map_or("another machine", |own| own.name);
        return broken(
            "elf-machine",
            line,
            format!("the module is for {own}, the target is {}", machine.name),
        );
    }
    Ok(header)
}

/// `elf_validity_cache_sechdrs()`.
pub(super) fn check_sections<'a>(
    module: &'a [u8],
    machine: &Machine,
    header: Header,
) -> Result<Elf<'a>, Broken> {
    const RULE: &str = "elf-sections";
    let layout = Layout::of(machine);
    if u64::from(header.section_size) != layout.section_size() {
        let cause = "the section headers have another size than the target's: another ELF class";
        return broken(RULE, "Invalid ELF section header size", cause);
    }
    let Some(elf) =
        Elf::with_layout(module, layout).filter(|_| header.section_offset < module.len() as u64)
    else {
        let cause = "the section headers lie outside the file: it is truncated";
        return broken(RULE, "Invalid ELF section header overflow", cause);
    };
    // With no section header at all the kernel reads what stands where the first one would be.
    let first = layout.section(module, header.section_offset);
    if let Some(first) =
        first.filter(|first| first.kind != SHT_NULL || first.size != 0 || first.address != 0)
    {
        let kind = first.kind.cast_signed_stable();
        let line =
            format!("ELF Spec violation: section 0 type({kind})!=SH_NULL or non-zero len or addr");
        return broken(RULE, line, "the first section header is not empty");
    }
    for (index, section) in elf.sections.iter().enumerate().skip(1) {
        let end = section.offset.checked_add(section.size);
        let is_inside = end.is_some_and(|end| end <= module.len() as u64);
        if section.kind != SHT_NULL && section.kind != SHT_NOBITS && !is_inside {
            let line = format!(
                "Invalid ELF section in module (section {index} type {})",
                section.kind
            );
            return broken(
                RULE,
                line,
                "a section lies outside the file: it is truncated",
            );
        }
    }
    Ok(elf)
}

/// The kernel's `%d` of an unsigned number; `u32::cast_signed` is newer than the oldest Rust that builds this.
pub(super) trait CastSigned {
    fn cast_signed_stable(self) -> i32;
}

impl CastSigned for u32 {
    fn cast_signed_stable(self) -> i32 {
        i32::from_ne_bytes(self.to_ne_bytes())
    }
}
