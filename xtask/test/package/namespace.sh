# SPDX-License-Identifier: GPL-2.0
#
# What is written below /usr, /etc and /var goes to a temporary file system, in this mount namespace only.
set -eu

written=$1/written
mkdir "$written"
shift
mount -t tmpfs none "$written"
for directory in usr etc var; do
    mkdir "$written/$directory" "$written/$directory.work"
    mount -t overlay none "/$directory" \
        -o "lowerdir=/$directory,upperdir=$written/$directory,workdir=$written/$directory.work"
done

modules=/usr/lib/modules/$RELEASE
rm -rf "$modules"

# Stops with a reason.
fail() {
    echo "FAILED: $*"
    exit 1
}

# The file that modprobe would insert.
found() {
    modprobe --set-version "$RELEASE" --show-depends "$MODULE" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'
}

# Puts the kernel there, as far as depmod and dkms see it.
install_kernel() {
    mkdir -p "$modules"
    cp "$BUILD/modules.builtin" "$BUILD/modules.builtin.modinfo" "$modules/"
    : >"$modules/modules.order"
    ln -s "$BUILD" "$modules/build"
    depmod "$RELEASE"
}
