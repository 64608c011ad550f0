// SPDX-License-Identifier: GPL-2.0

//! The `test` subcommand: everything that must hold, or the part of it that is named.

mod autoload;
mod board;
mod case;
mod cases;
mod cells;
mod command;
mod deploy;
mod guest;
mod harness;
mod host;
mod install;
mod junit;
mod kbuild;
mod list;
mod names;
mod package;
mod plan;
mod runner;
mod sanitizers;
mod selection;
mod shared;
mod stock;
mod suite;
mod suites;
mod summary;
mod surgery;
mod usual;
mod verdicts;
mod yocto;

pub use command::Test;
