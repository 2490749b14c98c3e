#!/usr/bin/env bash
# Shows, tests and installs the gate scanner: `./setup.sh help`.
# Every step prints ok, changed or skipped; a second run changes nothing.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

SOURCE=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
PYTHON=${SETUP_PYTHON:-/usr/bin/python3} # the system's own; picamera2 and libcamera live there
FONTS=${SETUP_FONTS:-/usr/share/fonts/truetype/dejavu} # where Debian puts the letters of posters
CHROMIUM=${SETUP_CHROMIUM:-/usr/bin/chromium} # Debian's; the desk's pages are tried in it
LOCK=pi      # of requirements/; a hub's is another
DATABASES=${SETUP_POSTGRESQL:-/usr/lib/postgresql} # where Debian puts PostgreSQL's server, by version
ROOT=''      # --root DIR: everything is installed below it
DRY_RUN=false
SCRATCH=''   # removed at the end
TRIED=false  # a version is being tried; what is written for that is in memory only
AS_CALLER=() # runs a command as the person who called, also under sudo
declare -A COUNT=([ok]=0 [changed]=0 [skipped]=0 [would]=0)

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore DEBIAN_FRONTEND=noninteractive
unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX

help() {
  cat <<'TEXT'
./setup.sh demo [options of gate-scanner demo]   show the gate working, without a Pi
./setup.sh test [options of pytest]              check style, types and behaviour; without options also coverage
./setup.sh test --appliance [--full] [options of pytest]
                                                 the real parts in a machine of their own: root, half an hour;
                                                 --build only builds the machine
./setup.sh test --browser [options of pytest]    the desk's pages in Debian's Chromium, which it installs: minutes;
                                                 --pictures only makes those of README
./setup.sh bench NAME [options]                  measure what is promised (./setup.sh bench --help)
./setup.sh install [--dry-run] [--root DIR] [--update-key FILE]
                                                 install the service on a Raspberry Pi, or bring it up to date
./setup.sh install --hub NAME                    install a hub instead, on any Debian 12 or 13; gates call it NAME.
                                                 upgrade, rollback and uninstall take --hub too
./setup.sh install --with-hub [NAME]             gate and hub on one Pi, the gate enrolled with it;
                                                 upgrade, rollback and uninstall then do both
./setup.sh upgrade [PATH] [--dry-run] [--root DIR]
                                                 to this checkout, or to a bundle on a stick, without a network
./setup.sh rollback [--dry-run] [--root DIR]     back to the version before
./setup.sh uninstall [--purge] [--dry-run] [--root DIR]
                                                 remove it; ledger, keys and YAML stay unless --purge
./setup.sh bundle --key FILE [--os 12|13] [--arch aarch64|x86_64] [--out DIR]
                                                 make the signed archive that `upgrade` takes
./setup.sh lock [options of uv pip compile]      developers: make requirements/*.txt again (--upgrade for newer)
./setup.sh help                                  this text
TEXT
}

# --- what every command uses -----------------------------------------------------------------

step() { # step ok|changed|skipped|would TEXT
  COUNT[$1]=$((COUNT[$1] + 1))
  printf '%-8s %s\n' "$1" "$2"
}

fail() { # fail TEXT [EXIT CODE]
  printf 'setup.sh: %s\n' "$1" >&2
  exit "${2:-1}"
}

change() { # change TEXT COMMAND…: with --dry-run it only says what it would do
  if "$DRY_RUN"; then
    step would "$1"
  else
    "${@:2}"
    step changed "$1"
  fi
}

require_writable() { # require_writable OPTION FOLDER [AS…]: it can be made where it is not there yet; before any work is done
  local there=$2
  [[ -n $2 ]] || fail "$1 needs a folder" 2
  while [[ ! -e $there && ! -L $there && $there == */* && $there != / ]]; do
    there=${there%/*}
    there=${there:-/}
  done
  [[ -e $there ]] || there=.
  [[ -d $there ]] || fail "$1 $2: $there is a file, not a folder" 2
  "${@:3}" test -w "$there" || fail "$1 $2: you may not write to $there; choose another folder" 2
}

is_root() { [[ $(id -u) == 0 ]]; }

find_caller() {
  if is_root && [[ ${SUDO_UID:-0} != 0 ]]; then
    AS_CALLER=(setpriv --reuid "$SUDO_UID" --regid "${SUDO_GID:?}" --init-groups
      env "HOME=$(getent passwd "$SUDO_UID" | cut -d: -f6)")
  fi
}

require_64_bit() {
  [[ $(getconf LONG_BIT) == 64 ]] ||
    fail 'this is a 32-bit system, for which numpy and zxing-cpp have no packages: use a 64-bit Raspberry Pi OS or Debian'
}

require_python() {
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$PYTHON is older than 3.11: use Debian 12 or 13, or Raspberry Pi OS 12 or 13"
}

sudo_lets_us() { # asks for a password only where somebody can type it
  command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo true; }; }
}

# Debian's postgresql makes a database of its own and starts it, unless it is told not to while it is installed.
NO_CLUSTER=/etc/postgresql-common/createcluster.d/gate-scanner.conf
NO_CLUSTER_LINE="mkdir -p ${NO_CLUSTER%/*} && echo create_main_cluster = false >$NO_CLUSTER"

apt_install() { # apt_install PACKAGE…: with one line to type where we may not
  local sudo=() before='' after='' status=0
  [[ " $* " != *' postgresql '* ]] || before="$NO_CLUSTER_LINE && " after="; rm -f $NO_CLUSTER"
  if ! is_root; then
    if ! sudo_lets_us; then
      fail "system packages are missing; as root, run: ${before}apt-get update && apt-get install -y $*$after"
    fi
    sudo=(sudo)
  fi
  [[ -z $before ]] || "${sudo[@]}" sh -c "$NO_CLUSTER_LINE"
  "${sudo[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update </dev/null
  "${sudo[@]}" env DEBIAN_FRONTEND="$DEBIAN_FRONTEND" apt-get -q -y -o DPkg::Lock::Timeout=120 \
    --no-install-recommends install "$@" </dev/null || status=$?
  [[ -z $after ]] || "${sudo[@]}" rm -f "$NO_CLUSTER"
  return "$status"
}

report() { # report COMMAND
  local would=''
  ! "$DRY_RUN" || would=" (${COUNT[would]} would change)"
  printf '%s: %d changed%s, %d ok, %d skipped\n' "$1" "${COUNT[changed]}" "$would" "${COUNT[ok]}" "${COUNT[skipped]}"
}

content() { # the version and a few digits of everything it is made from: a changed checkout gets a new name
  local files=() version
  if [[ -r $SOURCE/CONTENT ]]; then
    printf '%s' "$(<"$SOURCE/CONTENT")"
    return
  fi
  [[ -d $SOURCE/device ]] || fail "$SOURCE is no checkout: install and upgrade are run from one, or from a bundle"
  mapfile -d '' files < <(cd "$SOURCE" && find device systemd -type f -not -name '*.pyc' -print0 | LC_ALL=C sort -z)
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$SOURCE/pyproject.toml")
  files+=(pyproject.toml setup.sh config/minimal.yaml "requirements/$LOCK.txt")
  printf '%s-%.8s' "$version" "$(cd "$SOURCE" && sha256sum "${files[@]}" | sha256sum)"
}

put_kit() { # put_kit FOLDER: what belongs to a version besides its code, so that it can be gone back to
  mkdir -p "$1/config"
  cp -r "$SOURCE/setup.sh" "$SOURCE/systemd" "$1/"
  cp "$SOURCE/config/minimal.yaml" "$1/config/"
}

# --- demo and test: an environment in the checkout -------------------------------------------

add_missing_libraries() { # to missing: by the library, since a package may be called libzbar0 or libzbar0t64
  local library
  for library in zbar:libzbar0 seccomp:libseccomp2; do # seccomp: the wall round the eye
    "$PYTHON" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library(sys.argv[1]) is None)' \
      "${library%:*}" 2>/dev/null || missing+=("${library#*:}")
  done
}

add_missing_font() { # to packages: Vietnamese letters for a hub's posters (device/hub/printing/fonts.py)
  [[ -r $FONTS/DejaVuSans-Bold.ttf ]] || packages+=(fonts-dejavu-core)
}

add_missing_database() { # to packages: PostgreSQL's server; who runs it makes a throw-away one, as himself
  compgen -G "$DATABASES/*/bin/initdb" >/dev/null || packages+=(postgresql)
}

