// SPDX-License-Identifier: GPL-2.0

//! Reports: tables for people, JSON for programs.

pub mod json;
pub mod sheet;
pub mod table;
pub mod target_sheet;
pub mod text;
