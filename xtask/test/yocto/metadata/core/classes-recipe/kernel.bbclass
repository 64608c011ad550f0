# SPDX-License-Identifier: GPL-2.0
# How kernels are configured, as far as Qualcomm's meet it.

inherit kernel-arch

PROVIDES += "virtual/kernel"
DEPENDS += "bc-native bison-native kmod-native"
S = "${STAGING_KERNEL_DIR}"
B = "${WORKDIR}/build"
export ARCH = "${KERNEL_ARCH}"
export CROSS_COMPILE = "${TARGET_PREFIX}"
HOSTCC ??= "gcc"
EXTRA_OEMAKE += 'CC="${KERNEL_CC}" LD="${KERNEL_LD}" OBJCOPY="${KERNEL_OBJCOPY}" STRIP="${KERNEL_STRIP}" HOSTCC="${HOSTCC}"'

kernel_do_configure() {
    unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS
    oe_runmake -C ${S} O=${B} olddefconfig
}

EXPORT_FUNCTIONS do_configure
