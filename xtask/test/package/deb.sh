# SPDX-License-Identifier: GPL-2.0
#
# Arguments: the package with the module, the package with the configuration.
lintian --fail-on error,warning "$@" || fail "lintian"

architecture=$(dpkg-deb --field "$1" Architecture)
dpkg --add-architecture "$architecture"
modules_package=$(dpkg-deb --field "$1" Package)
common=$(dpkg-deb --field "$2" Package)
conffile=/etc/modprobe.d/$MODULE-options.conf

# Installs both; the module must be found, and an administrator's parameters survive another installation.
try() {
    dpkg --install "$2" "$1"
    [ "$(found)" = "/lib/modules/$RELEASE/updates/$MODULE.ko" ] || fail "modprobe finds '$(found)'"
    [ -x "/usr/share/initramfs-tools/hooks/$MODULE" ] || fail "no hook"
    grep -q "^$MODULE\$" "/usr/lib/modules-load.d/$MODULE.conf" || fail "no autoload"
    echo "options $MODULE x=1" >>"$conffile"
    dpkg --install "$2" "$1"
    grep -q x=1 "$conffile" || fail "the conffile was overwritten"
    dpkg --remove "$modules_package:$architecture"
    [ -z "$(found)" ] || fail "modprobe still finds $(found)"
    dpkg --remove "$common"
    [ -e "$conffile" ] || fail "the conffile went with remove"
    [ ! -e "/usr/lib/modprobe.d/$MODULE.conf" ] || fail "the blacklist is left"
    dpkg --purge "$modules_package:$architecture" "$common"
}

# No file of the packages, and none that they made.
try "$@"
left=$(find "$written/usr" "$written/etc" -type f)
[ -z "$left" ] || fail "left behind: $left"
[ ! -e "$modules" ] || fail "left behind: $(find "$modules")"

# With the kernel installed: its index is as it was.
list() {
    find "$modules/" -type f -exec sha256sum {} + | sort
}
install_kernel
before=$(list)
try "$@"
[ "$(list)" = "$before" ] || fail "the kernel's modules have changed: $(list)"
