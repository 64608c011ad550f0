// SPDX-License-Identifier: GPL-2.0

//! Files that are in the way: somebody else's under the same name, or our own that somebody has changed.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, Result};
use xshell::Shell;

use crate::advice::Advise;
use crate::install::receipt::Receipt;
use crate::install::Root;
use crate::kernel::digest;

/// Who a file that is there belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nothing is there.
    Nobody,
    /// An earlier installation, as it left it.
    Installation,
    /// An earlier installation; somebody has changed it since.
    Changed,
    /// Somebody else.
    Foreign,
}

/// Who the file at a place belongs to.
pub fn owner(sh: &Shell, root: &Root, receipts: &[Receipt], path: &Path) -> Result<Owner> {
    if path.symlink_metadata().is_err() {
        return Ok(Owner::Nobody);
    }
    let relative = root.relative(path)?;
    let mut digests = receipts
        .iter()
        .filter_map(|receipt| receipt.files.get(&relative))
        .peekable();
    if digests.peek().is_none() {
        return Ok(Owner::Foreign);
    }
    let present = match path.is_symlink() {
        true => String::new(),
        false => digest::of_file(sh, path)?,
    };
    match digests.any(|digest| *digest == present) {
        true => Ok(Owner::Installation),
        false => Ok(Owner::Changed),
    }
}

/// Of the files that are to be written, those that become ours. One that is there already, from elsewhere and with the
/// same content, stays somebody else's; with another content, it is an error.
pub fn adoptable(
    sh: &Shell,
    root: &Root,
    receipts: &[Receipt],
    files: &[(PathBuf, PathBuf)],
) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut ours = Vec::new();
    for (staged, place) in files {
        let same = || Ok::<_, anyhow::Error>(std::fs::read(staged)? == std::fs::read(place)?);
        match owner(sh, root, receipts, place)? {
            Owner::Nobody | Owner::Installation => ours.push((staged.clone(), place.clone())),
            Owner::Changed if same()? => ours.push((staged.clone(), place.clone())),
            Owner::Foreign if !place.is_symlink() && same()? => {}
            owner => return Err(clash(owner, place)).advise(mend(place)),
        }
    }
    Ok(ours)
}

fn clash(owner: Owner, place: &Path) -> anyhow::Error {
    let place = place.display();
    match owner {
        Owner::Changed => anyhow!("{place} was changed since it was installed"),
        _ => anyhow!("{place} is there already, and another hand than install's put it there"),
    }
}

fn mend(place: &Path) -> String {
    match place.extension().is_some_and(|suffix| suffix == "conf") {
        true => "move your lines to a file of another name in etc/modprobe.d, and remove this one"
            .to_owned(),
        false => "remove it, or move it away".to_owned(),
    }
}
