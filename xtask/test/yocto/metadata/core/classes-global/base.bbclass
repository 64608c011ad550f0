# SPDX-License-Identifier: GPL-2.0
# The tasks that every recipe has, and the checks that OpenEmbedded-Core makes while it parses.

addtask fetch
addtask unpack after do_fetch
addtask patch after do_unpack
addtask configure after do_patch
addtask compile after do_configure
addtask install after do_compile
addtask package after do_install
addtask build after do_package

do_fetch() {
    :
}
# Only what lies beside the recipe: the tests fetch nothing.
python do_unpack() {
    local = [uri for uri in d.getVar("SRC_URI").split() if uri.startswith("file://")]
    fetcher = bb.fetch2.Fetch(local, d)
    fetcher.download()
    fetcher.unpack(d.getVar("UNPACKDIR"))
}
do_unpack[dirs] = "${UNPACKDIR}"
do_patch() {
    :
}
do_package() {
    :
}
do_build() {
    :
}

bbnote() {
    echo "NOTE: $*"
}
bbwarn() {
    echo "WARNING: $*"
}
bbfatal() {
    echo "ERROR: $*" >&2
    exit 1
}

oe_runmake() {
    echo "oe_runmake: ${MAKE} ${EXTRA_OEMAKE} $*"
    ${MAKE} ${EXTRA_OEMAKE} "$@" || bbfatal "oe_runmake failed"
}

# The second time that a recipe is configured, what the first build made is cleaned away, by the recipe's own Makefile.
CONFIGURESTAMPFILE = "${WORKDIR}/configure.sstate"

base_do_configure() {
    if [ -e ${CONFIGURESTAMPFILE} ]; then
        if [ "${CLEANBROKEN}" != "1" ] && [ -e Makefile ]; then
            oe_runmake clean
        fi
    fi
    mkdir -p $(dirname ${CONFIGURESTAMPFILE})
    echo configured > ${CONFIGURESTAMPFILE}
}
do_configure[dirs] = "${B}"

base_do_compile() {
    oe_runmake
}
do_compile[dirs] = "${B}"

base_do_install() {
    :
}
do_install[dirs] = "${B}"
do_install[cleandirs] = "${D}"

EXPORT_FUNCTIONS do_configure do_compile do_install

python () {
    import re
    machines = d.getVar("COMPATIBLE_MACHINE")
    if machines and not any(re.match(machines, name) for name in d.getVar("MACHINEOVERRIDES").split(":")):
        raise bb.parse.SkipRecipe("incompatible with machine %s" % d.getVar("MACHINE"))
    if d.getVar("S") == d.getVar("WORKDIR"):
        bb.fatal("Using S = ${WORKDIR} is no longer supported")
}
