// SPDX-License-Identifier: GPL-2.0

//! Inserting and removing kernel modules.

use std::ffi::CString;
use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::system::{delete_module, finit_module};

/// The directory where the virtual machine has its modules.
pub const DIRECTORY: &str = "/lib/modules";

/// A module file and the parameters to insert it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The module's file.
    pub path: PathBuf,
    /// Parameters, each `name=value`, separated by spaces.
    pub parameters: String,
}

impl Module {
    /// The module of that name, without parameters.
    pub fn named(name: &str) -> Self {
        let path = Path::new(DIRECTORY).join(name).with_extension("ko");
        Self {
            path,
            parameters: String::new(),
        }
    }

    /// The module with one more parameter.
    pub fn with(mut self, parameter: &str) -> Self {
        if !self.parameters.is_empty() {
            self.parameters.push(' ');
        }
        self.parameters.push_str(parameter);
        self
    }

    /// Parses `FILE[,NAME=VALUE]...`, where a file without a slash is looked up among the machine's modules.
    pub fn parse(text: &str) -> Self {
        let mut words = text.split(',');
        let path = Path::new(DIRECTORY).join(words.next().unwrap_or_default());
        words.fold(
            Self {
                path,
                parameters: String::new(),
            },
            Self::with,
        )
    }

    /// The name that the kernel knows the module by.
    pub fn name(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().replace('-', "_")
    }

    /// Inserts the module; the kernel's errno when it refuses.
    pub fn insert(&self) -> Result<(), Errno> {
        let file = File::open(&self.path)
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::NOENT))?;
        let parameters = CString::new(self.parameters.as_str()).map_err(|_| Errno::INVAL)?;
        finit_module(file, &parameters, 0)
    }

    /// Removes the module; EAGAIN (which the kernel spells EWOULDBLOCK) while somebody uses it.
    pub fn remove(&self) -> Result<(), Errno> {
        let name = CString::new(self.name()).map_err(|_| Errno::INVAL)?;
        delete_module(&name, OFlags::NONBLOCK.bits() as i32)
    }

    /// Whether the kernel has the module.
    pub fn is_loaded(&self) -> bool {
        Path::new("/sys/module")
            .join(self.name())
            .join("initstate")
            .exists()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_parsed_with_its_parameters() {
        let module = Module::parse("a-gpu.ko,chip=a660,verbose=1");
        assert_eq!(module.path, Path::new("/lib/modules/a-gpu.ko"));
        assert_eq!(module.parameters, "chip=a660 verbose=1");
        assert_eq!(module.name(), "a_gpu");
    }

    #[test]
    fn an_absolute_path_stays() {
        assert_eq!(Module::parse("/tmp/x.ko").path, Path::new("/tmp/x.ko"));
    }
}
