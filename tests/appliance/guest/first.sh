#!/bin/busybox sh
# The first program of the machine: finds the tree on the host (read-only, what is written stays in memory), goes there,
# runs what the kernel's command line names, and switches the machine off.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro tree /below || poweroff -f
mount -t tmpfs memory /above
mkdir /above/changes /above/work
mount -t overlay -o lowerdir=/below,upperdir=/above/changes,workdir=/above/work tree /root || poweroff -f
mkdir -p /root/beside /root/src
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 beside /root/beside
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro checkout /root/src
mount -t sysfs sys /root/sys
mount -t tracefs trace /root/sys/kernel/tracing
mount --move /dev /root/dev
mount -t tmpfs run /root/run
mount -t tmpfs tmp /root/tmp
mount -t proc proc /root/proc
wanted=$(sed 's/.*gate\.run=\([^ ]*\).*/\1/' /proc/cmdline)
echo "MACHINE up, kernel $(uname -r)"
PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot /root "$wanted"
echo "MACHINE over, exit $?"
poweroff -f
