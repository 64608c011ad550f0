// SPDX-License-Identifier: GPL-2.0

//! Make is left out when nothing has changed, and runs after a change of every kind of input: with the real make, and a
//! kernel whose Makefile counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use xshell::Shell;

use super::module::ensure_built;
use crate::arch::Arch;
use crate::kernel::Tree;
use crate::process;
use crate::toolchain::{Compiler, Toolchain};

/// What is read, from the directory of the test: a file for each kind.
const INPUTS: [&str; 9] = [
    "module/main.rs",
    "module/header.h",
    "build/.config",
    "build/Module.symvers",
    "build/include/config/auto.conf",
    "build/scripts/mod/modpost",
    "source/scripts/Makefile.build",
    "source/arch/arm64/Makefile",
    "rustc",
];

/// What the Makefile makes beside the module: Kbuild's note of it.
const MAKEFILE: &str =
    "modules:\n\t@echo run >> $(O)/../runs\n\t@cp $(O)/../note $(MO)/.kgsl_shim.ko.cmd\n\
                        \t@echo module > $(MO)/kgsl_shim.ko\n";

/// A kernel, and a module's build in a directory beside it.
struct World {
    directory: TempDir,
    sh: Shell,
    tree: Tree,
}

impl World {
    fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in INPUTS {
            write(&root.join(name), name);
        }
        let at = |name: &str| root.join(name).display().to_string();
        let note = format!(
            "savedcmd_kgsl_shim.ko := make -o kgsl_shim.ko\n\nsource_kgsl_shim.ko := {}\n\n\
             deps_kgsl_shim.ko := \\\n  {} \\\n",
            at("module/main.rs"),
            at("module/header.h")
        );
        write(&root.join("note"), &note);
        write(&root.join("source/Makefile"), MAKEFILE);
        fs::create_dir(root.join("output")).unwrap();
        let tree = tree(root);
        World {
            sh: Shell::new().unwrap(),
            directory,
            tree,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// How often make has run after one more build.
    fn runs(&self) -> usize {
        // What has changed a moment ago may change again in the same tick of the file system's clock.
        std::thread::sleep(Duration::from_millis(25));
        ensure_built(&self.sh, &self.tree, "kgsl_shim", &self.path("output")).unwrap();
        let text = fs::read_to_string(self.path("runs")).unwrap();
        text.lines().count()
    }
}

fn tree(root: &Path) -> Tree {
    Tree {
        arch: Arch::Arm64,
        series: "6.18".to_owned(),
        release: "6.18.0".to_owned(),
        source: root.join("source"),
        build: root.join("build"),
        image: root.join("build/Image"),
        toolchain: Toolchain {
            // Any program that is here.
            compiler: Compiler::Gnu {
                cross_compile: String::new(),
                cc: Some("sh".to_owned()),
            },
            rustc: root.join("rustc"),
            bindgen: None,
        },
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Gives the file another time, as `touch` does.
fn touch(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60))
        .unwrap();
}

#[test]
fn a_touch_of_every_kind_of_input_builds_again() {
    let world = World::new();
    assert_eq!([world.runs(), world.runs()], [1, 1]);
    for (done, name) in INPUTS.iter().enumerate() {
        touch(&world.path(name));
        assert_eq!([world.runs(), world.runs()], [done + 2, done + 2], "{name}");
    }
}

#[test]
fn what_make_would_make_again_is_made_again() {
    let world = World::new();
    assert_eq!(world.runs(), 1);
    fs::remove_file(world.path("output/kgsl_shim.ko")).unwrap();
    assert_eq!([world.runs(), world.runs()], [2, 2]);
    touch(&world.path("output/.kgsl_shim.ko.cmd"));
    assert_eq!([world.runs(), world.runs()], [3, 3]);
    fs::remove_file(world.path("module/header.h")).unwrap();
    assert_eq!(world.runs(), 4);
}

#[test]
fn another_command_builds_again() {
    let mut world = World::new();
    assert_eq!([world.runs(), world.runs()], [1, 1]);
    world.tree.toolchain.compiler = Compiler::Gnu {
        cross_compile: "x-".to_owned(),
        cc: Some("sh".to_owned()),
    };
    assert_eq!([world.runs(), world.runs()], [2, 2]);
}

#[test]
fn a_build_that_fails_is_not_remembered() {
    let world = World::new();
    write(&world.path("source/Makefile"), "modules:\n\t@false\n");
    let build = || ensure_built(&world.sh, &world.tree, "kgsl_shim", &world.path("output"));
    assert!(build().is_err());
    assert!(build().is_err());
    assert!(process::find_program("make").is_some());
}