ensure_packages() { # ensure_packages [PACKAGE…]: what demo and test need of the system, and no more
  local missing=("$@")
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  add_missing_libraries
  if ((${#missing[@]} == 0)); then
    step ok 'system packages'
  else
    apt_install "${missing[@]}"
    step changed "system packages: ${missing[*]}"
  fi
  require_python
}

stamp_of() { # stamp_of TEXT FILE…: changes when the text or one of the files does
  printf '%s\n' "$1" "$("$PYTHON" -V)" "$(cd "$SOURCE" && sha256sum "${@:2}")" | sha256sum | cut -d' ' -f1
}

has_stamp() { [[ -r $1 && $(<"$1") == "$2" ]]; }

write_stamp() { "${AS_CALLER[@]}" tee "$1" <<<"$2" >/dev/null; }

pip_from_lock() { # pip_from_lock ENVIRONMENT LOCK: exactly what the lock says, nothing built from source
  local from=()
  [[ ! -d $SOURCE/wheels ]] || from=(--no-index -f "$SOURCE/wheels")
  "${AS_CALLER[@]}" "$1/bin/python" -m pip install -q --require-hashes --no-deps --only-binary :all: \
    "${from[@]}" -r "$SOURCE/requirements/$2.txt"
}

pip_package() { # pip_package ENVIRONMENT [OPTION]: this project itself; flit_core is in every lock
  local what=(--no-build-isolation "${@:2}" "$SOURCE")
  [[ ! -d $SOURCE/wheels ]] || what=("$SOURCE"/wheels/gate_scanner-*.whl)
  "${AS_CALLER[@]}" "$1/bin/python" -m pip install -q --no-deps --no-index "${what[@]}"
}

ensure_environment() { # ensure_environment FOLDER LOCK
  local environment=$SOURCE/$1 lock=$2 packages project wrong
  if ! "${AS_CALLER[@]}" test -w "$SOURCE" || { [[ -e $environment ]] && ! "${AS_CALLER[@]}" test -w "$environment"; }; then
    fail "you may not write to $environment: take a checkout of your own, or remove that folder"
  fi
  packages=$(stamp_of "$environment" "requirements/$lock.txt")
  project=$(stamp_of "$packages" pyproject.toml)
  if has_stamp "$environment/.packages" "$packages"; then
    step ok "packages of requirements/$lock.txt in $1/"
  else
    printf '%-8s %s\n' ... "making $1/ from requirements/$lock.txt: a minute or two"
    "${AS_CALLER[@]}" "$PYTHON" -m venv --clear "$environment"
    pip_from_lock "$environment" "$lock"
    write_stamp "$environment/.packages" "$packages"
    step changed "packages of requirements/$lock.txt in $1/"
  fi
  if has_stamp "$environment/.project" "$project" && [[ -x $environment/bin/gate-scanner ]]; then
    step ok "the command $1/bin/gate-scanner"
  else
    pip_package "$environment" --editable
    wrong=$("${AS_CALLER[@]}" "$environment/bin/python" -m pip check) ||
      fail "requirements/$lock.txt does not fit pyproject.toml (./setup.sh lock makes it again): $wrong"
    write_stamp "$environment/.project" "$project"
    step changed "the command $1/bin/gate-scanner"
  fi
}

refuse_first() { # refuse_first CODE WORD…: Python that ends with 2 at a wrong word, with 9 when it has told the help
  local status=0
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || return 0 # told later, with what to do
  "${AS_CALLER[@]}" env PYTHONPATH="$SOURCE" PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 "$PYTHON" -c "$@" || status=$?
  [[ $status != 2 ]] || exit 2
  [[ $status != 9 ]] || exit 0
}

demo() {
  find_caller
  refuse_first '
import sys
from device.cli import parse
try:
    parse(["demo", *sys.argv[1:]])
except SystemExit as end:
    sys.exit(end.code or 9)' "$@"
  {
    require_64_bit
    ensure_packages
    ensure_environment .venv-demo hub
  } >&2 # what the demo prints stays alone on stdout
  exec "${AS_CALLER[@]}" "$SOURCE/.venv-demo/bin/gate-scanner" demo "$@"
}

bench() { # from where the caller stands: his paths are his
  local packages=()
  [[ ${1:-} != ledger ]] || command -v strace >/dev/null || packages=(strace) # its power cuts are made of a trace
  [[ ${1:-} != hub-database ]] || add_missing_database
  [[ ${1:-} != poster ]] || add_missing_font
  if [[ ${1:-} == pi ]]; then
    GATE_MACHINE=arm64
    want_machine bench "$@"
  fi
  find_caller
  refuse_first '
import sys
from tests.bench.__main__ import BENCHES
if sys.argv[1:2] and sys.argv[1] not in (*BENCHES, "-h", "--help"):
    print(f"setup.sh: {sys.argv[1]}: no such benchmark; there are:", *BENCHES, file=sys.stderr)
    sys.exit(2)' "$@"
  {
    require_64_bit
    ensure_packages "${packages[@]}"
    ensure_environment .venv-demo hub
  } >&2
  [[ ${1:-} != pi ]] || AS_CALLER=() # as root
  exec "${AS_CALLER[@]}" env PYTHONPATH="$SOURCE" "$SOURCE/.venv-demo/bin/python" -P -m tests.bench "$@"
}

run_tests() {
  local failed=() packages=()
  [[ ${1:-} != --appliance ]] || {
    run_appliance "${@:2}"
    return
  }
  [[ ${1:-} != --browser ]] || {
    run_browser "${@:2}"
    return
  }
  [[ $(uname -m) == x86_64 ]] || command -v shellcheck >/dev/null || packages+=(shellcheck)
  command -v strace >/dev/null || packages+=(strace) # writes down what a gate does to its card, to cut the power
  add_missing_database
  add_missing_font
  find_caller
  require_64_bit
  ensure_packages "${packages[@]}"
  ensure_environment .venv dev
  cd "$SOURCE"
  PATH=$SOURCE/.venv/bin:$PATH
  check 'ruff format' ruff format --check
  check 'ruff check' ruff check
  check mypy mypy --strict
  check shellcheck find setup.sh .ci/run tests -type f \( -name "*.sh" -o -path .ci/run \) -exec shellcheck -xa {} +
  if (($#)); then
    check pytest pytest "$@"
  else # the whole: on every core, and how much of device/ was run
    "${AS_CALLER[@]}" coverage erase
    check pytest coverage run -m pytest -n auto --dist loadfile
    printf '\n--- coverage: the five files with the least\n'
    report_coverage || failed+=(coverage)
  fi
  ((${#failed[@]} == 0)) || fail "failed: $(IFS=, && echo "${failed[*]}")"
}

report_coverage() { # pyproject.toml says how much is enough; child processes have written files of their own
  "${AS_CALLER[@]}" coverage combine -q &&
    "${AS_CALLER[@]}" coverage report --sort=cover | sed -n '1,7p; /^TOTAL/p; /failure/p'
}

want_machine() { # want_machine WORDS…: as root, or these words again with sudo; adds what boots a machine to packages
  local command
  # shellcheck source=tests/appliance/machines.sh
  source "$SOURCE/tests/appliance/machines.sh"
  is_root || { command -v sudo >/dev/null && exec sudo ${GATE_MACHINE:+env "GATE_MACHINE=$GATE_MACHINE"} \
    "$SOURCE/setup.sh" "$@"; } || fail "this needs root (chroot, mount); as root, run: $SOURCE/setup.sh $*"
  for command in "${!MACHINE_PACKAGES[@]}"; do
    command -v "$command" >/dev/null || packages+=("${MACHINE_PACKAGES[$command]}")
  done
}

run_appliance() { # each test prints what it saw; --full has the larger counts; --build only builds the machine
  local packages=()
  want_machine test --appliance "$@"
  find_caller
  require_64_bit
  ensure_packages "${packages[@]}"
  ensure_environment .venv dev
  cd "$SOURCE"
  [[ ${1:-} != --build ]] || exec "$SOURCE/.venv/bin/python" -m tests.appliance.workshop
  [[ ${1:-} != --full ]] || {
    export GATE_FULL=1
    shift
  }
  "$SOURCE/.venv/bin/python" -m pytest -m appliance -s "$@" tests/appliance
}

run_browser() { # what it takes is installed for nothing else: Chromium, an environment, and axe-core
  local packages=() axe
  [[ -x $CHROMIUM ]] || packages+=(chromium)
  add_missing_font # which has Vietnamese letters for pages too
  find_caller
  require_64_bit
  # shellcheck disable=SC2016 # the caller's
  axe=$("${AS_CALLER[@]}" sh -c 'printf %s "${HOME:?}"')/.cache/gate-scanner/npm
  command -v npm >/dev/null || [[ -r $axe/.packages ]] ||
    fail 'npm is missing, which fetches axe-core; as root, run: apt-get update && apt-get install -y --no-install-recommends npm'
  ensure_packages "${packages[@]}"
  ensure_environment .venv-browser browser
  ensure_axe "$axe"
  cd "$SOURCE"
  [[ ${1:-} != --pictures ]] || exec "${AS_CALLER[@]}" "$SOURCE/.venv-browser/bin/python" -m tests.browser.pictures
  "${AS_CALLER[@]}" "$SOURCE/.venv-browser/bin/python" -m pytest -m browser "$@" tests/browser
}

ensure_axe() { # ensure_axe FOLDER: axe-core, which finds what keeps people from using a page; as locked, into no checkout
  local stamp
  stamp=$(stamp_of axe requirements/package.json requirements/package-lock.json)
  if has_stamp "$1/.packages" "$stamp"; then
    step ok "axe-core in $1"
    return
  fi
  "${AS_CALLER[@]}" mkdir -p "$1"
  "${AS_CALLER[@]}" cp "$SOURCE"/requirements/package{,-lock}.json "$1/"
  (cd "$1" && "${AS_CALLER[@]}" npm ci --silent --ignore-scripts --no-audit --no-fund)
  write_stamp "$1/.packages" "$stamp"
  step changed "axe-core in $1"
}

check() { # check NAME COMMAND…: the next one runs even when this one fails
  printf '\n--- %s\n' "$1"
  "${AS_CALLER[@]}" "${@:2}" || failed+=("$1")
}

stopped() { # by Ctrl-C: what runs then has failed for no other reason
  trap - ERR
  printf 'setup.sh: stopped; the same again goes on from here\n' >&2
  exit 130
}

end() { # however it ends, also by Ctrl-C
  ! "$TRIED" || end_trial
  [[ -z $SCRATCH ]] || rm -rf "$SCRATCH"
}

main() {
  trap 'printf "setup.sh: line %s: this failed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
  [[ $SOURCE != /var/tmp/gate-scanner-incoming.*/* ]] || SCRATCH=${SOURCE%/*}
  trap 'stopped' INT
  trap 'end' EXIT
  local command=${1:-help}
  shift || true
  case $command in
    demo) demo "$@" ;;
    bench) bench "$@" ;;
    test) run_tests "$@" ;;
    install | upgrade | rollback | uninstall | confine)
      # shellcheck source=systemd/install.sh
      source "$SOURCE/systemd/install.sh"
      if wants_both "$command" "$@"; then both_services "$command" "$@"; else "${command}_service" "$@"; fi
      ;;
    bundle | lock)
      # shellcheck source=requirements/make.sh
      source "$SOURCE/requirements/make.sh"
      "make_$command" "$@"
      ;;
    help | -h | --help) help ;;
    *)
      help >&2
      fail "unknown command $command" 2
      ;;
  esac
}

main "$@"
