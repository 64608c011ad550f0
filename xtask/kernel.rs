// SPDX-License-Identifier: GPL-2.0

//! The `kernel` subcommand, and the library behind it: kernels of a series, fetched, verified, configured, built and
//! cached.

pub mod apt;
pub mod build;
pub mod clean;
pub mod command;
pub mod config;
pub mod digest;
pub mod ensure;
pub mod fetch;
pub mod key;
pub mod list;
pub mod lock;
pub mod make;
pub mod prune;
pub mod series;
pub mod source;
pub mod stale;
pub mod stamp;
pub mod tree;
pub mod update;

pub use command::Kernel;
pub use ensure::ensure;
pub use source::ensure_source;
pub use tree::Tree;
