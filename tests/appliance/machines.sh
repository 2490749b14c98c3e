# shellcheck shell=bash disable=SC2034 # used by those who source it
# Sourced by the scripts beside it and by setup.sh: what differs between the machines that $GATE_MACHINE chooses from.
# MACHINE_ARCH: Debian's name; MACHINE: the emulator and its board; CONSOLE and BOOT: of the kernel's command line;
# MACHINE_PACKAGES: what must be on the host, by command.
declare -A MACHINE_PACKAGES=([mmdebstrap]=mmdebstrap [busybox]=busybox-static [modprobe]=kmod [cpio]=cpio [xz]=xz-utils
  [mke2fs]=e2fsprogs [mkfs.vfat]=dosfstools [strace]=strace)
declare -A PI_MODELS=([4]='c03114 Raspberry Pi 4 Model B Rev 1.4' [5]='d04170 Raspberry Pi 5 Model B Rev 1.0') # by $GATE_PI
case ${GATE_MACHINE:-arm64} in
  amd64)
    MACHINE_ARCH=amd64 CONSOLE=ttyS0 BOOT=mitigations=off
    MACHINE=(qemu-system-x86_64 -machine 'q35,hpet=off,accel=tcg' -cpu max)
    MACHINE_PACKAGES[qemu-system-x86_64]=qemu-system-x86
    ;;
  arm64) # a Pi 4's processor, whose clock is an instruction a nanosecond: a busy host makes the machine wait, not late. While
    # it has nothing to do its clock is the host's; with MACHINE_CLOCK=shift=0,sleep=off it jumps to the next deadline, and
    # runs through those of a program that waits for a file of the host
    # Its board has a GPIO chip of its own, which takes /dev/gpiochip0: the header's is found by its name
    MACHINE_ARCH=arm64 CONSOLE=ttyAMA0 BOOT=mitigations=off
    MACHINE=(qemu-system-aarch64 -machine 'virt,accel=tcg' -cpu cortex-a72 -icount "${MACHINE_CLOCK:-shift=0}")
    MACHINE_PACKAGES+=([qemu-system-aarch64]=qemu-system-arm [qemu-aarch64-static]=qemu-user-static [arch-test]=arch-test [fdtput]=device-tree-compiler)
    # for its programs in the tree, on the host. The usual choice, `max`, signs each return address: 20 times slower
    export QEMU_CPU=cortex-a72
    ;;
  *)
    echo "GATE_MACHINE is amd64 or arm64, not $GATE_MACHINE" >&2
    exit 2
    ;;
esac

let_programs_run() { # of another processor: by QEMU, which the kernel keeps open (F), so that it also serves in a chroot
  local kernel=/proc/sys/fs/binfmt_misc
  [[ $MACHINE_ARCH == arm64 && $(uname -m) != aarch64 ]] || return 0
  [[ -e $kernel/register ]] || mount -t binfmt_misc binfmt_misc "$kernel"
  [[ -e $kernel/qemu-aarch64 ]] || printf '%s' ':qemu-aarch64:M:' \
    ':\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00' \
    ':\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff' \
    ":$(command -v qemu-aarch64-static):OCF" >"$kernel/register"
}
