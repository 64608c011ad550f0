# SPDX-License-Identifier: GPL-2.0
# What compiles kernels. KERNEL_CC is a command with options, not the name of a program.

TARGET_PREFIX ??= "aarch64-oe-linux-"
PREFIX_MAP = "-ffile-prefix-map=${S}=${TARGET_DBGSRC_DIR} -ffile-prefix-map=${STAGING_KERNEL_DIR}=/usr/src/kernel"

KERNEL_CC ??= "${TARGET_PREFIX}gcc -fuse-ld=bfd ${PREFIX_MAP}"
KERNEL_LD ??= "${TARGET_PREFIX}ld.bfd"
KERNEL_AR ??= "${TARGET_PREFIX}ar"
KERNEL_OBJCOPY ??= "${TARGET_PREFIX}objcopy"
KERNEL_STRIP ??= "${TARGET_PREFIX}strip"
KERNEL_ARCH = "${@'arm64' if d.getVar('TARGET_ARCH') == 'aarch64' else 'x86'}"

export KBUILD_BUILD_VERSION = "1"
export KBUILD_BUILD_USER = "oe-user"
export KBUILD_BUILD_HOST = "oe-host"
