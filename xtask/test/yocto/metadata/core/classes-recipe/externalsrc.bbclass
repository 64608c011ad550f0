# SPDX-License-Identifier: GPL-2.0
# Sources that are there already, built outside of themselves.

python () {
    source = d.getVar("EXTERNALSRC")
    if not source.startswith("/"):
        bb.error("EXTERNALSRC must be an absolute path")
    d.setVar("S", source)
    d.setVar("B", d.getVar("EXTERNALSRC_BUILD") or "${WORKDIR}/${BPN}-${PV}")
}
