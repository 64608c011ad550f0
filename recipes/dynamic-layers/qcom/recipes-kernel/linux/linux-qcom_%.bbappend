# SPDX-License-Identifier: GPL-2.0
#
# Rust for those who ask for it: KERNEL_FEATURES:append = " rust" in local.conf or the distribution.

require ${@bb.utils.contains('KERNEL_FEATURES', 'rust', 'linux-qcom-rust.inc', '', d)}
