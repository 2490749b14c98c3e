# shellcheck shell=bash disable=SC2034 # used by those who source it
# Sourced in the machine: what tells programs that it is a Pi, and which. With a Pi's processor that is the device tree, which
# boot.sh writes; otherwise /proc/cpuinfo says it is a Pi 4B. HEADER: what the kernel calls the chip of its 40 pins.
HEADER=pinctrl-bcm2711
BOARD_SETTINGS='' # for a hardened unit, which has a /proc of its own
if [[ -e /proc/device-tree/system/linux,revision ]]; then
  ! grep -q 'Pi 5' /proc/device-tree/model || HEADER=pinctrl-rp1
else
  {
    cat /proc/cpuinfo
    printf 'Revision\t: c03114\n'
  } >/run/cpuinfo
  mount --bind /run/cpuinfo /proc/cpuinfo
  BOARD_SETTINGS='BindReadOnlyPaths=/run/cpuinfo:/proc/cpuinfo\n'
fi
export HEADER
