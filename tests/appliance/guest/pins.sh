#!/bin/bash
# In the machine: a GPIO chip as a Pi 4 has it, then every question of look_at_pins.py asked of it.
set -euo pipefail
# shellcheck source=tests/appliance/guest/board.sh
source /src/tests/appliance/guest/board.sh
modprobe -a gate_gpio virtio_blk ext4
mount /dev/vda /mnt # a real disk: the gate refuses to keep its ledger in memory
cp -r /beside/store /mnt/
mount -t configfs config /sys/kernel/config
cd /tmp # lgpio leaves a fifo where it is started
exec "${GATE_PYTHON:-/gate/opt/gate-scanner/current/bin/python}" -B /src/tests/appliance/guest/look_at_pins.py
