#!/usr/bin/env bash
# build_machine.sh TREE OUT: a kernel and an initramfs that boot the Debian tree under QEMU, with gpio-sim, which Debian
# leaves out of its kernel: built from Debian's own source of the very same version. Half a minute; 200 MB for a while.
set -euo pipefail
TREE=$(realpath "$1")
OUT=$(realpath -m "$2")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/appliance/machines.sh
source "$HERE/machines.sh"
[[ ! -e $OUT/initrd ]] || exit 0
mkdir -p "$OUT"
work=$(mktemp -d -p "$TREE/tmp")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -m 777 "$work/debs"

in_tree() { "$HERE/in_tree.sh" "$TREE" "$@"; }

# The kernel is unpacked and not installed: nothing here needs the initramfs that Debian would make, and remake.
in_tree apt-get -q update
image=$(in_tree apt-cache depends --important "linux-image-$MACHINE_ARCH" | awk '/Depends: linux-image-/ { print $2 }')
version=${image#linux-image-} release=$(cut -d. -f1,2 <<<"$image")
source=linux-source-${release#linux-image-}
in_tree sh -c "cd /tmp/${work##*/}/debs && apt-get -q download $image linux-headers-$version \
  linux-headers-${version%-*}-common linux-kbuild-${version%-*} $source"
for package in "$work"/debs/linux-[!s]*.deb; do dpkg-deb -x "$package" "$TREE"; done
dpkg-deb -x "$work"/debs/"$source"_*.deb "$work/source"
rm -r "$work/debs"
cp "$TREE/boot/vmlinuz-$version" "$OUT/vmlinuz"
modules=$TREE/usr/lib/modules/$version

build=$work/gpio-sim
mkdir "$build"
tar -xJf "$work/source/usr/src/$source.tar.xz" -C "$build" --strip-components=3 \
  "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"
cp "$HERE/gpio_sim.h" "$build/"
cp "$HERE/pi_firmware.c" "$build/gate_firmware.c"
cat >"$build/Makefile" <<'MAKE'
obj-m := gate_gpio.o gate_firmware.o
gate_gpio-y := gpio-sim.o irq_sim.o
CFLAGS_gpio-sim.o := -include $(src)/gpio_sim.h
CFLAGS_irq_sim.o := -include $(src)/gpio_sim.h
MAKE
rm -r "$work/source"
in_tree make -s -C "/lib/modules/$version/build" "M=/tmp/${work##*/}/gpio-sim" \
  CONFIG_DEBUG_INFO_BTF_MODULES= modules # which would need pahole
install -D -m 644 -t "$modules/extra" "$build"/gate_{gpio,firmware}.ko
depmod -b "$TREE/usr" "$version" # the host's own: in the tree it may be an emulated one

# The initramfs: busybox, the modules that lead to the tree, and an init that goes there.
first=$work/first
mkdir -p "$first"/{bin,modules,proc,dev,below,above,root}
cp "$TREE/usr/bin/busybox" "$first/bin/"
number=100
for module in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe -d "$TREE/usr" -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/wanted"
while read -r module; do
  number=$((number + 1))
  case $module in
    *.xz) xz -dc "$module" >"$first/modules/$number.ko" ;;
    *) cp "$module" "$first/modules/$number.ko" ;;
  esac
done <"$work/wanted"
install -m 755 "$HERE/guest/first.sh" "$first/init"
(cd "$first" && find . | "$TREE/usr/bin/busybox" cpio -o -H newc | gzip -1) >"$OUT/initrd.new"
mv "$OUT/initrd.new" "$OUT/initrd"
