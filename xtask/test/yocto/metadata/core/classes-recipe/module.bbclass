# SPDX-License-Identifier: GPL-2.0
# The command lines with which OpenEmbedded builds and installs modules: the source and the build directory of the kernel
# apart, compilers with options, depmod replaced, and the destination given by MODLIB.

inherit module-base kernel-module-split pkgconfig

EXTRA_OEMAKE += "KERNEL_SRC=${STAGING_KERNEL_DIR}"
MODULES_INSTALL_TARGET ?= "modules_install"
MODULES_MODULE_SYMVERS_LOCATION ?= ""

python () {
    names = [name for name in d.getVar("DEPENDS").split() if name.startswith("kernel-module-")]
    d.setVar("KBUILD_EXTRA_SYMBOLS", " ".join("${STAGING_INCDIR}/%s/Module.symvers" % name for name in names))
}

module_do_compile() {
    unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS
    oe_runmake KERNEL_PATH=${STAGING_KERNEL_DIR} KERNEL_VERSION=${KERNEL_VERSION} \
        CC="${KERNEL_CC}" LD="${KERNEL_LD}" AR="${KERNEL_AR}" OBJCOPY="${KERNEL_OBJCOPY}" STRIP="${KERNEL_STRIP}" \
        O=${STAGING_KERNEL_BUILDDIR} KBUILD_EXTRA_SYMBOLS="${KBUILD_EXTRA_SYMBOLS}" ${MAKE_TARGETS}
}

module_do_install() {
    unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS
    oe_runmake DEPMOD=echo MODLIB="${D}${nonarch_base_libdir}/modules/${KERNEL_VERSION}" \
        INSTALL_FW_PATH="${D}${nonarch_base_libdir}/firmware" \
        CC="${KERNEL_CC}" LD="${KERNEL_LD}" OBJCOPY="${KERNEL_OBJCOPY}" STRIP="${KERNEL_STRIP}" \
        O=${STAGING_KERNEL_BUILDDIR} KBUILD_EXTRA_SYMBOLS="${KBUILD_EXTRA_SYMBOLS}" ${MODULES_INSTALL_TARGET}
    symvers=${B}/${MODULES_MODULE_SYMVERS_LOCATION}/Module.symvers
    if [ -e $symvers ]; then
        install -Dm0644 $symvers ${D}${includedir}/${BPN}/Module.symvers
    else
        bbwarn "no Module.symvers in ${B}"
    fi
}

EXPORT_FUNCTIONS do_compile do_install

FILES:${PN} = ""
