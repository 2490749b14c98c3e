#!/bin/bash
# In the machine, under systemd: the gate in its unit. Everybody's rights are thrown open first, so that what still holds is
# the unit; then probe.py tries the doors from inside. What was seen goes to /beside; test_hardening.py judges it.
set -uo pipefail
# shellcheck source=tests/appliance/guest/pi.sh
source /src/tests/appliance/guest/pi.sh
make_chip
mkdir -p /etc/gate-scanner /run/systemd/timesync
touch /run/systemd/timesync/synchronized # as systemd-timesyncd does
cp /beside/site.yaml /etc/gate-scanner/site.yaml
# once READY, in the very same sandbox
printf '[Service]\nExecStartPost=/gate/opt/gate-scanner/current/bin/python -B %s\n' /src/tests/appliance/guest/probe.py \
  >/run/systemd/system/gate-scanner.service.d/probe.conf
systemd-sysusers /src/systemd/gate-scanner.sysusers
chgrp gate-scanner /etc/gate-scanner
install -o gate-scanner -g gate-scanner -m 600 /beside/store/enrolment.json /var/lib/gate-scanner/
modprobe -a loop kvm 2>/dev/null
find /dev -type c -o -type b | while read -r device; do chmod 666 "$device"; done
mkdir -m 777 /srv/open
chmod 777 /etc /usr /usr/bin /opt /home /root /var /var/lib /var/log /boot /etc/gate-scanner /beside
install_gate
chmod 755 /beside
cp /var/lib/gate-scanner/probe.json /beside/

show() { # show UNIT PROPERTY…
  systemctl show "$1" --property "$(IFS=, && echo "${*:2}")"
}
analyzed() {
  systemd-analyze security --no-pager gate-scanner.service
  systemd-analyze security --no-pager "$(systemctl list-units --plain --no-legend 'gate-scanner-eye@*' | sed 's/ .*//')"
}
watchdog() {
  show - RuntimeWatchdogUSec
  grep -H . /sys/class/watchdog/watchdog0/{identity,state,timeout}
}
journal_cap() {
  journalctl -q -o cat -u systemd-journald | grep -E '^(System|Runtime) Journal' | tail -n 1
}
with_site() { # with_site NAME TEXT: saves the site file, and waits until systemd has looked at it
  local before
  before=$(systemctl show -P InvocationID gate-scanner-site)
  printf '%s\n' "$2" >>/etc/gate-scanner/site.yaml
  for ((second = 0; second < 60; second++)); do
    [[ $(systemctl show -P InvocationID gate-scanner-site) == "$before" ||
      $(systemctl show -P ActiveState gate-scanner-site) == activating ]] || break
    sleep 1
  done
  {
    show gate-scanner ActiveState Result ExecMainStatus NRestarts
    journalctl -q -o cat -u gate-scanner-site _SYSTEMD_INVOCATION_ID="$(systemctl show -P InvocationID gate-scanner-site)"
    cat /etc/systemd/system/gate-scanner.service.d/hub-only.conf
  } >"/beside/$1.txt" 2>&1
}

sleep 5
analyzed >/beside/security.txt
/opt/gate-scanner/current/bin/gate-scanner status --json >/beside/status.json
show gate-scanner ActiveState Result NRestarts MemorySwapMax LimitCORE IPAddressAllow IPAddressDeny >/beside/unit.txt
watchdog >/beside/watchdog.txt
{
  systemctl start gate-scanner-health
  journalctl -q -o cat -u gate-scanner-health
} >/beside/health.txt 2>&1
journal_cap >/beside/journal.txt
{ # who may have the relay held: the unit has users of its own, and still knows root
  /opt/gate-scanner/current/bin/gate-scanner lights granted --relay
  echo "root: $?"
  setpriv --reuid gate-scanner --regid gate-scanner --init-groups \
    /opt/gate-scanner/current/bin/gate-scanner lights granted --relay
  echo "gate-scanner: $?"
} >/beside/lights.txt 2>&1

