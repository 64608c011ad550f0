// SPDX-License-Identifier: GPL-2.0

//! Programs that run in the test virtual machine.
