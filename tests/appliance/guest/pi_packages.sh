#!/bin/bash
# In the tree: what Raspberry Pi OS has from apt and Debian has not, as small packages in an apt source of the tree's own
# (/opt/pi), made from the same releases that PyPI has, and installed from there.
set -euo pipefail

python3 -m venv /opt/pip
PYPI=1 /opt/pip/bin/pip --python /usr/bin/python3 install -q --root-user-action=ignore --require-hashes --no-deps \
  --no-binary lgpio --target /opt/built -r /src/tests/appliance/pi_packages.txt
gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o /usr/local/lib/heap.so /src/tests/appliance/off_pi/heap.c

pack() { # pack NAME VERSION DEPENDS FILE…: into one package for the system's Python
  local folder=/opt/$1
  mkdir -p "$folder"/{DEBIAN,usr/lib/python3/dist-packages} /opt/pi
  mv "${@:4}" "$folder/usr/lib/python3/dist-packages/"
  printf '%s\n' "Package: $1" "Version: $2" "Architecture: $(dpkg --print-architecture)" \
    'Maintainer: nobody <nobody@localhost>' "Depends: python3, $3" \
    'Description: stands in for the package of Raspberry Pi OS' >"$folder/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$folder" "/opt/pi/$1.deb" >/dev/null
  rm -r "$folder"
  {
    dpkg-deb -f "/opt/pi/$1.deb"
    printf 'Filename: ./%s.deb\nSize: %d\nSHA256: %s\n\n' "$1" "$(stat -c %s "/opt/pi/$1.deb")" \
      "$(sha256sum "/opt/pi/$1.deb" | cut -d' ' -f1)"
  } >>/opt/pi/Packages
}
cd /opt/built
rm -rf bin
pack python3-lgpio 0.2.2 'python3-numpy' ./*lgpio*
pack python3-picamera2 0.3.38 'python3-libcamera, python3-numpy, python3-pil' ./*
cd /
rm -r /opt/pip /opt/built

echo 'deb [trusted=yes] file:/opt/pi ./' >/etc/apt/sources.list.d/pi.list
apt-get -q -o Dir::Etc::sourceparts=- -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/pi.list -o Acquire::Languages=none update
DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install python3-lgpio python3-picamera2

# Of its own, a Pi has the group of its pins, and a rule that gives them to it.
groupadd -f -r gpio
echo 'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"' >/etc/udev/rules.d/60-pi.rules
