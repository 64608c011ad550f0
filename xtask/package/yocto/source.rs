// SPDX-License-Identifier: GPL-2.0

//! The commit that recipes fetch, and what it is called in them.

use std::fmt;

use anyhow::{ensure, Context};
use xshell::{cmd, Shell};

use super::repository;
use crate::advice::Advise;
use crate::generate::yocto::Revision;
use crate::manifest::Manifest;

/// A commit of a repository that others reach.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its URL.
    pub repository: String,
    /// The branch that holds the commit; none when no branch is checked out.
    pub branch: Option<String>,
    /// The commit, in 40 digits.
    pub commit: String,
    /// Whether the commit has the tag of the package's version.
    pub tagged: bool,
}

impl Source {
    /// What is checked out. Nothing may be uncommitted: nobody could fetch it.
    pub fn of_checkout(sh: &Shell, repository: Option<String>) -> anyhow::Result<Source> {
        let changes = git(sh, &["status", "--porcelain"])?;
        ensure_committed(&changes)?;
        let repository = match repository {
            Some(url) => url,
            None => git(sh, &["remote", "get-url", "origin"])
                .context("no --repository, and no remote named origin")
                .advise("say --repository URL")?,
        };
        let branch = git(sh, &["symbolic-ref", "--short", "--quiet", "HEAD"]).ok();
        let tags = git(sh, &["tag", "--points-at", "HEAD"])?;
        let tag = tag(&Manifest::load()?.version);
        Ok(Source {
            repository,
            branch,
            commit: git(sh, &["rev-parse", "HEAD"])?,
            tagged: tags.lines().any(|line| line == tag),
        })
    }

    /// The lines of a recipe that fetch it. A commit with a tag is a version; any other one is a state on the way to it.
    pub fn revision(&self) -> anyhow::Result<Revision> {
        let repository = repository::parse(&self.repository)?;
        let branch = match &self.branch {
            Some(branch) => format!("branch={branch}"),
            None => "nobranch=1".to_owned(),
        };
        let (version, tag) = match self.tagged {
            true => (String::new(), ";tag=v${PV}"),
            false => (format!("PV = \"{}+git\"\n", Manifest::load()?.version), ""),
        };
        let (uri, commit) = (repository.uri(), &self.commit);
        Ok(Revision {
            homepage: repository.homepage(),
            source: format!("{version}SRC_URI = \"{uri};{branch}{tag}\"\nSRCREV = \"{commit}\""),
        })
    }

    /// The name of a recipe's file: with the version when that is tagged.
    pub(super) fn file_name(&self, path: &str, version: &str) -> String {
        match self.tagged {
            true => path.replace("_git.bb", &format!("_{version}.bb")),
            false => path.to_owned(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tagged = if self.tagged {
            ", tagged"
        } else {
            ", untagged"
        };
        write!(f, "{} of {}{tagged}", self.commit, self.repository)
    }
}

/// The tag of a version.
fn tag(version: &str) -> String {
    format!("v{version}")
}

fn ensure_committed(changes: &str) -> anyhow::Result<()> {
    let committed = || -> anyhow::Result<()> {
        ensure!(
            changes.is_empty(),
            "this checkout has changes that no commit holds:\n{changes}"
        );
        Ok(())
    };
    committed().advise("git commit")
}

fn git(sh: &Shell, arguments: &[&str]) -> anyhow::Result<String> {
    cmd!(sh, "git {arguments...}")
        .quiet()
        .ignore_stderr()
        .read()
        .with_context(|| format!("asking git {}", arguments.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(branch: Option<&str>, tagged: bool) -> String {
        let source = Source {
            repository: "https://git.example.org/module.git".to_owned(),
            branch: branch.map(str::to_owned),
            commit: "c0ffee".to_owned(),
            tagged,
        };
        source.revision().unwrap().source
    }

    #[test]
    fn a_tagged_commit_is_a_version() {
        let version = Manifest::load().unwrap().version;
        assert_eq!(
            source(Some("main"), true),
            "SRC_URI = \"git://git.example.org/module.git;protocol=https;branch=main;tag=v${PV}\"\nSRCREV = \"c0ffee\""
        );
        assert_eq!(
            source(None, false),
            format!(
                "PV = \"{version}+git\"\n\
                 SRC_URI = \"git://git.example.org/module.git;protocol=https;nobranch=1\"\nSRCREV = \"c0ffee\""
            )
        );
    }

    #[test]
    fn what_is_not_committed_cannot_be_fetched() {
        assert!(ensure_committed("").is_ok());
        let error = ensure_committed(" M kmod/lib.rs").unwrap_err();
        assert!(error.to_string().contains("kmod/lib.rs"), "{error}");
    }
}
