// SPDX-License-Identifier: GPL-2.0

//! Files that are in the way.

use std::collections::BTreeMap;
use std::path::PathBuf;

use xshell::Shell;

use super::Fixture;
use crate::install::clashes::{adoptable, owner, Owner};
use crate::install::receipt::Receipt;
use crate::kernel::digest;

const PLACE: &str = "etc/modprobe.d/demo.conf";

/// A receipt for the file with the text.
fn receipt(sh: &Shell, text: &str) -> Receipt {
    let digest = digest::of_text(sh, text).unwrap();
    Receipt {
        release: "6.18.0".to_owned(),
        files: BTreeMap::from([(PLACE.to_owned(), digest)]),
        ..Receipt::default()
    }
}

/// The new file, and its place.
fn new(fixture: &Fixture) -> Vec<(PathBuf, PathBuf)> {
    let staged = fixture.path.parent().unwrap().join("staged");
    std::fs::write(&staged, "new").unwrap();
    vec![(staged, fixture.root().place(PLACE).unwrap())]
}

#[test]
fn a_file_belongs_to_whom_the_receipts_say() {
    let (fixture, sh) = (Fixture::new(), Shell::new().unwrap());
    let root = fixture.root();
    let place = root.place(PLACE).unwrap();
    let receipts = [receipt(&sh, "old")];
    let of = |receipts: &[Receipt]| owner(&sh, &root, receipts, &place).unwrap();
    assert_eq!(of(&receipts), Owner::Nobody);
    fixture.write(PLACE, "old");
    assert_eq!(
        (of(&receipts), of(&[])),
        (Owner::Installation, Owner::Foreign)
    );
    fixture.write(PLACE, "old, and more");
    assert_eq!(of(&receipts), Owner::Changed);
}

#[test]
fn what_others_wrote_or_changed_is_not_overwritten() {
    let (fixture, sh) = (Fixture::new(), Shell::new().unwrap());
    let (root, files) = (fixture.root(), new(&fixture));
    let receipts = [receipt(&sh, "old")];
    fixture.write(PLACE, "theirs");
    let error = adoptable(&sh, &root, &[], &files).unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
    let error = adoptable(&sh, &root, &receipts, &files).unwrap_err();
    assert!(error.to_string().contains("was changed since"), "{error}");
    fixture.write(PLACE, "old");
    assert_eq!(adoptable(&sh, &root, &receipts, &files).unwrap(), files);
}

#[test]
fn the_same_file_of_somebody_else_stays_theirs() {
    let (fixture, sh) = (Fixture::new(), Shell::new().unwrap());
    let (root, files) = (fixture.root(), new(&fixture));
    fixture.write(PLACE, "new");
    assert_eq!(adoptable(&sh, &root, &[], &files).unwrap(), []);
}
