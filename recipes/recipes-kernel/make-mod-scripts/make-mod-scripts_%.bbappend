# SPDX-License-Identifier: GPL-2.0
#
# `make prepare` compiles the kernel's Rust crates again for out-of-tree modules, because do_shared_workdir stages none;
# `make scripts` compiles gendwarfksyms, which links libdw. Nothing changes as long as nobody asked for Rust.

DEPENDS:append = "${@bb.utils.contains('KERNEL_FEATURES', 'rust', ' rust-native clang-native bindgen-cli-native elfutils-native zlib-native', '', d)}"
