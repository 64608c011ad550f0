# SPDX-License-Identifier: GPL-2.0
# The shape of Qualcomm's kernel: plain kernel.bbclass, and a .config that is merged of a defconfig and every .cfg.

DESCRIPTION = "Linux kernel for Qualcomm devices"

inherit kernel cml1

COMPATIBLE_MACHINE = "(qcom)"
SRC_URI = "git://github.com/qualcomm-linux/kernel.git;nobranch=1;protocol=https"

do_configure:prepend() {
    cp ${S}/arch/${ARCH}/configs/defconfig ${B}/.config
    ${S}/scripts/kconfig/merge_config.sh -m -O ${B} ${B}/.config ${@" ".join(find_cfgs(d))}
}
