// SPDX-License-Identifier: GPL-2.0

//! Host tests of the GPU, against plain models of what each packet and blit does.

mod budget;
mod clears;
mod compatible;
mod control;
mod conversions;
mod copies;
mod counters;
mod draws;
mod engine;
mod events;
mod fills;
mod machine;
mod meter;
mod packets;
mod properties;
mod reference;
mod refusals;
