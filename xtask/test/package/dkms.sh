# SPDX-License-Identifier: GPL-2.0
#
# Argument: the source tree.
install_kernel
name=$PACKAGE/$VERSION

dkms add "$1"
dkms build "$name" -k "$RELEASE" ||
    fail "$(cat "/var/lib/dkms/$name/build/make.log")"
dkms install "$name" -k "$RELEASE"
dkms status "$name" | grep -q ': installed' || fail "$(dkms status)"
[ "$(found)" = "/lib/modules/$RELEASE/updates/dkms/$MODULE.ko" ] || fail "modprobe finds '$(found)'"
[ "$(modinfo --field signer "$(found)")" = "DKMS module signing key" ] || fail "dkms has not signed the module"
dkms remove "$name" --all
[ -z "$(found)" ] || fail "modprobe still finds $(found)"
[ ! -e "$modules/updates/dkms/$MODULE.ko" ] || fail "the module is left"

# A kernel that is not for it is passed over, with dkms's own reason and exit status.
refused() {
    status=0
    said=$(dkms build "$name" -k "$RELEASE" --kernelsourcedir "$1" 2>&1) || status=$?
    [ "$status" = 77 ] || fail "status $status: $said"
    case $said in
    *BUILD_EXCLUSIVE*) ;;
    *) fail "$said" ;;
    esac
}

dkms add "$name"
without_rust=$written/without-rust
mkdir "$without_rust"
cp "$BUILD/Makefile" "$without_rust/"
sed 's/^CONFIG_RUST=y/# CONFIG_RUST is not set/' "$BUILD/.config" >"$without_rust/.config"
refused "$without_rust"
# The same kernel under a release of a series that the module does not know.
RELEASE=6.1.0
refused "$BUILD"
