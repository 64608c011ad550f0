# SPDX-License-Identifier: GPL-2.0
# Generated from kmod/Cargo.toml by `cargo xtask generate`; do not edit.

SUMMARY = "The loader's verdict on kgsl_shim, before it reaches a board"
DESCRIPTION = "Examines the kernel that kgsl_shim is built for, and says whether it will load the module."
SECTION = "devel"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://xtask/main.rs;beginline=1;endline=1;md5=50d2ba0afecd20f74c12a4bdbcfcfe61"

# The checkout that this layer lies in.
PV = "0.1.0+git"
EXTERNALSRC = "${@os.path.realpath('${THISDIR}/../../..')}"
EXTERNALSRC_SYMLINKS = ""
require ${BPN}-crates.inc

inherit cargo externalsrc
inherit_defer native

# One program of the workspace; the module itself is not for cargo.
CARGO_BUILD_FLAGS:append = " --package xtask"

do_install() {
    install -D -m 0755 ${B}/target/${CARGO_TARGET_SUBDIR}/xtask ${D}${bindir}/kgsl-shim-xtask
}
