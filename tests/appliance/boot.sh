#!/usr/bin/env bash
# boot.sh TREE MACHINE BESIDE run|unit COMMAND: boots the machine on the tree under QEMU's own emulation (about 18 times
# slower than the host; KVM is never asked for) and prints the console. COMMAND, a path inside the tree, is run alone, or
# by systemd once the system is up. BESIDE is shared both ways; in it the machine's disk is made (BESIDE/disk, 64 MB of ext4).
# Its hardware watchdog says when it fires and resets nothing: on a busy host it fires though nothing hangs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/appliance/machines.sh
source "$here/machines.sh"
share() { # share TAG FOLDER [OPTION]
  printf 'local,mount_tag=%s,path=%s,security_model=none,multidevs=remap%s' "$1" "$(realpath "$2")" "${3:-}"
}
[[ -e $3/disk ]] || {
  truncate -s 64M "$3/disk"
  mke2fs -q -F -t ext4 "$3/disk"
}
read -r -a disks <<<"${MACHINE_DISKS:-}" # options of QEMU, for more of them
MACHINE+=(-smp "${MACHINE_CPUS:-1}" -m 2048)
if [[ $MACHINE_ARCH == arm64 ]]; then # the board's own device tree, in which a Pi's firmware has written which Pi it is
  "${MACHINE[@]}" -nodefaults -nographic -machine "dumpdtb=$3/board.dtb" 2>/dev/null
  fdtput -t s "$3/board.dtb" / model "${PI_MODELS[${GATE_PI:-4}]#* }"
  fdtput -c "$3/board.dtb" /system
  fdtput -t x "$3/board.dtb" /system linux,revision "${PI_MODELS[${GATE_PI:-4}]%% *}"
  MACHINE+=(-dtb "$3/board.dtb")
  BOOT+=' norandmaps' # the emulator translates what lies at another address anew: 7 % of its work
fi
exec timeout --kill-after=5 "${MACHINE_TIMEOUT:-900}" "${MACHINE[@]}" -nodefaults -nographic -no-reboot -serial stdio \
  -kernel "$2/vmlinuz" -initrd "$2/initrd" \
  -append "console=$CONSOLE quiet panic=-1 $BOOT ${MACHINE_BOOT:-} gate.$4=$5" \
  -virtfs "$(share tree "$1" ,readonly=on)" -virtfs "$(share checkout "$here/../.." ,readonly=on)" \
  -virtfs "$(share beside "$3")" -drive "file=$3/disk,format=raw,if=virtio" \
  -device i6300esb -watchdog-action debug "${disks[@]}" </dev/null
