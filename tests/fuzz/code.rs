// SPDX-License-Identifier: GPL-2.0

//! Where the module's functions are, as /proc/kallsyms tells.

use std::fs;

/// The crate of the module, as mangled names end it.
const ROOT: &str = "kgsl_shim_main";

/// The functions of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct Code {
    /// Distances of functions from the first one, in order.
    functions: Vec<(u64, String)>,
    start: u64,
}

impl Code {
    /// The functions of the module, none if it is not there.
    pub(super) fn of(module: &str) -> Self {
        let text = fs::read_to_string("/proc/kallsyms").unwrap_or_default();
        Self::parse(&text, module)
    }

    fn parse(text: &str, module: &str) -> Self {
        let suffix = format!("[{module}]");
        let mut functions: Vec<_> = text
            .lines()
            .filter_map(|line| function(line, &suffix))
            .collect();
        functions.sort();
        // Names of one place are one function.
        functions.dedup_by_key(|(address, _)| *address);
        let start = functions.first().map_or(0, |(address, _)| *address);
        for (address, _) in &mut functions {
            *address -= start;
        }
        Self { functions, start }
    }

    /// Whether it is known where the module is.
    pub(super) fn is_known(&self) -> bool {
        self.start != 0
    }

    /// How far an address lies from the start of the module's code; far, if it is not the module's.
    pub(super) fn distance(&self, address: u64) -> u64 {
        address.wrapping_sub(self.start)
    }

    /// How many functions there are.
    pub(super) fn count(&self) -> usize {
        self.functions.len()
    }

    /// The names of all functions.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|(_, name)| name.as_str())
    }

    /// The functions that these distances, which are in order, lie in.
    pub(super) fn run(&self, places: &[u64]) -> Vec<&str> {
        let mut run: Vec<usize> = places
            .iter()
            .filter_map(|place| {
                let after = self.functions.partition_point(|(start, _)| start <= place);
                after.checked_sub(1)
            })
            .collect();
        run.dedup();
        run.iter()
            .map(|&index| self.functions[index].1.as_str())
            .collect()
    }
}

/// The part of a Rust module, which is a crate, that a function of it is of: the first one that its mangled name names.
/// `None` for a function of C.
pub(super) fn part(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once(ROOT)?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
    let (length, rest) = rest.split_at(digits);
    rest.get(..length.parse().ok()?)
}

/// A line `ADDRESS TYPE NAME [MODULE]` of a function of the module.
fn function(line: &str, suffix: &str) -> Option<(u64, String)> {
    let mut words = line.split_whitespace();
    let address = u64::from_str_radix(words.next()?, 16).ok()?;
    let (kind, name) = (words.next()?, words.next()?);
    let is_function = matches!(kind, "t" | "T") && words.next()? == suffix;
    // arm64 marks where code and data begin.
    (is_function && address != 0 && !name.starts_with('$')).then(|| (address, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
ffff800080000000 T _text
ffff80007a002000 t second\t[gpu]
ffff80007a001000 t first\t[gpu]
ffff80007a001000 t $x\t[gpu]
ffff80007a003000 d data\t[gpu]
ffff80007b000000 t other\t[sound]
";

    #[test]
    fn a_function_is_of_a_part() {
        let name = "_RNvMNtNtCsi1dcQoqOGMb_14kgsl_shim_main3gpu9registersNtB2_9Registers4read";
        assert_eq!(part(name), Some("gpu"));
        assert_eq!(part("kgsl_shim_ida_init"), None);
    }

    #[test]
    fn places_lie_in_functions() {
        let code = Code::parse(TEXT, "gpu");
        assert_eq!((code.count(), code.is_known()), (2, true));
        let place = code.distance(0xffff_8000_7a00_1004);
        assert_eq!(place, 4);
        assert_eq!(code.run(&[place, 8, 0x1010]), ["first", "second"]);
        assert!(!Code::parse(TEXT, "nothing").is_known());
    }
}
