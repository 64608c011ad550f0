#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What dkms runs: builds the module for the kernel in the directory $1 with the compilers that built that kernel, as its
# .config names them. dkms adds a CC= and an LD= of its own guess to the command; these are left out on purpose.
set -eu

kernel=${1:?usage: build.sh KERNEL_DIRECTORY}

value() {
    sed -n "s/^CONFIG_$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$kernel/.config"
}

set -- "KERNEL_SRC=$kernel"

compiler=$(value CC_VERSION_TEXT)
if [ "$(value CC_IS_CLANG)" = y ]; then
    major=$(($(value CLANG_VERSION) / 10000))
    if command -v "clang-$major" >/dev/null; then
        set -- "$@" "LLVM=-$major"
    else
        set -- "$@" LLVM=1
    fi
elif command -v "${compiler%% *}" >/dev/null; then
    set -- "$@" "CC=${compiler%% *}"
fi

# The kernel's compiled crates serve the very same rustc only; the Makefile says so when none of these is it.
wanted=$(value RUSTC_VERSION_TEXT)
version=${wanted#rustc }
for rustc in ${RUSTC:-rustc /usr/bin/rustc "rustc-${version%.*}"}; do
    if [ "$("$rustc" --version 2>/dev/null)" = "$wanted" ]; then
        set -- "$@" "RUSTC=$rustc"
        break
    fi
done

exec make "--jobs=$(nproc)" "$@" modules
