// SPDX-License-Identifier: GPL-2.0

//! A change that fails at any of its steps leaves the root directory as it was.

use std::fs;

use super::{snapshot, Fixture};
use crate::install::journal::{new_name, old_name, Journal};
use crate::install::transaction::Transaction;

/// A root with a file that is replaced and one that is removed, and what is to be written.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("etc/replaced", "before");
    fixture.write("etc/removed", "before");
    fs::write(fixture.path.parent().unwrap().join("content"), "after").unwrap();
    fixture
}

/// Makes all changes; `verify` is the last step's result.
fn change(fixture: &Fixture, verify: anyhow::Result<()>) -> anyhow::Result<()> {
    let root = fixture.root();
    let content = fixture.path.parent().unwrap().join("content");
    let mut transaction = Transaction::new(&root);
    for place in ["etc/replaced", "usr/lib/new/file", "etc/created"] {
        transaction.write(&content, &root.directory().join(place))?;
    }
    transaction.remove(&root.directory().join("etc/removed"));
    transaction.commit(|| verify)
}

#[test]
fn what_succeeds_is_all_there_and_leaves_nothing_else() {
    let fixture = fixture();
    change(&fixture, Ok(())).unwrap();
    let names: Vec<_> = snapshot(&fixture.path)
        .into_keys()
        .filter(|path| path.is_file())
        .map(|path| {
            path.strip_prefix(&fixture.path)
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(names, ["etc/created", "etc/replaced", "usr/lib/new/file"]);
    assert_eq!(
        fs::read(fixture.path.join("etc/replaced")).unwrap(),
        b"after"
    );
}

#[test]
fn what_is_in_the_way_stays() {
    let obstacles: [&dyn Fn(&Fixture); 4] = [
        &|fixture| drop(fixture.write("usr/lib", "a file")),
        &|fixture| fs::create_dir(new_name(&fixture.path.join("etc/created"))).unwrap(),
        &|fixture| fs::create_dir(old_name(&fixture.path.join("etc/replaced"))).unwrap(),
        &|fixture| drop(fixture.write("etc/.removed.install-old/x", "")),
    ];
    for (number, obstacle) in obstacles.into_iter().enumerate() {
        let fixture = fixture();
        obstacle(&fixture);
        let before = snapshot(&fixture.path);
        assert!(change(&fixture, Ok(())).is_err(), "obstacle {number}");
        assert_eq!(snapshot(&fixture.path), before, "obstacle {number}");
    }
}

#[test]
fn what_cannot_be_written_is_undone() {
    let fixture = fixture();
    let before = snapshot(&fixture.path);
    let root = fixture.root();
    let content = fixture.path.parent().unwrap().join("content");
    let second = content.with_extension("second");
    fs::write(&second, "after").unwrap();
    let mut transaction = Transaction::new(&root);
    transaction
        .write(&content, &root.directory().join("etc/replaced"))
        .unwrap();
    transaction
        .write(&second, &root.directory().join("usr/lib/new/file"))
        .unwrap();
    fs::remove_file(&second).unwrap();
    let error = transaction.commit(|| Ok(())).unwrap_err();
    assert!(error.to_string().contains("usr/lib/new/file"), "{error:#}");
    assert_eq!(snapshot(&fixture.path), before);
}

#[test]
fn what_does_not_verify_is_undone() {
    let fixture = fixture();
    let before = snapshot(&fixture.path);
    let error = change(&fixture, Err(anyhow::anyhow!("no good"))).unwrap_err();
    assert_eq!(error.to_string(), "no good");
    assert_eq!(snapshot(&fixture.path), before);
}

#[test]
fn what_was_interrupted_is_undone_later() {
    let fixture = fixture();
    let before = snapshot(&fixture.path);
    // A panic is as good as a kill: nothing is undone on the way.
    let interrupted = std::panic::catch_unwind(|| {
        let root = fixture.root();
        let content = fixture.path.parent().unwrap().join("content");
        let mut transaction = Transaction::new(&root);
        transaction
            .write(&content, &root.directory().join("etc/replaced"))
            .unwrap();
        transaction
            .write(&content, &root.directory().join("opt/new"))
            .unwrap();
        transaction.remove(&root.directory().join("etc/removed"));
        transaction.commit(|| panic!("interrupted"))
    });
    assert!(interrupted.is_err());
    assert_ne!(snapshot(&fixture.path), before);
    Journal::recover(&fixture.root()).unwrap();
    assert_eq!(snapshot(&fixture.path), before);
    Journal::recover(&fixture.root()).unwrap();
    assert_eq!(snapshot(&fixture.path), before);
}

#[test]
fn a_torn_journal_describes_nothing_that_was_done() {
    let fixture = fixture();
    let before = snapshot(&fixture.path);
    fixture.write(".kmod-install.journal", "{\"directories\": [");
    Journal::recover(&fixture.root()).unwrap();
    assert_eq!(snapshot(&fixture.path), before);
}

#[test]
fn what_was_interrupted_after_it_was_final_stays() {
    let fixture = fixture();
    change(&fixture, Ok(())).unwrap();
    let after = snapshot(&fixture.path);
    fixture.write("etc/.replaced.install-old", "before");
    let journal = r#"{"directories": [], "files": [{"path": "etc/replaced", "existed": true}]}"#;
    fixture.write(".kmod-install.committed", journal);
    Journal::recover(&fixture.root()).unwrap();
    assert_eq!(snapshot(&fixture.path), after);
}
