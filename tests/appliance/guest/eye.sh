#!/bin/bash
# In the machine, under systemd: the installed gate and its eye, which is a unit and a user of its own. What look_at_eye.py
# asks of them is judged by test_eye.py.
set -euo pipefail
# shellcheck source=tests/appliance/guest/pi.sh
source /src/tests/appliance/guest/pi.sh
make_chip
mkdir -p /etc/gate-scanner
cp /beside/site.yaml /etc/gate-scanner/site.yaml
systemd-sysusers /src/systemd/gate-scanner.sysusers
install -o gate-scanner -g gate-scanner -m 600 /beside/store/enrolment.json /var/lib/gate-scanner/
printf '[Service]\nTimeoutStartSec=180\n' >/run/systemd/system/gate-scanner.service.d/slow.conf
# a folder whose disk can be stopped: who writes to it then waits in state D, and no signal ends it
modprobe loop
mkdir /srv/stuck
mount -o loop /beside/stuck.img /srv/stuck
chmod 777 /srv/stuck
export -f install_gate
PYTHONPATH=/src exec /gate/opt/gate-scanner/current/bin/python -B /src/tests/appliance/guest/look_at_eye.py
