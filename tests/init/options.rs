// SPDX-License-Identifier: GPL-2.0

//! What the host asks for: the words of a file in the initramfs, because the kernel's command line is short and splits
//! at spaces.

use std::fs;
use std::io;
use std::time::Duration;

use crate::module::Module;

/// The words, each ended by a zero byte.
const FILE: &str = "/etc/arguments";

/// How long a test may take where the host does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// What PID 1 is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// Modules to insert before and to remove after everything else.
    pub(super) modules: Vec<Module>,
    /// Which tests to run: each `SUITE` or `SUITE.TEST`.
    pub(super) patterns: Vec<String>,
    /// How long one test may take.
    pub(super) timeout: Duration,
    /// The program to run instead of tests, with its arguments.
    pub(super) command: Vec<String>,
    /// Whether to leave a shell on the terminal.
    pub(super) shell: bool,
    /// Whether to look for leaks after the program.
    pub(super) kmemleak: bool,
}

impl Options {
    /// Reads them from the file.
    pub(super) fn read() -> io::Result<Self> {
        let text = fs::read_to_string(FILE)?;
        Self::parse(text.split_terminator('\0')).map_err(io::Error::other)
    }

    /// Parses the words: options, then `--` and the program where there is one.
    fn parse<'a>(mut words: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut options = Self {
            modules: vec![],
            patterns: vec![],
            timeout: DEFAULT_TIMEOUT,
            command: vec![],
            shell: false,
            kmemleak: false,
        };
        for word in words.by_ref().take_while(|word| *word != "--") {
            options.take(word)?;
        }
        options.command = words.map(str::to_owned).collect();
        Ok(options)
    }

    fn take(&mut self, argument: &str) -> Result<(), String> {
        let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
        match name {
            "--module" => self.modules.push(Module::parse(value)),
            "--test" => self.patterns.push(value.to_owned()),
            "--timeout" => {
                let seconds = value
                    .parse()
                    .map_err(|_| format!("not a number of seconds: {value}"))?;
                self.timeout = Duration::from_secs(seconds);
            }
            "--shell" => self.shell = true,
            "--kmemleak" => self.kmemleak = true,
            _ => return Err(format!("PID 1 knows no option {argument}")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, String> {
        Options::parse(words.iter().copied())
    }

    #[test]
    fn every_option_is_taken() {
        let options = parse(&[
            "--module=a.ko,x=1",
            "--test=load",
            "--test=abi.version",
            "--timeout=5",
            "--kmemleak",
        ])
        .unwrap();
        assert_eq!(options.modules, [Module::parse("a.ko,x=1")]);
        assert_eq!(options.patterns, ["load", "abi.version"]);
        assert_eq!(options.timeout, Duration::from_secs(5));
        assert!(options.command.is_empty() && !options.shell && options.kmemleak);
    }

    #[test]
    fn a_command_keeps_its_own_options() {
        let options = parse(&["--shell", "--", "/bin/demo", "--", "--shell", "a b"]).unwrap();
        assert!(options.shell && !options.kmemleak);
        assert_eq!(options.command, ["/bin/demo", "--", "--shell", "a b"]);
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert_eq!(
            parse(&["--frob"]).unwrap_err(),
            "PID 1 knows no option --frob"
        );
        assert!(parse(&["--timeout=soon"]).is_err());
    }
}
