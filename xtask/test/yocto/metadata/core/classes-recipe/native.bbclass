# SPDX-License-Identifier: GPL-2.0
CLASSOVERRIDE = "class-native"
