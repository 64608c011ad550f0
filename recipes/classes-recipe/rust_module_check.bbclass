# SPDX-License-Identifier: GPL-2.0
#
# Proves two things about an out-of-tree module that is written in Rust, each where it costs least:
#
# do_preflight, before the module is compiled: the kernel that was staged has what a Rust module takes, its options, its
# compiled crates, its Module.symvers, and the compilers here are those that built it.
#
# do_check_module, before the module is packaged: the loader of that kernel will accept it. The reports, one for people
# and one for programs, go to the deploy directory, whatever the verdict; a refused module fails the build.
#
# RUST_MODULE_CHECK    the modules, by the names of their .ko files
# RUST_MODULE_CHECKER  the program that judges, from a native recipe in DEPENDS

inherit deploy

RUST_MODULE_CHECK ?= "${BPN}"
RUST_MODULE_CHECKER ?= "xtask"

RUST_MODULE_REPORTS = "${WORKDIR}/rust_module_check"

# The program reads the module's manifest from the sources, and keeps nothing outside the work directory.
rust_module_checker() {
    CARGO_MANIFEST_DIR="${S}/xtask" XDG_CACHE_HOME="${WORKDIR}/xtask-cache" ${RUST_MODULE_CHECKER} "$@"
}

do_preflight() {
    if ! rust_module_checker build --preflight \
        --kernel-src ${STAGING_KERNEL_DIR} --kernel-build ${STAGING_KERNEL_BUILDDIR}; then
        bbfatal "the staged kernel does not serve: see above"
    fi
}
do_preflight[dirs] = "${B}"
do_preflight[doc] = "Examines the staged kernel before a module is compiled for it"
addtask preflight after do_configure before do_compile

do_check_module() {
    for module in ${RUST_MODULE_CHECK}; do
        file=$(find ${D}${nonarch_base_libdir}/modules/${KERNEL_VERSION} -name "$module.ko*" -print -quit)
        if [ -z "$file" ]; then
            bbfatal "do_install left no $module.ko for ${KERNEL_VERSION}"
        fi
        report=${RUST_MODULE_REPORTS}/$module-${KERNEL_VERSION}.check
        verdict=loads
        rust_module_checker check "$file" --against ${STAGING_KERNEL_BUILDDIR} --format json > $report.json || verdict=refused
        rust_module_checker check "$file" --against ${STAGING_KERNEL_BUILDDIR} --verbose > $report.txt || verdict=refused
        cat $report.txt
        if [ $verdict = refused ]; then
            install -D -m 0644 -t ${DEPLOY_DIR_IMAGE} $report.json $report.txt
            bbfatal "${KERNEL_VERSION} will refuse $module: see ${DEPLOY_DIR_IMAGE}/$(basename $report.txt)"
        fi
    done
}
do_check_module[dirs] = "${B}"
do_check_module[cleandirs] = "${RUST_MODULE_REPORTS}"
do_check_module[doc] = "Asks what the kernel's loader will say of the module"
addtask check_module after do_install before do_package

do_deploy() {
    install -D -m 0644 -t ${DEPLOYDIR} ${RUST_MODULE_REPORTS}/*
}
do_deploy[doc] = "Puts the reports of do_check_module into the deploy directory"
addtask deploy after do_check_module before do_build
