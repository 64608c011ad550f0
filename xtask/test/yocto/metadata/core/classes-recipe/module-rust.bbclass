# SPDX-License-Identifier: GPL-2.0
# Modules in Rust: for those who asked for Rust in the kernel, and for nobody else.

inherit module

DEPENDS += "rust-native"
KRUSTFLAGS = "--remap-path-prefix=${S}=${TARGET_DBGSRC_DIR}"
EXTRA_OEMAKE:append = " KRUSTFLAGS='${KRUSTFLAGS}'"

python () {
    if not bb.utils.contains("KERNEL_FEATURES", "rust", True, False, d):
        raise bb.parse.SkipRecipe("'rust' is not enabled in KERNEL_FEATURES")
}
