# SPDX-License-Identifier: GPL-2.0
# Generated from kmod/Cargo.toml by `cargo xtask generate`; do not edit.

SUMMARY = "KGSL render device with a software Adreno"
DESCRIPTION = "kgsl_shim.ko, an out-of-tree Linux kernel module written in Rust: KGSL render device with a software Adreno."
SECTION = "kernel/modules"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://kmod/kgsl_shim_main.rs;beginline=1;endline=1;md5=50d2ba0afecd20f74c12a4bdbcfcfe61"

DEPENDS = "kgsl-shim-xtask-native"

# The checkout that this layer lies in. It stays as it is: what the build makes goes to B.
PV = "0.1.0+git"
SRC_URI = ""
EXTERNALSRC = "${@os.path.realpath('${THISDIR}/../../..')}"
EXTERNALSRC_SYMLINKS = ""
EXTRA_OEMAKE += "-C ${S} MO=${B}"

inherit module-rust rust_module_check externalsrc

# An empty value would let every machine in; this lets none in but those that follow.
COMPATIBLE_MACHINE = "^$"
COMPATIBLE_MACHINE:aarch64 = "(.*)"
COMPATIBLE_MACHINE:x86-64 = "(.*)"

RUST_MODULE_CHECK = "kgsl_shim"
RUST_MODULE_CHECKER = "kgsl-shim-xtask"

# Names here are those of the .ko files; nothing else is found when the packages are split.
KERNEL_MODULE_AUTOLOAD += "kgsl_shim"

KERNEL_MODULE_PROBECONF += "kgsl_shim"
module_conf_kgsl_shim = "blacklist msm_kgsl"

do_install:append() {
    install -D -m 0644 ${S}/packaging/udev/60-kgsl_shim.rules ${D}${nonarch_base_libdir}/udev/rules.d/60-kgsl_shim.rules
}

FILES:${PN} += "${nonarch_base_libdir}/udev/rules.d"
