// SPDX-License-Identifier: GPL-2.0

//! Host tests of the GPU, against plain models of what each packet and blit does.

mod blits;
mod control;
mod engine;
mod events;
mod machine;
mod packets;
mod properties;
mod reference;
