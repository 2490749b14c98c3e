#!/usr/bin/env bash
# build_machine.sh TREE OUT: a kernel and an initramfs that boot the Debian tree under QEMU, with gpio-sim, which Debian
# leaves out of its kernel: built from Debian's own source of the very same version. Half a minute; 200 MB for a while.
set -euo pipefail
TREE=$(realpath "$1")
OUT=$(realpath -m "$2")
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[[ ! -e $OUT/initrd ]] || exit 0
mkdir -p "$OUT"
work=$(mktemp -d -p "$TREE/tmp")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -m 777 "$work/debs"

version=$(cd "$TREE/boot" && echo vmlinuz-*)
version=${version#vmlinuz-}
cp "$TREE/boot/vmlinuz-$version" "$OUT/vmlinuz"
modules=$TREE/usr/lib/modules/$version
source=linux-source-$(cut -d. -f1,2 <<<"$version")
"$HERE/in_tree.sh" "$TREE" sh -c "cd /tmp/${work##*/}/debs && apt-get -q update && apt-get -q download $source"
dpkg-deb -x "$work"/debs/"$source"_*.deb "$work/source"
rm -r "$work/debs"

build=$work/gpio-sim
mkdir "$build"
tar -xJf "$work/source/usr/src/$source.tar.xz" -C "$build" --strip-components=3 \
  "$source/drivers/gpio/gpio-sim.c" "$source/drivers/gpio/gpiolib.h" "$source/kernel/irq/irq_sim.c"
cp "$HERE/gpio_sim.h" "$build/"
cat >"$build/Makefile" <<'MAKE'
obj-m := gate_gpio.o
gate_gpio-y := gpio-sim.o irq_sim.o
ccflags-y := -include $(src)/gpio_sim.h
MAKE
rm -r "$work/source"
"$HERE/in_tree.sh" "$TREE" make -s -C "/lib/modules/$version/build" "M=/tmp/${work##*/}/gpio-sim" modules
install -D -m 644 "$build/gate_gpio.ko" "$modules/extra/gate_gpio.ko"
"$HERE/in_tree.sh" "$TREE" depmod "$version"

# The initramfs: busybox, the modules that lead to the tree, and an init that goes there.
first=$work/first
mkdir -p "$first"/{bin,modules,proc,dev,below,above,root}
cp "$TREE/usr/bin/busybox" "$first/bin/"
number=100
for module in virtio_pci 9pnet_virtio 9p overlay; do
  "$HERE/in_tree.sh" "$TREE" modprobe -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/wanted"
while read -r module; do
  number=$((number + 1))
  case $module in
    *.xz) xz -dc "$TREE$module" >"$first/modules/$number.ko" ;;
    *) cp "$TREE$module" "$first/modules/$number.ko" ;;
  esac
done <"$work/wanted"
install -m 755 "$HERE/guest/first.sh" "$first/init"
(cd "$first" && find . | "$TREE/usr/bin/busybox" cpio -o -H newc | gzip -1) >"$OUT/initrd.new"
mv "$OUT/initrd.new" "$OUT/initrd"
