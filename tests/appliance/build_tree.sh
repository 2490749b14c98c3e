#!/usr/bin/env bash
# build_tree.sh TREE: Debian 13 with what a Pi has from apt (real libcamera, picamera2, lgpio, numpy), and the gate put
# in by setup.sh. Root and mmdebstrap; two minutes the first time, seconds afterwards.
set -euo pipefail
TREE=$(realpath -m "$1")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/appliance/machines.sh
source "$HERE/machines.sh"

# For Python, picamera2's own needs, to build lgpio, for the machine under QEMU and what runs in it. apt's
# recommendations would double it.
packages=(
  ca-certificates python3-venv python3-numpy python3-pil python3-libcamera libcamera-ipa libzbar0t64
  python3-prctl python3-av python3-piexif python3-tqdm python3-jsonschema python3-libarchive-c
  gcc libc6-dev make python3-dev swig
  busybox-static gpiod kmod libelf1t64 xz-utils
  openssl systemd systemd-sysv systemd-timesyncd udev
)

if [[ ! -e $TREE/whole ]]; then
  rm -rf "$TREE"
  let_programs_run
  printf -v list '%s,' "${packages[@]}"
  mmdebstrap --quiet --mode=root "--arch=$MACHINE_ARCH" --variant=minbase --skip=cleanup/apt \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="${list%,}" trixie "$TREE"
  "$HERE/in_tree.sh" "$TREE" /src/tests/appliance/guest/pi_packages.sh
  install -D -m 644 "$HERE/off_pi/virtual.yaml" "$TREE/usr/share/libcamera/pipeline/virtual/virtual.yaml"
  touch "$TREE/whole"
fi
"$HERE/in_tree.sh" "$TREE" /src/setup.sh install --root /gate
"$HERE/in_tree.sh" "$TREE" /src/setup.sh install --hub hub.example.vn --root /gate
