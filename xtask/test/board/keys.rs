// SPDX-License-Identifier: GPL-2.0

//! The keys of a board and of its users, made for the test.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::{cmd, Shell};

use crate::ssh;

/// The name under which ssh knows the board, whatever port it is at.
const ALIAS: &str = "board";

/// The board's own key in the system.
const HOST_KEY: &str = "etc/ssh/ssh_host_ed25519_key";

/// The keys, in a directory of the host.
#[derive(Clone, Debug)]
pub(in crate::test) struct Keys {
    directory: PathBuf,
}

impl Keys {
    /// Makes the user's key in the directory, and puts the board's into the system.
    pub(super) fn make(sh: &Shell, directory: &Path, system: &Path) -> Result<Keys> {
        let (user, host) = (directory.join("user"), system.join(HOST_KEY));
        for file in [&user, &host] {
            cmd!(sh, "ssh-keygen -q -t ed25519 -N '' -C test -f {file}")
                .quiet()
                .run()
                .context("making a key")?;
        }
        let public = fs::read_to_string(host.with_extension("pub"))?;
        fs::write(directory.join("known_hosts"), format!("{ALIAS} {public}"))?;
        Ok(Keys {
            directory: directory.to_path_buf(),
        })
    }

    /// Lets the user's key in for a login of the system.
    pub(super) fn admit(&self, sh: &Shell, system: &Path, login: &str, home: &str) -> Result<()> {
        let directory = system.join(home).join(".ssh");
        fs::create_dir_all(&directory)?;
        let public = self.directory.join("user.pub");
        fs::copy(&public, directory.join("authorized_keys"))?;
        let passwd = fs::read_to_string(system.join("etc/passwd"))?;
        let ids = passwd.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            match fields.as_slice() {
                [name, _, user, group, ..] if *name == login => Some(format!("{user}:{group}")),
                _ => None,
            }
        });
        let ids = ids.with_context(|| format!("the system has no login {login}"))?;
        cmd!(sh, "chown --recursive {ids} {directory}")
            .quiet()
            .run()?;
        cmd!(sh, "chmod --recursive u=rwX,go= {directory}")
            .quiet()
            .run()?;
        Ok(())
    }

    /// Where the list of known host keys is.
    pub(in crate::test) fn known_hosts(&self) -> PathBuf {
        self.directory.join("known_hosts")
    }

    /// How the user's ssh connects to the board at a port of this machine.
    pub(super) fn options(&self, port: u16) -> ssh::Options {
        let options = [
            format!("UserKnownHostsFile={}", self.known_hosts().display()),
            format!("HostKeyAlias={ALIAS}"),
            String::from("StrictHostKeyChecking=yes"),
            String::from("IdentitiesOnly=yes"),
        ];
        ssh::Options {
            port: Some(port),
            identity: Some(self.directory.join("user")),
            options: options.into(),
        }
    }
}
