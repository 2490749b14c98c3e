#!/bin/bash
# In the machine: the ledger at work on the disk whose every write is recorded; /beside/work has its arguments.
set -euo pipefail
modprobe -a virtio_blk ext4
for disk in /sys/block/vd*; do
  [[ $(<"$disk/serial") != recorded ]] || recorded=/dev/${disk##*/}
done
mount "$recorded" /mnt
read -r -a arguments </beside/work
exec /gate/opt/gate-scanner/current/bin/python -B /src/tests/appliance/guest/promise.py "$recorded" "${arguments[@]}"
