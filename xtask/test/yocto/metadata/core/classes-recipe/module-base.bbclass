# SPDX-License-Identifier: GPL-2.0
# What modules know of the kernel that was staged for them.

inherit kernel-arch

do_configure[depends] += "make-mod-scripts:do_compile"

def first_line(path):
    try:
        with open(path) as lines:
            return lines.readline().strip()
    except FileNotFoundError:
        return ""

export ARCH = "${KERNEL_ARCH}"
export OS = "${TARGET_OS}"
export CROSS_COMPILE = "${TARGET_PREFIX}"
export KBUILD_OUTPUT = "${STAGING_KERNEL_BUILDDIR}"
export KERNEL_VERSION = "${@first_line('${STAGING_KERNEL_BUILDDIR}/kernel-abiversion')}"
export LOCALVERSION = "${@first_line('${STAGING_KERNEL_BUILDDIR}/kernel-localversion')}"
