# SPDX-License-Identifier: GPL-2.0
SUMMARY = "Build tools needed by external modules"
DEPENDS = "bc-native bison-native gmp-native"

inherit kernel-arch

EXTRA_OEMAKE = 'ARCH="${KERNEL_ARCH}" CROSS_COMPILE=${TARGET_PREFIX}'

do_configure() {
    unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS
    for target in prepare scripts_basic scripts; do
        oe_runmake CC="${KERNEL_CC}" LD="${KERNEL_LD}" AR="${KERNEL_AR}" OBJCOPY="${KERNEL_OBJCOPY}" \
            STRIP="${KERNEL_STRIP}" -C ${STAGING_KERNEL_DIR} O=${STAGING_KERNEL_BUILDDIR} $target
    done
}
