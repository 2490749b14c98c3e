#!/bin/bash
# In the machine, under systemd: a Pi without its camera packages gets the gate by setup.sh, is upgraded from a stick,
# goes back, meets a version that does not start and one that is blind, and is rid of it again. What each command said and left behind goes
# to /beside; test_install.py judges it.
set -uo pipefail
# shellcheck source=tests/appliance/guest/pi.sh
source /src/tests/appliance/guest/pi.sh
make_chip

say() { # say NAME COMMAND…: what it printed, its exit code and seconds
  local began=$SECONDS code
  "${@:2}" >"/beside/$1.txt" 2>&1
  code=$?
  printf '%s\n' "$code" >"/beside/$1.code"
  printf 'SAW %s: exit %s after %s s\n' "$1" "$code" $((SECONDS - began))
  cat "/beside/$1.txt"
}
files() { # every file and link of the machine, less what belongs to others
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/log -o -path /root \
    -o -path /var/cache -o -path /var/tmp -o -path /beside -o -path /src -o -path /var/lib/apt -o -path /var/lib/dpkg \
    -o -path /var/lib/systemd \) -prune -o -not -type d -print | LC_ALL=C sort >"/beside/$1.files"
}
state() { # the running gate, as systemd and its links have it
  {
    systemctl show gate-scanner -p ActiveState,Result,NRestarts
    readlink /opt/gate-scanner/current
    ls /opt/gate-scanner/versions
    tr '\0' ' ' <"/proc/$(systemctl show -P MainPID gate-scanner)/cmdline"
  } >"/beside/$1.state" 2>&1
}

dpkg --purge python3-picamera2 python3-lgpio
echo 'deb [trusted=yes] file:/opt/pi ./' >/etc/apt/sources.list
rm -f /etc/apt/sources.list.d/*
say packages_before dpkg-query -W python3-picamera2 python3-lgpio
files before

mkdir /root/stick
tar -C /root/stick -xf /beside/good.tar
mkdir -p /run/systemd/system/gate-scanner-mistakes.service.d # its lamps too work on a Pi only
cp /run/systemd/system/gate-scanner.service.d/pi.conf /run/systemd/system/gate-scanner-mistakes.service.d/
say install /root/stick/*/setup.sh install
state unedited
say lamps systemctl is-active gate-scanner-mistakes
say install_again /root/stick/*/setup.sh install
# The site file is the example. Somebody says where the gate stands, and it starts by itself.
sed 's/Trường THPT Hoa Phượng/Chợ Mẫu/; s/hub\.example\.vn/hub.vidu.vn/' /etc/gate-scanner/site.yaml >/run/edited.yaml
cat /run/edited.yaml >/etc/gate-scanner/site.yaml
for ((second = 0; second < 240; second++)); do
  systemctl is-active --quiet gate-scanner && break
  sleep 1
done
state installed
say folders ls /opt/gate-scanner/current/lib/python3.13/site-packages/device
say packages dpkg-query -W python3-picamera2 python3-lgpio

# Now it is somebody's gate: enrolled, with a camera (a replay of pictures).
cp /beside/site.yaml /etc/gate-scanner/site.yaml
install -o gate-scanner -g gate-scanner -m 600 /beside/store/enrolment.json /var/lib/gate-scanner/
say restart systemctl restart gate-scanner
sleep 5

say unsigned /root/stick/*/setup.sh upgrade /beside/unsigned.tar
say stranger /root/stick/*/setup.sh upgrade /beside/stranger.tar
say upgrade /opt/gate-scanner/current/kit/setup.sh upgrade /beside/next.tar
state after_upgrade
say rollback /opt/gate-scanner/current/kit/setup.sh rollback
state after_rollback
export SETUP_PATIENCE_S=60
for trouble in broken blind; do
  touch "/run/gate-$trouble"
  say "$trouble" /opt/gate-scanner/current/kit/setup.sh upgrade /beside/next.tar
  rm "/run/gate-$trouble"
  state "after_$trouble"
done
say told /opt/gate-scanner/current/kit/setup.sh rollback
say journal journalctl -q -o cat -t setup.sh
say site cat /etc/gate-scanner/site.yaml

say uninstall /opt/gate-scanner/current/kit/setup.sh uninstall
say uninstall_again /root/stick/*/setup.sh uninstall
files after
say units systemctl list-unit-files --no-legend 'gate-*'
ls -l /var/lib/gate-scanner
exit 0
