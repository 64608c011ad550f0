# SPDX-License-Identifier: GPL-2.0
# What do_deploy leaves in DEPLOYDIR goes to the directory of images.

DEPLOYDIR = "${WORKDIR}/deploy-${PN}"
do_deploy[dirs] = "${B}"
do_deploy[cleandirs] = "${DEPLOYDIR}"
