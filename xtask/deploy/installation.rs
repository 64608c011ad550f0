// SPDX-License-Identifier: GPL-2.0

//! The installation of `--persist`, planned as `install` would do it in the machine's own root: whose the files are that
//! are there already, what of an earlier installation goes, and the receipt by which `uninstall` undoes it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, Context, Result};

use super::package::Package;
use crate::advice::Advise;
use crate::install::receipt::Receipt;
use crate::manifest::Manifest;
use crate::ssh::{quote, Host};

/// What is to be done to the files of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Installation {
    /// The places of the files that are written, from the root.
    pub(super) written: BTreeSet<String>,
    /// The places of those that an earlier installation left and this one has not.
    pub(super) stale: Vec<String>,
    /// Where the receipt goes, from the root.
    pub(super) receipt_place: String,
    /// The receipt.
    pub(super) receipt: Receipt,
}

/// What the machine has.
#[derive(Clone, Debug, Default)]
struct Present {
    /// The directories that this installation would create.
    missing: BTreeSet<String>,
    /// Whether there is an index of modprobe.
    has_index: bool,
    /// The receipts of every kernel.
    receipts: Vec<Receipt>,
    /// The SHA-256 of each file that is there, of those that the receipts and this installation name.
    digests: BTreeMap<String, String>,
}

/// Looks at the machine, and plans.
pub(super) fn plan(host: &Host, package: &Package) -> Result<Installation> {
    let staged = package.receipt.as_ref();
    let staged = staged.context("the installation was not staged")?;
    let manifest = Manifest::load()?;
    let present = look(host, &manifest, staged)
        .with_context(|| format!("looking for earlier installations on {}", host.name()))?;
    let directory = format!("lib/modules/{}", staged.release);
    let of_module = staged.files.keys().find(|place| place.contains(&directory));
    let start = of_module.and_then(|place| Some(place.split_once(&directory)?.0));
    let start = start.context("the installation has no module")?;
    decide(staged, &present, |receipt| Installation {
        receipt_place: format!("{start}{directory}/{}.receipt.json", manifest.package),
        receipt,
        ..Installation::default()
    })
}

