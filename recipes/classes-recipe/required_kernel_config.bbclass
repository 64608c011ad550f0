# SPDX-License-Identifier: GPL-2.0
#
# Fails a kernel's build when an option that it was asked for did not survive. merge_config.sh and olddefconfig drop
# without an error what Kconfig cannot give: CONFIG_RUST goes when rustc or bindgen is missing, or when another fragment
# turns on what it excludes.
#
# REQUIRED_KERNEL_CONFIG names the fragments whose every line must stand in the final .config.

REQUIRED_KERNEL_CONFIG ?= ""

def kernel_config_options(path):
    """The options that a fragment or a .config sets, each with its value; n for those that it says are not set."""
    import re
    options = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            unset = re.fullmatch(r"# (CONFIG_\w+) is not set", line)
            if unset:
                options[unset.group(1)] = "n"
            elif line.startswith("CONFIG_") and "=" in line:
                name, value = line.split("=", 1)
                options[name] = value
    return options

def lost_kernel_options(d):
    """What became of each option that did not survive, a line each."""
    final = kernel_config_options(d.expand("${B}/.config"))
    lost = []
    for fragment in d.getVar("REQUIRED_KERNEL_CONFIG").split():
        for name, wanted in kernel_config_options(fragment).items():
            found = final.get(name, "n")
            if found != wanted:
                lost.append("%s=%s became %s (%s)" % (name, wanted, found, os.path.basename(fragment)))
    return lost

python do_check_kernel_config() {
    fragments = d.getVar("REQUIRED_KERNEL_CONFIG").split()
    if not fragments:
        bb.fatal("REQUIRED_KERNEL_CONFIG names no fragment to compare the kernel's .config with")
    lost = lost_kernel_options(d)
    if lost:
        bb.fatal("The kernel's configuration lost %d of the options it was asked for:\n%s\n"
                 "Look in %s for what each depends on." % (len(lost), "\n".join(lost), d.expand("${S}/**/Kconfig*")))
    bb.note("Every option of %s survived" % ", ".join(map(os.path.basename, fragments)))
}
do_check_kernel_config[doc] = "Fails when an option of a required fragment is not in the final .config"
addtask check_kernel_config after do_configure before do_compile
