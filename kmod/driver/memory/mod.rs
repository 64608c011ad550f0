// SPDX-License-Identifier: GPL-2.0

//! Memory objects, the GPU address space of a process, and how the CPU and the GPU reach them.

mod backing;
mod binding;
mod flags;
mod gpu_view;
mod kept;
mod listing;
mod mapping;
mod object;
mod pattern;
mod placing;
mod pool;
mod pools;
mod recent;
mod space;
mod table;
mod translation;
mod unmapped;

pub(super) use binding::Change;
pub(super) use gpu_view::GpuView;
pub(super) use mapping::{
    choose_address,
    map, //
};
pub(super) use object::Object;
pub(super) use pool::PagePool;
pub(super) use pools::Pooling;
pub(super) use space::AddressSpace;
pub(super) use translation::Forgotten;
pub(super) use unmapped::Reach;