/// What the machine has of all that matters.
fn look(host: &Host, manifest: &Manifest, staged: &Receipt) -> Result<Present> {
    let directories: Vec<String> = staged.directories.iter().map(|name| quote(name)).collect();
    let printed = host.read(&format!(
        "cd /; for name in {}; do [ -d \"$name\" ] || echo \"missing=$name\"; done
        if [ -e {}/modules.dep ]; then echo index=yes; fi
        echo receipts=
        cat /lib/modules/*/{}.receipt.json 2> /dev/null; true",
        directories.join(" "),
        quote(&format!("/lib/modules/{}", staged.release)),
        manifest.package,
    ))?;
    let (facts, receipts) = printed.split_once("receipts=\n").unwrap_or((&printed, ""));
    let mut present = Present {
        has_index: facts.lines().any(|line| line == "index=yes"),
        receipts: read_receipts(receipts)?,
        ..Present::default()
    };
    let missing = facts
        .lines()
        .filter_map(|line| line.strip_prefix("missing="));
    present.missing = missing.map(str::to_owned).collect();
    let of_receipts = present.receipts.iter().flat_map(|one| one.files.keys());
    let names: BTreeSet<&String> = of_receipts.chain(staged.files.keys()).collect();
    let names: Vec<String> = names.into_iter().map(|name| quote(name)).collect();
    let digests = host.read(&format!(
        "cd /; for name in {}; do if [ -f \"$name\" ]; then sha256sum \"$name\" || exit; fi; done",
        names.join(" ")
    ))?;
    present.digests = read_digests(&digests);
    Ok(present)
}

fn read_receipts(text: &str) -> Result<Vec<Receipt>> {
    serde_json::Deserializer::from_str(text)
        .into_iter()
        .collect::<Result<_, _>>()
        .context("a receipt is damaged")
        .advise("remove it and the files that it names, then deploy again")
}

/// The lines of sha256sum.
fn read_digests(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|line| line.split_once("  "));
    pairs
        .map(|(digest, name)| (name.to_owned(), digest.to_owned()))
        .collect()
}

/// The plan: `frame` makes it of its receipt. Fails where somebody else's file is in the way.
fn decide(
    staged: &Receipt,
    present: &Present,
    frame: impl FnOnce(Receipt) -> Installation,
) -> Result<Installation> {
    let mut receipt = staged.clone();
    for (place, digest) in &staged.files {
        if !becomes_ours(present, place, digest)? {
            receipt.files.remove(place);
        }
    }
    receipt
        .directories
        .retain(|name| present.missing.contains(name));
    receipt.created_index = !present.has_index;
    let is_earlier = |other: &&Receipt| other.release == staged.release;
    let mut stale = Vec::new();
    if let Some(earlier) = present.receipts.iter().find(is_earlier) {
        receipt.directories.extend(earlier.directories.clone());
        receipt.created_index = earlier.created_index;
        let is_kept = |place: &String| {
            let others = present.receipts.iter().filter(|other| *other != earlier);
            let is_shared = others
                .into_iter()
                .any(|other| other.files.contains_key(place));
            is_shared || staged.files.contains_key(place)
        };
        let unchanged = earlier
            .files
            .iter()
            .filter(|(place, digest)| present.digests.get(*place) == Some(*digest));
        let gone = unchanged.map(|(place, _)| place.clone());
        stale = gone.filter(|place| !is_kept(place)).collect();
    }
    let written = receipt.files.keys().cloned().collect();
    Ok(Installation {
        written,
        stale,
        ..frame(receipt)
    })
}

/// Whether a file that is to be written is ours from then on. One that is there already with the same content, from
/// elsewhere, stays somebody else's; with another content, it is in the way.
fn becomes_ours(present: &Present, place: &str, wanted: &str) -> Result<bool> {
    let Some(found) = present.digests.get(place) else {
        return Ok(true);
    };
    let mut recorded = present
        .receipts
        .iter()
        .filter_map(|receipt| receipt.files.get(place))
        .peekable();
    let is_foreign = recorded.peek().is_none();
    if found == wanted {
        return Ok(!is_foreign);
    }
    if recorded.any(|digest| digest == found) {
        return Ok(true);
    }
    let error = match is_foreign {
        true => anyhow!("/{place} is there already, and neither install nor deploy put it there"),
        false => anyhow!("/{place} was changed since it was installed"),
    };
    Err(error).advise("remove it there, or move it away")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(files: &[(&str, &str)]) -> Receipt {
        let own = |(name, digest): &(&str, &str)| ((*name).to_owned(), (*digest).to_owned());
        Receipt {
            release: "6.18".to_owned(),
            files: files.iter().map(own).collect(),
            directories: ["etc/modprobe.d".to_owned(), "usr/lib".to_owned()].into(),
            created_index: true,
            ..Receipt::default()
        }
    }

    fn present(digests: &[(&str, &str)], receipts: &[Receipt]) -> Present {
        let own = |(name, digest): &(&str, &str)| ((*name).to_owned(), (*digest).to_owned());
        Present {
            missing: ["etc/modprobe.d".to_owned()].into(),
            has_index: true,
            receipts: receipts.to_vec(),
            digests: digests.iter().map(own).collect(),
        }
    }

    fn decided(staged: &Receipt, present: &Present) -> Result<Installation> {
        decide(staged, present, |receipt| Installation {
            receipt,
            ..Installation::default()
        })
    }

    #[test]
    fn the_receipt_tells_what_this_machine_lacked() {
        let staged = receipt(&[("a.ko", "1"), ("b.conf", "2")]);
        let plan = decided(&staged, &present(&[], &[])).unwrap();
        assert_eq!(plan.receipt.files, staged.files);
        assert!(plan.receipt.directories.iter().eq(["etc/modprobe.d"]));
        assert!(!plan.receipt.created_index);
        assert_eq!(plan.written.len(), 2);
    }

    #[test]
    fn what_the_earlier_one_had_and_this_one_has_not_goes() {
        let earlier = receipt(&[("a.ko", "0"), ("o.conf", "3"), ("p.conf", "4")]);
        let there = [("a.ko", "0"), ("o.conf", "3"), ("p.conf", "changed")];
        let plan = decided(
            &receipt(&[("a.ko", "1")]),
            &present(&there, std::slice::from_ref(&earlier)),
        );
        let plan = plan.unwrap();
        assert_eq!(plan.stale, ["o.conf"]);
        // There was no index before the earlier one.
        assert!(plan.receipt.created_index);
        let other = Receipt {
            release: "7.2".to_owned(),
            ..receipt(&[("o.conf", "3")])
        };
        let plan = decided(
            &receipt(&[("a.ko", "1")]),
            &present(&there, &[earlier, other]),
        );
        assert_eq!(plan.unwrap().stale, [""; 0]);
    }

    #[test]
    fn somebody_elses_file_is_in_the_way_unless_it_is_the_same() {
        let staged = receipt(&[("a.ko", "1"), ("b.conf", "2")]);
        let plan = decided(&staged, &present(&[("b.conf", "2")], &[])).unwrap();
        assert!(plan.written.iter().eq(["a.ko"]));
        let error = decided(&staged, &present(&[("b.conf", "9")], &[])).unwrap_err();
        assert!(
            error.to_string().contains("/b.conf is there already"),
            "{error}"
        );
        let there = present(&[("b.conf", "9")], &[receipt(&[("b.conf", "2")])]);
        let error = decided(&staged, &there).unwrap_err();
        assert!(error.to_string().contains("was changed"), "{error}");
    }

    #[test]
    fn receipts_may_follow_each_other() {
        let text = receipt(&[("a.ko", "1")]).text().unwrap();
        assert_eq!(read_receipts(&format!("{text}{text}")).unwrap().len(), 2);
        assert!(read_receipts("{\"release\":").is_err());
        assert_eq!(read_digests("12ab  usr/a b\n")["usr/a b"], "12ab");
    }
}
