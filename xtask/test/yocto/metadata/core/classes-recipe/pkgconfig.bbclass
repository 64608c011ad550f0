# SPDX-License-Identifier: GPL-2.0
DEPENDS:prepend = "pkgconfig-native "
