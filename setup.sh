#!/usr/bin/env bash
# Shows, tests and installs the gate scanner: `./setup.sh help`.
# Every step prints ok, changed or skipped; a second run changes nothing.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

SOURCE=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
PYTHON=${SETUP_PYTHON:-/usr/bin/python3} # the system's own; picamera2 and libcamera live there
SERVICE=gate-scanner
ROOT='' # --root DIR: everything is installed below it
DRY_RUN=false
PURGE=false
AS_CALLER=()  # runs a command as the person who called, also under sudo
declare -A COUNT=([ok]=0 [changed]=0 [skipped]=0 [would]=0)

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore DEBIAN_FRONTEND=noninteractive
unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX

help() {
  cat <<'TEXT'
./setup.sh demo [options of gate-scanner demo]   show the gate working, without a Pi
./setup.sh test [options of pytest]              check style, types and behaviour
./setup.sh install [--dry-run] [--root DIR]      install the service on a Raspberry Pi, or bring it up to date
./setup.sh uninstall [--purge] [--dry-run] [--root DIR]
                                                 remove it; ledger, keys and YAML stay unless --purge
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

apt_install() { # apt_install PACKAGE…: with one line to type where we may not
  local sudo=()
  if ! is_root; then
    if ! sudo_lets_us; then
      fail "system packages are missing; as root, run: apt-get update && apt-get install -y $*"
    fi
    sudo=(sudo)
  fi
  "${sudo[@]}" apt-get -q -o DPkg::Lock::Timeout=120 update </dev/null
  "${sudo[@]}" env DEBIAN_FRONTEND="$DEBIAN_FRONTEND" apt-get -q -y -o DPkg::Lock::Timeout=120 \
    --no-install-recommends install "$@" </dev/null
}

# --- demo and test: an environment in the checkout -------------------------------------------

ensure_packages() { # ensure_packages [PACKAGE…]: what demo and test need of the system, and no more
  local missing=("$@")
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  "$PYTHON" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("zbar") is None)' 2>/dev/null ||
    missing+=(libzbar0)
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
  "${AS_CALLER[@]}" "$1/bin/python" -m pip install -q --require-hashes --no-deps --only-binary :all: \
    -r "$SOURCE/requirements/$2.txt"
}

