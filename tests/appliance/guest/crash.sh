#!/bin/bash
# In the machine: a GPIO chip, the card as the last crash left it, and the gate until the next one; /beside/work says when.
set -euo pipefail
# shellcheck source=tests/appliance/guest/board.sh
source /src/tests/appliance/guest/board.sh
modprobe -a gate_gpio virtio_blk ext4
mount /dev/vda /mnt
[[ -e /mnt/store ]] || cp -r /beside/store /mnt/
sync
mount -t configfs config /sys/kernel/config
cd /tmp # lgpio leaves a fifo where it is started
read -r -a arguments </beside/work
PYTHONPATH=/src exec /gate/opt/gate-scanner/current/bin/python -B /src/tests/appliance/guest/look_at_crash.py "${arguments[@]}"
