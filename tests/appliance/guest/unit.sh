#!/bin/bash
# In the machine, under systemd: runs COMMAND, says on the console how it ended, and switches off.
exec </dev/null >/dev/console 2>&1
read -r up _ </proc/uptime
echo "MACHINE up, kernel $(uname -r), systemd $(systemctl --version | sed -n 's/^systemd \([0-9]*\).*/\1/p'), after $up s"
export HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /root || exit
"$@"
echo "MACHINE over, exit $?"
sync
systemctl poweroff --force --force
