#!/usr/bin/env bash
# in_tree.sh TREE COMMAND…: runs a command inside the Debian tree, the checkout read-only at /src and $BESIDE, if
# set, writable at /beside. All mounts are private to the command and end with it.
set -euo pipefail
# shellcheck source=tests/appliance/machines.sh
source "${BASH_SOURCE[0]%/*}/machines.sh"
let_programs_run
export TREE=$1 CHECKOUT BESIDE=${BESIDE:-}
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
shift
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount --propagation private --pid --fork --kill-child bash -euc '
  mkdir -p "$TREE/src" "$TREE/beside"
  mount -t proc proc "$TREE/proc"
  mount --rbind /sys "$TREE/sys"
  mount --rbind /dev "$TREE/dev"
  mount --bind "$CHECKOUT" "$TREE/src"
  mount -o remount,bind,ro "$TREE/src"
  [[ -z $BESIDE ]] || mount --bind "$BESIDE" "$TREE/beside"
  authorities=$(mktemp -p "$TREE/tmp")
  trap "rm -f $authorities" EXIT
  cat "${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt}" >"$authorities"
  inside=/tmp/${authorities##*/}
  kept=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "PIP_CERT=$inside" "SSL_CERT_FILE=$inside")
  kept+=(${QEMU_CPU:+"QEMU_CPU=$QEMU_CPU"})
  while IFS="=" read -r name value; do
    [[ $name != GATE_IN_* ]] || kept+=("${name#GATE_IN_}=$value")
  done < <(env)
  chroot "$TREE" env -i "${kept[@]}" "$@"
' in_tree "$@"
