// SPDX-License-Identifier: GPL-2.0

//! The URLs of git repositories, as git writes them and as bitbake does.

use anyhow::Context;

use crate::advice::Advise;

/// A repository on another machine.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repository {
    protocol: &'static str,
    /// The host, with a user before it where the protocol has one.
    host: String,
    /// The path, without the slash that begins it.
    path: String,
}

/// Reads `https://HOST/PATH`, `ssh://[USER@]HOST/PATH` and `USER@HOST:PATH`.
pub(super) fn parse(url: &str) -> anyhow::Result<Repository> {
    let found = with_protocol(url, "https")
        .or_else(|| with_protocol(url, "ssh"))
        .or_else(|| short(url));
    found
        .with_context(|| format!("nobody else can fetch from {url}"))
        .advise("say --repository with a URL of https:// or ssh://")
}

fn with_protocol(url: &str, protocol: &'static str) -> Option<Repository> {
    let rest = url.strip_prefix(protocol)?.strip_prefix("://")?;
    repository(protocol, rest.split_once('/')?)
}

fn short(url: &str) -> Option<Repository> {
    let (host, path) = url.split_once(':')?;
    let is_host = host.contains('@') && !host.contains('/');
    is_host.then_some(())?;
    repository("ssh", (host, path))
}

fn repository(protocol: &'static str, (host, path): (&str, &str)) -> Option<Repository> {
    // These characters have a meaning in a recipe.
    let plain = |text: &str| !text.is_empty() && !text.contains([';', '"', '$', ' ', '\n']);
    (plain(host) && plain(path)).then(|| Repository {
        protocol,
        host: host.to_owned(),
        path: path.to_owned(),
    })
}

impl Repository {
    /// As bitbake writes it.
    pub(super) fn uri(&self) -> String {
        format!(
            "git://{}/{};protocol={}",
            self.host, self.path, self.protocol
        )
    }

    /// Where people look.
    pub(super) fn homepage(&self) -> String {
        let host = self.host.rsplit('@').next().unwrap_or_default();
        let path = self.path.trim_end_matches(".git");
        format!("https://{host}/{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_uri_and_its_homepage() {
        for (url, uri) in [
            (
                "https://example.org/a/b.git",
                "git://example.org/a/b.git;protocol=https",
            ),
            (
                "ssh://git@example.org/a/b",
                "git://git@example.org/a/b;protocol=ssh",
            ),
            (
                "git@example.org:a/b.git",
                "git://git@example.org/a/b.git;protocol=ssh",
            ),
        ] {
            let repository = parse(url).unwrap();
            assert_eq!(repository.uri(), uri);
            assert_eq!(repository.homepage(), "https://example.org/a/b");
        }
    }

    #[test]
    fn what_only_this_machine_reaches_is_refused() {
        for url in [
            "/srv/git/module",
            "file:///srv/module",
            "../module",
            "https://example.org",
            "https://example.org/a;tag=b",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }
}
