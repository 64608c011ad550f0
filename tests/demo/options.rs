// SPDX-License-Identifier: GPL-2.0

//! The demo's command line.

/// What the demo is to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The dword of the command buffer to damage before it is submitted.
    pub mutate: Option<usize>,
}

/// What the demo says when it is asked, or when it is not understood.
const USAGE: &str = "\
Usage: demo [--mutate[=DWORD]]

Has the GPU write to memory, and compares what it wrote with what it had to write.

  --mutate[=DWORD]  flip a bit in that dword of the command buffer first: the demo must then fail
";

/// The dword that is damaged where none is named: the first value of the first packet.
const FIRST_VALUE: usize = 3;

impl Options {
    /// Parses the arguments; a text for the user when there is something else to say than to run.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        for argument in arguments {
            options.mutate = match argument.split_once('=') {
                None if argument == "--mutate" => Some(FIRST_VALUE),
                Some(("--mutate", index)) => Some(
                    index
                        .parse()
                        .map_err(|_| format!("not a dword: {index}\n{USAGE}"))?,
                ),
                _ => return Err(USAGE.to_owned()),
            };
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        Options::parse(arguments.iter().map(|argument| argument.to_string()))
    }

    #[test]
    fn options_are_parsed() {
        assert_eq!(parse(&[]).unwrap().mutate, None);
        assert_eq!(parse(&["--mutate"]).unwrap().mutate, Some(3));
        assert_eq!(parse(&["--mutate=7"]).unwrap().mutate, Some(7));
        assert!(parse(&["--mutate=x"]).is_err());
        assert!(parse(&["--help"]).unwrap_err().starts_with("Usage"));
    }
}
