#!/bin/bash
# In the machine, under systemd: the gate as setup.sh installs it, with a simulated GPIO chip, and every question of
# look_at_gate.py asked of it. There is no network and nobody has set the clock.
set -euo pipefail
# shellcheck source=tests/appliance/guest/pi.sh
source /src/tests/appliance/guest/pi.sh
mountpoint -q /sys/kernel/config || mount -t configfs config /sys/kernel/config
mkdir -p /etc/gate-scanner
cp /beside/site.yaml /etc/gate-scanner/site.yaml
systemd-sysusers /src/systemd/gate-scanner.sysusers
install -o gate-scanner -g gate-scanner -m 600 /beside/store/enrolment.json /var/lib/gate-scanner/
# Python starts 18 times slower here: what makes the lamps safe must not be cut off
printf '[Service]\nTimeoutStopSec=90\nTimeoutStartSec=180\n' >/run/systemd/system/gate-scanner.service.d/slow.conf
mkdir -p /run/systemd/system/gate-scanner-mistakes.service.d
cp /run/systemd/system/gate-scanner.service.d/{pi,slow}.conf /run/systemd/system/gate-scanner-mistakes.service.d/
export -f install_gate
PYTHONPATH=/src exec /gate/opt/gate-scanner/current/bin/python -B /src/tests/appliance/guest/look_at_gate.py