pip_package() { # pip_package ENVIRONMENT [OPTION]: this project itself; flit_core is in every lock
  "${AS_CALLER[@]}" "$1/bin/python" -m pip install -q --no-deps --no-index --no-build-isolation "${@:2}" "$SOURCE"
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

demo() {
  find_caller
  {
    require_64_bit
    ensure_packages
    ensure_environment .venv-demo hub
  } >&2 # what the demo prints stays alone on stdout
  exec "${AS_CALLER[@]}" "$SOURCE/.venv-demo/bin/gate-scanner" demo "$@"
}

run_tests() {
  local failed=() packages=()
  [[ $(uname -m) == x86_64 ]] || command -v shellcheck >/dev/null || packages+=(shellcheck)
  command -v strace >/dev/null || packages+=(strace) # writes down what a gate does to its card, to cut the power
  find_caller
  require_64_bit
  ensure_packages "${packages[@]}"
  ensure_environment .venv dev
  cd "$SOURCE"
  PATH=$SOURCE/.venv/bin:$PATH
  check 'ruff format' ruff format --check
  check 'ruff check' ruff check
  check mypy mypy --strict
  check shellcheck find setup.sh .ci/run tests -type f \( -name '*.sh' -o -path .ci/run \) -exec shellcheck {} +
  check pytest pytest "$@"
  ((${#failed[@]} == 0)) || fail "failed: $(IFS=, && echo "${failed[*]}")"
}

check() { # check NAME COMMAND…: the next one runs even when this one fails
  printf '\n--- %s\n' "$1"
  "${AS_CALLER[@]}" "${@:2}" || failed+=("$1")
}

lock() {
  PATH=$SOURCE/.venv/bin:$PATH
  command -v uv >/dev/null || fail 'uv is missing: ./setup.sh test puts it into .venv/'
  cd "$SOURCE"
  # picamera2 brings these on a Pi, from apt, built for the same Python; gpiozero is too old there at times
  local from_apt=(numpy pillow)
  compile gate "$@"
  compile hub --extra hub "$@"
  compile dev --extra dev "$@"
  compile pi "${from_apt[@]/#/--no-emit-package=}" "$@"
}

compile() { # compile LOCK OPTION…
  local file=requirements/$1.txt before
  before=$(sha256sum "$file" || true)
  uv pip compile -q pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --output-file "$file" "${@:2}"
  if [[ $(sha256sum "$file") == "$before" ]]; then step ok "$file"; else step changed "$file"; fi
}

# --- install and uninstall: the service on a Pi -----------------------------------------------

read_options() {
  while (($#)); do
    case $1 in
      --dry-run) DRY_RUN=true ;;
      --purge) PURGE=true ;;
      --root)
        [[ -n ${2:-} ]] || fail '--root needs a folder' 2
        ROOT=$(realpath -m -- "$2")
        shift
        ;;
      *) fail "unknown option $1; ./setup.sh help lists them" 2 ;;
    esac
    shift
  done
}

become_root() { # become_root COMMAND OPTION…
  if is_root || "$DRY_RUN" || [[ -n $ROOT ]]; then return; fi
  command -v sudo >/dev/null || fail "only root may do this; as root, run: $SOURCE/setup.sh $*"
  exec sudo "$SOURCE/setup.sh" "$@"
}

install_packages() {
  local package missing=()
  if [[ -n $ROOT ]]; then
    step skipped 'system packages: only files below --root'
    return
  fi
  for package in python3-venv python3-picamera2 python3-libcamera python3-lgpio python3-numpy python3-pil; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  # by its library: the package is called libzbar0 or libzbar0t64
  "$PYTHON" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("zbar") is None)' || missing+=(libzbar0)
  if ((${#missing[@]} == 0)); then
    step ok 'system packages'
    return
  fi
  require_pi_packages "${missing[@]}"
  change "system packages: ${missing[*]}" apt_install "${missing[@]}"
}

in_apt() { apt-cache show "$1" >/dev/null 2>&1; }

require_pi_packages() { # require_pi_packages PACKAGE…: some exist on Raspberry Pi OS only
  local package
  for package in "$@"; do
    [[ $package =~ camera|lgpio ]] || continue
    in_apt "$package" || { ! "$DRY_RUN" && apt-get -q update </dev/null && in_apt "$package"; } ||
      fail "apt has no $package here: install needs Raspberry Pi OS 12 or 13; on plain Debian there are demo and test"
  done
}

install_file() { # install_file SOURCE TARGET
  if cmp -s "$SOURCE/$1" "$ROOT$2"; then
    step ok "$2"
  else
    change "$2" install -D -m 644 "$SOURCE/$1" "$ROOT$2"
  fi
}

install_account() {
  local groups
  install_file systemd/gate-scanner.sysusers /etc/sysusers.d/gate-scanner.conf
  install_file systemd/gate-scanner.tmpfiles /etc/tmpfiles.d/gate-scanner.conf
  if [[ -n $ROOT ]]; then
    step skipped 'user, groups and folders: only files below --root'
    return
  fi
  groups=" $(id -nG "$SERVICE" 2>/dev/null || true) "
  if [[ $groups == *' video '* && $groups == *' gpio '* ]]; then
    step ok "user $SERVICE in groups video and gpio"
  else
    change "user $SERVICE in groups video and gpio" systemd-sysusers /etc/sysusers.d/gate-scanner.conf
  fi
  if [[ -d /etc/gate-scanner && -d /var/lib/gate-scanner ]]; then
    step ok 'folders'
  else
    change 'folders /etc/gate-scanner and /var/lib/gate-scanner' systemd-tmpfiles --create /etc/tmpfiles.d/gate-scanner.conf
  fi
}

version_name() { # the version and a few digits of everything it is made from: a changed checkout gets a new folder
  local files=() version
  mapfile -d '' files < <(cd "$SOURCE" && find device -type f -not -name '*.pyc' -print0 | LC_ALL=C sort -z)
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$SOURCE/pyproject.toml")
  printf '%s-%.8s' "$version" "$(stamp_of "$version" pyproject.toml requirements/pi.txt "${files[@]}")"
}

install_version() { # install_version NAME: an environment of its own, marked when it is whole
  local folder=$ROOT/opt/gate-scanner/versions/$1
  if [[ -e $folder/complete ]]; then
    step ok "version $1"
  else
    change "version $1 (some minutes on a Pi)" make_version "$folder"
  fi
}

make_version() { # make_version FOLDER
  local ours wrong
  mkdir -p "${1%/*}"
  "$PYTHON" -m venv --clear --system-site-packages "$1"
  pip_from_lock "$1" pi
  pip_package "$1"
  # the rest of the system's Python is not ours to judge
  ours=$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' "$SOURCE/requirements/pi.txt" | paste -sd '|')
  wrong=$("$1/bin/python" -m pip check | grep -E "^(gate-scanner|$ours) " || true)
  [[ -z $wrong ]] || fail "the packages of this system do not fit: $wrong"
  touch "$1/complete"
}

install_configuration() {
  local site=$ROOT/etc/gate-scanner/site.yaml
  if [[ -e $site ]]; then
    step ok '/etc/gate-scanner/site.yaml (yours: never overwritten)'
  else
    change '/etc/gate-scanner/site.yaml from config/minimal.yaml' put_configuration "$site"
  fi
}

put_configuration() { # put_configuration FILE: readable for the service, since an enrolment code may stand in it
  local owner=()
  [[ -n $ROOT ]] || owner=(-o root -g "$SERVICE")
  install -D -m 640 "${owner[@]}" "$SOURCE/config/minimal.yaml" "$1"
}

flip_current() { # flip_current NAME: what the unit starts, in one rename; the version before stays for a way back
  local base=$ROOT/opt/gate-scanner
  if [[ $(readlink "$base/current" || true) == "versions/$1" ]]; then
    step ok "current is $1"
    return
  fi
  change "current is $1" flip "$base" "versions/$1"
}

flip() { # flip BASE TARGET
  local before folder
  before=$(readlink "$1/current" || true)
  ln -sfn "$2" "$1/current.new"
  mv -T "$1/current.new" "$1/current"
  [[ -z $before ]] || ln -sfn "$before" "$1/previous"
  for folder in "$1/versions"/*; do
    [[ versions/${folder##*/} == "$2" || versions/${folder##*/} == "$before" ]] || rm -rf "$folder"
  done
}

install_command() {
  local link=$ROOT/usr/local/bin/gate-scanner target=/opt/gate-scanner/current/bin/gate-scanner
  if [[ $(readlink "$link" || true) == "$target" ]]; then
    step ok '/usr/local/bin/gate-scanner'
  else
    change '/usr/local/bin/gate-scanner' put_link "$target" "$link"
  fi
}

put_link() { # put_link TARGET LINK
  mkdir -p "${2%/*}"
  ln -sfn "$1" "$2"
}

start_service() { # start_service VERSION
  local unit=$SERVICE.service site=/etc/gate-scanner/site.yaml wanted
  if [[ -n $ROOT ]]; then
    step skipped 'service: only files below --root'
    return
  fi
  if systemctl is-enabled --quiet "$unit" 2>/dev/null; then
    step ok "$unit starts at boot"
  else
    change "$unit starts at boot" enable_service "$unit"
  fi
  if ! "$DRY_RUN" && ! /opt/gate-scanner/current/bin/gate-scanner check "$site"; then
    fail "installed, not started: correct the lines above in $site, then: systemctl restart $SERVICE" 78
  fi
  wanted=$(stamp_of "$1" systemd/gate-scanner.service)
  if has_stamp /opt/gate-scanner/started "$wanted" && systemctl is-active --quiet "$unit"; then
    step ok "$unit runs"
  else
    change "$unit runs" restart_service "$unit" "$wanted"
  fi
  grep -qsw memory /sys/fs/cgroup/cgroup.controllers ||
    step skipped 'keeping the gate out of swap: add cgroup_enable=memory to the kernel command line and boot again'
}

enable_service() {
  systemctl daemon-reload
  systemctl enable --quiet "$1"
}

restart_service() { # restart_service UNIT STAMP: waits for READY; the stamp says what was started last
  systemctl daemon-reload
  systemctl reset-failed "$1" 2>/dev/null || true
  systemctl restart "$1" || fail "it did not become ready: journalctl -b -u $1"
  write_stamp /opt/gate-scanner/started "$2"
}

report() { # report COMMAND
  local would=''
  ! "$DRY_RUN" || would=" (${COUNT[would]} would change)"
  printf '%s: %d changed%s, %d ok, %d skipped\n' "$1" "${COUNT[changed]}" "$would" "${COUNT[ok]}" "${COUNT[skipped]}"
}

install_gate() {
  local version
  read_options "$@"
  become_root install "$@"
  require_64_bit
  install_packages
  require_python
  version=$(version_name)
  install_account
  install_version "$version"
  install_configuration
  install_file systemd/gate-scanner.service /etc/systemd/system/gate-scanner.service
  install_command
  flip_current "$version"
  start_service "$version"
  report install
  if ! "$DRY_RUN" && cmp -s "$SOURCE/config/minimal.yaml" "$ROOT/etc/gate-scanner/site.yaml"; then
    printf 'Now say where the gate stands: edit /etc/gate-scanner/site.yaml, then: systemctl restart %s\n' "$SERVICE"
  fi
}

uninstall_gate() {
  read_options "$@"
  become_root uninstall "$@"
  if [[ -z $ROOT && -e /etc/systemd/system/gate-scanner.service ]]; then
    change "$SERVICE.service stopped" systemctl disable --quiet --now "$SERVICE.service"
  fi
  remove /etc/systemd/system/gate-scanner.service /usr/local/bin/gate-scanner /opt/gate-scanner
  if "$PURGE"; then
    remove /etc/gate-scanner /var/lib/gate-scanner
    if [[ -z $ROOT ]] && id "$SERVICE" >/dev/null 2>&1; then change "user $SERVICE removed" userdel "$SERVICE"; fi
  else
    step skipped '/etc/gate-scanner and /var/lib/gate-scanner (--purge removes configuration, keys and ledger)'
  fi
  remove /etc/sysusers.d/gate-scanner.conf /etc/tmpfiles.d/gate-scanner.conf
  [[ -n $ROOT ]] || "$DRY_RUN" || systemctl daemon-reload
  report uninstall
}

remove() { # remove PATH…
  local path
  for path in "$@"; do
    if [[ -e $ROOT$path || -L $ROOT$path ]]; then
      change "removed $path" rm -rf "$ROOT$path"
    else
      step ok "no $path"
    fi
  done
}

main() {
  trap 'printf "setup.sh: line %s: this failed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
  local command=${1:-help}
  shift || true
  case $command in
    demo) demo "$@" ;;
    test) run_tests "$@" ;;
    install) install_gate "$@" ;;
    uninstall) uninstall_gate "$@" ;;
    lock) lock "$@" ;;
    help | -h | --help) help ;;
    *)
      help >&2
      fail "unknown command $command" 2
      ;;
  esac
}

main "$@"
