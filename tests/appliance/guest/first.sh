#!/bin/busybox sh
# The first program of the machine: finds the tree on the host (read-only, what is written stays in memory) and goes there.
# The kernel's command line says what for: gate.run=COMMAND runs it alone and switches the machine off; gate.unit=COMMAND
# starts systemd, which runs it as a unit once the system is up, and then switches off.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro tree /below || poweroff -f
mount -t tmpfs -o size=75% memory /above
mkdir /above/changes /above/work
mount -t overlay -o lowerdir=/below,upperdir=/above/changes,workdir=/above/work tree /root || poweroff -f
mkdir -p /root/beside /root/src
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 beside /root/beside
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro checkout /root/src
mount --move /dev /root/dev
wanted=$(sed 's/.*gate\.\(run\|unit\)=\([^ ]*\).*/\2/' /proc/cmdline)
if grep -q 'gate\.unit=' /proc/cmdline; then
  units=/root/etc/systemd/system
  for unit in getty.target systemd-firstboot.service systemd-logind.service apt-daily.timer apt-daily-upgrade.timer \
    e2scrub_all.timer e2scrub_reap.service systemd-networkd-wait-online.service; do
    ln -sf /dev/null "$units/$unit"
  done
  echo 0123456789abcdef0123456789abcdef >/root/etc/machine-id
  touch /root/etc/.updated /root/var/.updated # or it makes caches at every boot
  printf '%s\n' '[Unit]' 'After=basic.target systemd-user-sessions.service' 'StartLimitIntervalSec=0' '[Service]' \
    'Type=exec' "ExecStart=/src/tests/appliance/guest/unit.sh $wanted" >"$units/machine.service"
  mkdir -p "$units/multi-user.target.wants"
  ln -sf ../machine.service "$units/multi-user.target.wants/machine.service"
  ln -sf /usr/lib/systemd/system/multi-user.target "$units/default.target"
  umount /proc
  exec switch_root /root /usr/lib/systemd/systemd
fi
mount -t sysfs sys /root/sys
mount -t tracefs trace /root/sys/kernel/tracing
mount -t tmpfs run /root/run
mount -t tmpfs tmp /root/tmp
mount -t proc proc /root/proc
echo "MACHINE up, kernel $(uname -r)"
PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot /root "$wanted"
echo "MACHINE over, exit $?"
poweroff -f
