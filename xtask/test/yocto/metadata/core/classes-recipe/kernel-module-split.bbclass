# SPDX-License-Identifier: GPL-2.0
# The files that make modules load at boot and tell modprobe of them. The names are made of those of the .ko files.

modulesloaddir ??= "${@bb.utils.contains('DISTRO_FEATURES', 'systemd', '${nonarch_libdir}', '${sysconfdir}', d)}/modules-load.d"
modprobedir ??= "${@bb.utils.contains('DISTRO_FEATURES', 'systemd', '${nonarch_base_libdir}', '${sysconfdir}', d)}/modprobe.d"

def installed_modules(d):
    for directory, _, files in os.walk(d.expand("${D}${nonarch_base_libdir}/modules")):
        yield from (name.removesuffix(".ko") for name in files if name.endswith(".ko"))

def write_configuration(d, directory, module, text):
    path = d.expand("${D}${%s}/%s.conf" % (directory, module))
    bb.utils.mkdirhier(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(text + "\n")

python split_kernel_module_packages() {
    autoloaded = (d.getVar("KERNEL_MODULE_AUTOLOAD") or "").split()
    configured = (d.getVar("KERNEL_MODULE_PROBECONF") or "").split()
    for module in installed_modules(d):
        if module in autoloaded:
            write_configuration(d, "modulesloaddir", module, d.getVar("module_autoload_" + module) or module)
        lines = d.getVar("module_conf_" + module)
        if lines and module not in configured:
            bb.fatal("module_conf_%s is set, but KERNEL_MODULE_PROBECONF does not list %s" % (module, module))
        if lines:
            write_configuration(d, "modprobedir", module, lines)
}