for power in 0:0 50005:1; do # what a Pi's firmware says of its supply, seen from inside the sandbox
  echo "$((0x${power%:*}))" >/sys/module/gate_firmware/parameters/throttled
  echo "${power#*:}" >/sys/module/gate_firmware/parameters/alarm
  /opt/gate-scanner/current/bin/gate-scanner status --json >"/beside/power_${power#*:}.json"
done

# A mistake in the site file: it stays down until the file is right, and is then started by systemd alone.
rm /run/systemd/system/gate-scanner.service.d/probe.conf
systemctl daemon-reload
echo 'pin: {}' >>/etc/gate-scanner/site.yaml
systemctl restart gate-scanner
show gate-scanner ActiveState Result ExecMainStatus NRestarts >/beside/mistake.txt
with_site still_wrong '# still wrong'
cp /beside/site.yaml /etc/gate-scanner/site.yaml.new
mv /etc/gate-scanner/site.yaml.new /etc/gate-scanner/site.yaml
sleep 2
with_site right 'hub: {url: "https://10.1.2.3:8400"}'
for ((second = 0; second < 60; second++)); do
  systemctl is-active --quiet gate-scanner && break
  sleep 1
done
show gate-scanner ActiveState Result NRestarts IPAddressAllow >/beside/started.txt

# A card in a Windows laptop: a site file from Notepad on the boot partition (FAT, as every card of a Pi has it, with what its
# firmware reads), then one with a mistake.
modprobe -a vfat nls_cp437 nls_ascii
mkdir -p /boot/firmware
mount -o loop,noatime /beside/boot.img /boot/firmware
printf '%s\n' dtparam=i2c_arm=on dtoverlay=vc4-kms-v3d >/boot/firmware/config.txt
echo 'console=tty1 root=PARTUUID=0123abcd-02 rootwait' >/boot/firmware/cmdline.txt
{
  printf '\357\273\277'
  sed 's/$/\r/' /beside/site.yaml
  printf 'hub: {url: "https://10.9.9.9"}\r\n'
} >/boot/firmware/Site.YAML.txt
systemctl start gate-scanner-adopt
{
  cat /boot/firmware/site-answer.txt
  tail -n 1 /etc/gate-scanner/site.yaml
  stat -c '%n %U:%G %a' /etc/gate-scanner/site.yaml
  cat /etc/systemd/system/gate-scanner.service.d/hub-only.conf
} >/beside/adopted.txt
echo 'pin: {}' >/boot/firmware/site.yaml
systemctl start gate-scanner-adopt
cat /boot/firmware/site-answer.txt >/beside/not_adopted.txt
{
  stat -f -c %T /boot/firmware
  ls /boot/firmware
  cat /boot/firmware/{config,cmdline}.txt
} >/beside/boot.txt
umount /boot/firmware

# A hub beside the gate, in its own unit. The address of the machine is its name here.
ln -sfn /gate/opt/gate-hub /opt/gate-hub
/src/setup.sh install --hub localhost >/beside/hub.txt 2>&1
/src/setup.sh install --hub localhost >/beside/hub_again.txt 2>&1
for ((second = 0; second < 60; second++)); do
  journalctl -q -o cat -u gate-hub | grep -q '^hub on ' && break
  sleep 1
done
{
  show gate-hub ActiveState NRestarts
  journalctl -q -o cat -u gate-hub
  openssl s_client -connect 127.0.0.1:8400 -CAfile /var/lib/gate-hub/tls/ca.pem -verify_hostname localhost </dev/null 2>&1 |
    grep -i 'verif'
  systemctl start gate-hub-retention && journalctl -q -o cat -u gate-hub-retention
} >/beside/hub_runs.txt 2>&1
/src/setup.sh uninstall --hub >/beside/hub_gone.txt 2>&1

cd /beside || exit
for seen in *.txt *.json; do
  printf 'SAW %s\n' "$seen"
  cat "$seen"
  echo
done
exit 0
