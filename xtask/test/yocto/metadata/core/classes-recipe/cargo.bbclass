# SPDX-License-Identifier: GPL-2.0
# How cargo is called.

DEPENDS:append:class-native = " rust-native"
B = "${WORKDIR}/build"
RUST_HOST_SYS = "x86_64-linux"
CARGO_TARGET_SUBDIR = "${RUST_HOST_SYS}/release"
CARGO_MANIFEST_PATH ??= "${S}/Cargo.toml"
CARGO_BUILD_FLAGS = "-v --frozen --target ${RUST_HOST_SYS} --release --manifest-path=${CARGO_MANIFEST_PATH}"
