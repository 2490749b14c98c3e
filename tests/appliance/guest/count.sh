#!/bin/bash
# In the machine: count_instructions.py on what lies beside. While the machine waits for the host its clock jumps; so all
# of that is carried to its memory first, and the disk too (the same ext4), on which the ledgers are kept.
set -euo pipefail
modprobe -a virtio_blk ext4
modprobe brd rd_nr=1 "rd_size=$(($(</sys/block/vda/size) / 2))"
cp /dev/vda /dev/ram0
mount /dev/ram0 /mnt
mkdir -p /dev/shm /scene
mount -t tmpfs shm /dev/shm
mount -t tmpfs -o size=80% scene /scene
tar -C /beside --exclude=./disk -cf - . | tar -C /scene -xf -
cp -r /scene/stores/. /mnt/
mount --bind /mnt /scene/stores
python=/gate/opt/gate-scanner/current/bin/python
"$python" -m compileall -q /scene/code/device/{camera,decoder,eye} # its wall lets an eye write nothing
echo "counted: there"
PYTHONPATH=/scene/code "$python" -P /src/tests/appliance/guest/count_instructions.py /scene
cp /scene/counted.json /beside/
