# SPDX-License-Identifier: GPL-2.0
# Changes the machine, as root, or leaves it as it was. The archive of what is to be there comes on stdin. Each line that
# begins with @ is for the host. Set beforehand: store, name, release, persist, module_place (where it is installed then),
# nodes, wait, depends, parameters, load, earlier (the file of what is loaded, or `sent` for what was sent),
# earlier_parameters.

export PATH="$PATH:/usr/sbin:/sbin" LC_ALL=C
umask 022
set -f
unloaded= inserted= needed= committed= directories= written= new=

say() { echo "@$*"; }

# The kernel's lines since the mark.
log() {
    number=$(dmesg | grep -nFx -e "$mark" | tail -n 1 | cut -d : -f 1)
    dmesg | tail -n "+$((${number:-0} + 1))" | while IFS= read -r line; do say "log $line"; done
}

fail() {
    say "error $*"
    log
    exit 1
}

# Runs a command; fails with what it says.
attempt() {
    step=$1
    shift
    said=$("$@" 2>&1) || fail "$step: $(echo "$said" | tr '\n' ' ')"
}

# The index of the modules, which depmod writes anew. Only these two need names expanded.
keep_index() {
    mkdir "$new/index" || return
    set +f
    cp -p "/lib/modules/$release/modules."* "$new/index/" 2> /dev/null || true
    set -f
}

restore_index() {
    set +f
    rm -f "/lib/modules/$release/modules."*
    for file in "$new/index/"*; do
        if [ -e "$file" ]; then cp -p "$file" "/lib/modules/$release/" || return; fi
    done
    set -f
}

roll_back() {
    trap '' EXIT HUP INT TERM PIPE
    if [ -n "$committed" ]; then
        rm -rf "$new"
        return
    fi
    trouble=
    if [ -n "$inserted" ]; then
        rmmod "$name" || trouble="$name is still loaded"
    fi
    for module in $needed; do rmmod "$module" || trouble="$module is still loaded"; done
    for place in $written; do
        rm -f "$place"
        if [ -e "$new/old$place" ]; then
            cp -p "$new/old$place" "$place" || trouble="$place is not what it was"
        fi
    done
    for directory in $directories; do rmdir "$directory" 2> /dev/null; done
    if [ -d "$new/index" ]; then restore_index || trouble="the index of the modules is not what it was"; fi
    if [ -n "$unloaded" ]; then
        insmod "$new/earlier$suffix" $earlier_parameters || trouble="the earlier $name is not loaded any more"
    fi
    rm -rf "$new"
    rmdir "$store" 2> /dev/null
    if [ -n "$trouble" ]; then say "trouble $trouble"; else say "restored"; fi
}

# Writes one file of the installation; whatever is missing of its directories first.
write() {
    place=/$2
    directory=$(dirname "$place")
    missing=$directory created=
    while [ ! -d "$missing" ]; do
        created="$created $missing"
        missing=$(dirname "$missing")
    done
    # Inner directories first: in this order they are removed.
    directories="$created $directories"
    mkdir -p "$directory" || return
    if [ -e "$place" ]; then
        mkdir -p "$new/old$directory" && cp -p "$place" "$new/old$place" || return
    fi
    written="$written $place"
    cp "$new/files/$1" "$place.new" && chmod 644 "$place.new" && mv "$place.new" "$place" && return
    rm -f "$place.new"
    return 1
}

# Removes one file of an earlier installation; what is kept of it, roll_back puts back.
drop() {
    place=/$1
    mkdir -p "$new/old${place%/*}" && cp -p "$place" "$new/old$place" || return
    written="$written $place"
    rm "$place"
}

# Installs the files, and sees to it that modprobe finds the module among them.
persist() {
    attempt "keeping the index of the modules" keep_index
    while read -r index place; do
        if [ "$index" = - ]; then
            drop "$place" 2> "$new/said" || fail "removing /$place: $(tr '\n' ' ' < "$new/said")"
            continue
        fi
        write "$index" "$place" 2> "$new/said" || fail "writing /$place: $(tr '\n' ' ' < "$new/said")"
    done < "$new/list"
    attempt "running depmod" depmod -a "$release"
    found=$(modinfo -n "$name" 2>&1)
    if [ "$(readlink -f "$module_place")" = "$(readlink -f "$found")" ]; then
        say "done installed in $found"
        return
    fi
    fail "modprobe does not find the installed module but: $found"
}

mark=$(dmesg | tail -n 1)
[ -d "${store%/*}" ] || fail "there is no ${store%/*}"
trap roll_back EXIT
trap 'exit 1' HUP INT TERM PIPE
attempt "creating $store" mkdir -p "$store"
new=$(mktemp -d "$store/new.XXXXXX") || fail "creating a directory in $store"
attempt "unpacking" tar -xf - -C "$new"

if [ -n "$earlier" ]; then
    # kmod tells by the name of a file how it is packed.
    suffix=.ko file=$new/module.ko
    if [ "$earlier" != sent ]; then suffix=.ko${earlier##*.ko} file=$earlier; fi
    attempt "keeping the loaded module" cp "$file" "$new/earlier$suffix"
fi
if [ -n "$persist" ]; then persist; fi
if [ -n "$load" ]; then
    for module in $depends; do
        [ -e "/sys/module/$module" ] && continue
        attempt "loading $module" modprobe "$module"
        needed="$module $needed"
    done
    if [ -n "$earlier" ]; then
        attempt "unloading the loaded module" rmmod "$name"
        unloaded=yes
        say "done unloaded the earlier one"
    fi
    attempt "loading" insmod "$new/module.ko" $parameters
    inserted=yes
    say "done loaded"
else
    say "done loaded already"
fi
for node in $nodes; do
    left=$wait
    while [ ! -e "/dev/$node" ]; do
        [ "$left" -gt 0 ] || fail "/dev/$node did not appear within $wait s"
        left=$((left - 1))
        sleep 1
    done
    if command -v udevadm > /dev/null; then udevadm settle --timeout="$wait"; fi
    say "node $(ls -l "/dev/$node")"
done
committed=yes
# The next deployment may have to load it again.
if [ -n "$load" ]; then mv "$new/module.ko" "$store/$name.ko"; fi
log
