#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# PID 1 of the machine that makes an operating system of unpacked packages: it has dpkg install them, maintainer scripts
# and all, sets up what a test expects of a board, and sends everything to the host. The status word says how it ended.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root DEBIAN_FRONTEND=noninteractive

install_packages() {
    cd /var/cache/apt/archives || return 1
    # The others change owners, for which there must be users.
    dpkg --install --force-depends base-passwd_*.deb &&
        dpkg --install --force-depends --force-unsafe-io ./*.deb &&
        test -z "$(dpkg --audit)" &&
        rm -rf /var/cache/apt /var/lib/apt/lists /usr/share/doc /usr/share/man /usr/share/locale
}

set_up() {
    # Each system gets a machine ID and host keys of its own.
    : > /etc/machine-id && rm -f /etc/ssh/ssh_host_* || return 1
    echo board > /etc/hostname
    printf '127.0.0.1 localhost board\n' > /etc/hosts
    # The address that QEMU's user-mode network forwards to.
    printf '[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\n' > /etc/systemd/network/10-board.network
    systemctl enable systemd-networkd.service || return 1
    # `member` may use the GPU, `stranger` may not, `developer` is an administrator.
    useradd --create-home --shell /bin/sh --groups render member &&
        useradd --create-home --shell /bin/sh stranger &&
        useradd --create-home --shell /bin/sh developer || return 1
    echo 'developer ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/developer && chmod 440 /etc/sudoers.d/developer
}

# The device of the virtio-serial port with that name.
port() {
    for port in /sys/class/virtio-ports/*; do
        test "$(cat "$port/name")" = "$1" && echo "/dev/${port##*/}"
    done
}

archive() {
    rm -f /configure.sh
    tar --create --one-file-system --numeric-owner --exclude=./lost+found --directory=/ . > "$(port archive)"
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2> /dev/null
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
exit=1
install_packages && set_up && archive && exit=0
echo "done exit=$exit tests=0 tainted=$(cat /proc/sys/kernel/tainted)" > "$(port status)"
echo b > /proc/sysrq-trigger
# PID 1 must not end before the machine does.
sleep 60
