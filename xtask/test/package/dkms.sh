# SPDX-License-Identifier: GPL-2.0
#
# Arguments: the source tree, the package with the same, the package with the configuration.
install_kernel
name=$PACKAGE/$VERSION
source=/usr/src/$PACKAGE-$VERSION

# The tree by itself is taken, and given back.
dkms add "$1"
dkms status "$name" | grep -q ': added' || fail "$(dkms status)"
dkms remove "$name" --all
diff --recursive "$1" "$source" || fail "dkms has another source"
rm -r "$source"

# The package adds it, builds it for the kernel that is there, and installs it.
lintian --fail-on error,warning "$2" || fail "lintian"
package=$(dpkg-deb --field "$2" Package)
dpkg --install "$3" "$2" || fail "$(cat "/var/lib/dkms/$name/build/make.log")"
diff --recursive "$1" "$source" || fail "the package has another source"
dkms status "$name" | grep -q ': installed' || fail "$(dkms status)"
[ "$(found)" = "/lib/modules/$RELEASE/updates/dkms/$MODULE.ko" ] || fail "modprobe finds '$(found)'"
[ "$(modinfo --field signer "$(found)")" = "DKMS module signing key" ] || fail "dkms has not signed the module"
dpkg --remove "$package"
[ -z "$(found)" ] || fail "modprobe still finds $(found)"
[ ! -e "$modules/updates/dkms/$MODULE.ko" ] || fail "the module is left"
[ ! -e "/var/lib/dkms/$PACKAGE" ] || fail "dkms still knows it: $(dkms status)"
[ ! -e "$source" ] || fail "left behind: $(find "$source")"
dpkg --purge "$(dpkg-deb --field "$3" Package)"

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

dkms add "$1"
without_rust=$written/without-rust
mkdir "$without_rust"
cp "$BUILD/Makefile" "$without_rust/"
sed 's/^CONFIG_RUST=y/# CONFIG_RUST is not set/' "$BUILD/.config" >"$without_rust/.config"
refused "$without_rust"
# The same kernel under a release of a series that the module does not know.
RELEASE=6.1.0
refused "$BUILD"
