// SPDX-License-Identifier: GPL-2.0

//! Tests of what is remembered, and of what must not be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::*;

/// A directory with a source that was written a while ago, and with what was made of it.
struct Work {
    directory: TempDir,
}

impl Work {
    fn new() -> Work {
        let work = Work {
            directory: tempfile::tempdir().unwrap(),
        };
        fs::write(work.path("source"), "one").unwrap();
        fs::write(work.path("product"), "two").unwrap();
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn fingerprint(&self, question: &str) -> Fingerprint {
        Fingerprint::at(self.path("fingerprint/of-a-test"), &question)
    }

    /// Keeps an answer that depends on the source, and on a file that is not there.
    fn keep(&self, since: SystemTime) {
        let files = Files {
            inputs: [self.path("source"), self.path("missing")].into(),
            outputs: [self.path("product")].into(),
        };
        let fingerprint = self.fingerprint("question");
        fingerprint.keep("the\nanswer", since, files).unwrap();
    }

    fn recall(&self) -> Option<String> {
        self.fingerprint("question").recall()
    }
}

/// What is done to the files, and what to call it.
type Change = (&'static str, fn(&Work));

/// A moment after everything that was written up to now.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
}

#[test]
fn an_answer_is_kept_for_its_question() {
    let work = Work::new();
    assert_eq!(work.recall(), None);
    work.keep(later());
    assert_eq!(work.recall().as_deref(), Some("the\nanswer"));
    assert_eq!(work.fingerprint("other question").recall(), None);
    work.fingerprint("question").forget().unwrap();
    work.fingerprint("question").forget().unwrap();
    assert_eq!(work.recall(), None);
}

#[test]
fn every_change_of_a_file_makes_it_forget() {
    let hour = Duration::from_secs(3600);
    let changes: [Change; 6] = [
        ("longer", |work| {
            fs::write(work.path("source"), "longer").unwrap();
        }),
        ("touched", |work| {
            let file = fs::File::options().write(true).open(work.path("source"));
            file.unwrap().set_modified(later()).unwrap();
        }),
        ("replaced by one of the same time and size", |work| {
            let modified = fs::metadata(work.path("source")).unwrap().modified();
            fs::write(work.path("new"), "two").unwrap();
            let file = fs::File::options().write(true).open(work.path("new"));
            file.unwrap().set_modified(modified.unwrap()).unwrap();
            fs::rename(work.path("new"), work.path("source")).unwrap();
        }),
        ("gone", |work| fs::remove_file(work.path("source")).unwrap()),
        ("come", |work| fs::write(work.path("missing"), "").unwrap()),
        ("the product", |work| {
            fs::remove_file(work.path("product")).unwrap();
        }),
    ];
    for (name, change) in changes {
        let work = Work::new();
        work.keep(SystemTime::now() + hour);
        assert!(work.recall().is_some());
        change(&work);
        assert_eq!(work.recall(), None, "{name}");
    }
}

#[test]
fn what_changes_during_the_work_is_not_trusted() {
    let work = Work::new();
    work.keep(later());
    // The source was written after this work began.
    work.keep(SystemTime::now() - Duration::from_secs(60));
    assert_eq!(work.recall(), None);
}

#[test]
fn a_torn_fingerprint_is_none() {
    let work = Work::new();
    work.keep(later());
    let file = work.path("fingerprint/of-a-test");
    let text = fs::read_to_string(&file).unwrap();
    for end in [0, 5, 20, text.len() - 1] {
        fs::write(&file, &text[..end]).unwrap();
        assert_eq!(work.recall(), None, "{end}");
    }
}

#[test]
fn files_are_found_in_the_words_of_a_text() {
    let work = Work::new();
    let source = work.path("source");
    let text = format!(
        "cc -o product --config='{}' -I/ none.h \\",
        source.display()
    );
    let found = named_files(&text, work.directory.path());
    assert_eq!(found, [work.path("product"), source].into());
}

#[test]
fn a_script_is_what_it_starts_and_rustup_is_nothing() {
    let work = Work::new();
    let (script, rustup) = (work.path("script"), work.path("rustup"));
    let source = work.path("source").canonicalize().unwrap();
    fs::write(&script, format!("#!/bin/sh\nexec '{}'\n", source.display())).unwrap();
    fs::write(&rustup, "").unwrap();
    let files = of_program(&script).unwrap();
    assert!(files.contains(&source) && files.contains(&script));
    assert!(files.contains(Path::new(PACKAGES[0])));
    let link = work.path("rustc");
    std::os::unix::fs::symlink(&rustup, &link).unwrap();
    assert_eq!(of_program(&link), None);
}
