# shellcheck shell=bash
# Sourced in the machine: makes it look like a Pi 4 to whoever runs in it. Its disk becomes the ledger's, since the gate
# refuses to keep a ledger in memory; the GPIO chip is the simulated one (group gpio, as the rule of a Pi says).
modprobe -a gate_gpio gate_firmware virtio_blk ext4
mkdir -p /var/lib/gate-scanner
mount /dev/vda /var/lib/gate-scanner
# shellcheck source=tests/appliance/guest/board.sh
source /src/tests/appliance/guest/board.sh
mkdir -p /run/systemd/system/gate-scanner{,-eye@}.service.d
# a machine so slow does not start and end within the seconds of a Pi
printf '[Service]\n%bTimeoutStartSec=300\nTimeoutStopSec=90\n' "$BOARD_SETTINGS" >/run/systemd/system/gate-scanner.service.d/pi.conf
printf '[Service]\n%bWatchdogSec=60\n' "$BOARD_SETTINGS" >/run/systemd/system/gate-scanner-eye@.service.d/pi.conf

make_chip() { # the chip of a Pi: 28 lines; its other side: $CHIP/sim_gpioN/{value,pull}
  local made=/sys/kernel/config/gpio-sim/gate
  mountpoint -q /sys/kernel/config || mount -t configfs config /sys/kernel/config
  mkdir -p "$made/bank0"
  echo 28 >"$made/bank0/num_lines"
  echo "$HEADER" >"$made/bank0/label"
  echo 1 >"$made/live"
  udevadm settle
  export CHIP
  CHIP=/sys/devices/platform/$(<"$made/dev_name")/$(<"$made/bank0/chip_name")
}

install_gate() { # the version that is in the tree already; everything else as on a Pi. Write /etc/gate-scanner/site.yaml first
  ln -sfn /gate/opt/gate-scanner /opt/gate-scanner
  /src/setup.sh install
}
