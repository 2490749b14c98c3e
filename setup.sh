#!/usr/bin/env bash
# Shows, tests and installs the gate scanner: `./setup.sh help`.
# Every step prints ok, changed or skipped; a second run changes nothing.
set -Eeuo pipefail
shopt -s inherit_errexit
umask 022

SOURCE=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
PYTHON=${SETUP_PYTHON:-/usr/bin/python3} # the system's own; picamera2 and libcamera live there
SERVICE=gate-scanner # --hub: gate-hub
BASE=/opt/gate-scanner
LOCK=pi
UNITS=(gate-scanner.service gate-scanner-site.service gate-scanner.path gate-scanner-reboot.service gate-scanner-reboot.path
  gate-scanner-mistakes.service
  gate-scanner-health.service gate-scanner-health.timer)
STARTED=(gate-scanner.path gate-scanner-reboot.path gate-scanner-health.timer) # at boot, beside the service itself
SITE=/etc/gate-scanner/site.yaml
UPDATE_KEY=/etc/gate-scanner/update.pub # whose bundles this gate takes
PATIENCE_S=${SETUP_PATIENCE_S:-120}     # how long a new version may take to reach what the old one had
STEADY_S=${SETUP_STEADY_S:-10}          # and for how long it must then hold it
ROOT=''                                 # --root DIR: everything is installed below it
DRY_RUN=false
PURGE=false
FROM=''      # upgrade PATH
HUB=''       # --hub NAME: how gates call the hub of this machine
NEW_KEY=''   # --update-key FILE
SCRATCH=''   # removed at the end
TRIED=false  # a version is being tried; what is written for that is in memory only
AS_CALLER=()  # runs a command as the person who called, also under sudo
declare -A COUNT=([ok]=0 [changed]=0 [skipped]=0 [would]=0)

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore DEBIAN_FRONTEND=noninteractive
unset PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX

help() {
  cat <<'TEXT'
./setup.sh demo [options of gate-scanner demo]   show the gate working, without a Pi
./setup.sh test [options of pytest]              check style, types and behaviour
./setup.sh test --appliance [--full] [options of pytest]
                                                 the real parts in a machine of their own: root, half an hour
./setup.sh install [--dry-run] [--root DIR] [--update-key FILE]
                                                 install the service on a Raspberry Pi, or bring it up to date
./setup.sh install --hub NAME                    install a hub instead, on any Debian 12 or 13; gates call it NAME.
                                                 upgrade, rollback and uninstall take --hub too
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
  [[ ${1:-} != --appliance ]] || {
    run_appliance "${@:2}"
    return
  }
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
  check shellcheck find setup.sh requirements .ci/run tests -type f \( -name '*.sh' -o -path .ci/run \) -exec shellcheck -x {} +
  check pytest pytest "$@"
  ((${#failed[@]} == 0)) || fail "failed: $(IFS=, && echo "${failed[*]}")"
}

run_appliance() { # each test prints what it saw; --full has the larger counts
  local command packages=()
  local -A needed=([mmdebstrap]=mmdebstrap [qemu-system-x86_64]=qemu-system-x86 [busybox]=busybox-static [modprobe]=kmod
    [cpio]=cpio [xz]=xz-utils [mke2fs]=e2fsprogs [strace]=strace)
  is_root || { command -v sudo >/dev/null && exec sudo "$SOURCE/setup.sh" test --appliance "$@"; } ||
    fail "the appliance tests need root (chroot, mount); as root, run: $SOURCE/setup.sh test --appliance"
  for command in "${!needed[@]}"; do
    command -v "$command" >/dev/null || packages+=("${needed[$command]}")
  done
  find_caller
  require_64_bit
  ensure_packages "${packages[@]}"
  ensure_environment .venv dev
  cd "$SOURCE"
  [[ ${1:-} != --full ]] || {
    export GATE_FULL=1
    shift
  }
  "$SOURCE/.venv/bin/python" -m pytest -m appliance -s "$@" tests/appliance
}

check() { # check NAME COMMAND…: the next one runs even when this one fails
  printf '\n--- %s\n' "$1"
  "${AS_CALLER[@]}" "${@:2}" || failed+=("$1")
}

# --- install, upgrade, rollback, uninstall: the service on a Pi ---------------------------------

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
      --hub)
        choose_hub
        [[ ${2:-} != [a-zA-Z0-9]* ]] || {
          HUB=$2
          shift
        }
        ;;
      --update-key)
        [[ -r ${2:-} ]] || fail '--update-key needs a file that can be read' 2
        NEW_KEY=$2
        shift
        ;;
      -*) fail "unknown option $1; ./setup.sh help lists them" 2 ;;
      *)
        [[ -z $FROM ]] || fail "one path only: $FROM or $1" 2
        FROM=$1
        ;;
    esac
    shift
  done
}

choose_hub() {
  SERVICE=gate-hub BASE=/opt/gate-hub LOCK=hub SITE=/var/lib/gate-hub/operator.token
  UNITS=(gate-hub.service gate-hub-retention.service gate-hub-retention.timer)
  STARTED=(gate-hub-retention.timer)
}

is_hub() { [[ $SERVICE == gate-hub ]]; }

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
  local wanted=(python3-venv python3-picamera2 python3-libcamera python3-lgpio python3-numpy python3-pil)
  ! is_hub || wanted=(python3-venv)
  for package in "${wanted[@]}"; do
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
      fail "apt has no $package here: install needs Raspberry Pi OS 12 or 13; on plain Debian there are demo, test, replay and install --hub"
  done
}

install_file() { # install_file SOURCE TARGET
  if cmp -s "$1" "$ROOT$2"; then
    step ok "$2"
  else
    change "$2" install -D -m 644 "$1" "$ROOT$2"
  fi
}

install_account() { # install_account KIT
  local has folders=("/etc/$SERVICE" "/var/lib/$SERVICE") groups=' in groups video and gpio'
  ! is_hub || folders=("/var/lib/$SERVICE") groups=''
  install_file "$1/systemd/$SERVICE.sysusers" "/etc/sysusers.d/$SERVICE.conf"
  install_file "$1/systemd/$SERVICE.tmpfiles" "/etc/tmpfiles.d/$SERVICE.conf"
  if [[ -n $ROOT ]]; then
    step skipped 'user, groups and folders: only files below --root'
    return
  fi
  has=" $(id -nG "$SERVICE" 2>/dev/null || true) "
  if [[ $has == *" $SERVICE "* ]] && { is_hub || [[ $has == *' video '* && $has == *' gpio '* ]]; }; then
    step ok "user $SERVICE$groups"
  else
    change "user $SERVICE$groups" systemd-sysusers "/etc/sysusers.d/$SERVICE.conf"
  fi
  if [[ -d ${folders[0]} && -d ${folders[-1]} ]]; then
    step ok 'folders'
  else
    change "folders ${folders[*]}" systemd-tmpfiles --create "/etc/tmpfiles.d/$SERVICE.conf"
  fi
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

version_name() { # a version is made for one Python
  printf '%s-%s' "$(content)" "$("$PYTHON" -V | sed 's/^Python \([0-9]*\)\.\([0-9]*\).*/py\1\2/')"
}

install_version() { # install_version NAME: an environment of its own, marked when it is whole
  local folder=$ROOT$BASE/versions/$1
  if [[ -e $folder/complete ]]; then
    step ok "version $1"
  else
    change "version $1 (some minutes on a Pi)" make_version "$folder"
  fi
}

make_version() { # make_version FOLDER
  local ours wrong from_apt=(--system-site-packages)
  ! is_hub || from_apt=()
  mkdir -p "${1%/*}"
  "$PYTHON" -m venv --clear "${from_apt[@]}" "$1"
  pip_from_lock "$1" "$LOCK"
  pip_package "$1"
  # the rest of the system's Python is not ours to judge
  ours=$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' "$SOURCE/requirements/$LOCK.txt" | paste -sd '|')
  wrong=$("$1/bin/python" -m pip check | grep -E "^(gate-scanner|$ours) " || true)
  [[ -z $wrong ]] || fail "the packages of this system do not fit: $wrong"
  put_kit "$1/kit"
  "$1/bin/gate-scanner" completion bash >"$1/kit/completion"
  touch "$1/complete"
}

put_kit() { # put_kit FOLDER: what belongs to a version besides its code, so that it can be gone back to
  mkdir -p "$1/config"
  cp -r "$SOURCE/setup.sh" "$SOURCE/systemd" "$1/"
  cp "$SOURCE/config/minimal.yaml" "$1/config/"
}

install_configuration() { # install_configuration KIT
  is_hub || install_site "$1"
  if [[ -n $NEW_KEY ]]; then
    install_file "$NEW_KEY" "$UPDATE_KEY"
  elif [[ -r $SOURCE/update.pub && ! -e $ROOT$UPDATE_KEY ]]; then
    install_file "$SOURCE/update.pub" "$UPDATE_KEY"
  fi
}

install_site() { # install_site KIT
  if [[ -e $ROOT$SITE ]]; then
    step ok "$SITE (yours: never overwritten)"
  else
    change "$SITE from config/minimal.yaml" put_configuration "$1/config/minimal.yaml"
  fi
}

install_hub_folder() { # install_hub_folder NAME: of the version that makes it
  if [[ -e $SITE || -n $ROOT ]]; then
    step ok '/var/lib/gate-hub (its keys and database: never touched)'
  else
    [[ -n $HUB ]] || fail 'how do gates call this hub? ./setup.sh install --hub hub.example.vn' 2
    change "/var/lib/gate-hub, for $HUB" setpriv --reuid gate-hub --regid gate-hub --init-groups \
      "$BASE/versions/$1/bin/gate-scanner" hub init /var/lib/gate-hub --name "$HUB"
  fi
}

put_configuration() { # put_configuration FILE: readable for the service, since an enrolment code may stand in it
  local owner=()
  [[ -n $ROOT ]] || owner=(-o root -g "$SERVICE")
  install -D -m 640 "${owner[@]}" "$1" "$ROOT$SITE"
}

current_name() {
  local target
  target=$(readlink "$ROOT$BASE/${1:-current}") || return 0
  printf '%s' "${target#versions/}"
}

flip_current() { # flip_current NAME: what the unit starts, in one rename; the version before stays for a way back
  if [[ $(current_name) == "$1" ]]; then
    step ok "current is $1"
  else
    change "current is $1" flip "$ROOT$BASE" "versions/$1"
  fi
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

LINK=/usr/local/bin/gate-scanner
COMPLETION=/usr/local/share/bash-completion/completions/gate-scanner

install_command() { # install_command KIT
  local target=$BASE/current/bin/gate-scanner now
  now=$(readlink "$ROOT$LINK" || true)
  if [[ $now == "$target" ]]; then
    step ok "$LINK"
  elif is_hub && [[ $now == /opt/gate-scanner/* ]]; then
    step skipped "$LINK: it is that of the gate on this machine; the hub's is $target"
    return
  else
    change "$LINK" put_link "$target" "$ROOT$LINK"
  fi
  install_file "$1/completion" "$COMPLETION"
}

put_link() { # put_link TARGET LINK
  mkdir -p "${2%/*}"
  ln -sfn "$1" "$2"
}

HUB_ONLY=/etc/systemd/system/gate-scanner.service.d/hub-only.conf
WATCHDOG=/etc/systemd/system.conf.d/gate-scanner.conf

adjtimex() { printf '/etc/systemd/system/%s.service.d/adjtimex.conf' "$SERVICE"; }

install_units() { # install_units KIT
  local unit
  for unit in "${UNITS[@]}"; do
    install_file "$1/systemd/$unit" "/etc/systemd/system/$unit"
  done
  if [[ -e $ROOT/usr/lib/systemd/systemd-timesyncd ]]; then
    remove_file "$(adjtimex)"
  else # chrony or another: only the kernel knows whether the clock is set
    install_file "$1/systemd/adjtimex.conf" "$(adjtimex)"
  fi
  is_hub || install_watched "$1/systemd/system.conf" "$WATCHDOG" systemctl daemon-reexec
  install_watched "$1/systemd/journald.conf" "/etc/systemd/journald.conf.d/$SERVICE.conf" systemctl restart systemd-journald.service
}

install_watched() { # install_watched SOURCE TARGET COMMAND…: which makes a changed file count at once
  local before=${COUNT[changed]}
  install_file "$1" "$2"
  [[ -n $ROOT || ${COUNT[changed]} == "$before" ]] || "${@:3}"
}

remove_file() { # remove_file PATH: quiet where there is none
  [[ ! -e $ROOT$1 ]] || change "removed $1" rm -f "$ROOT$1"
}

confine_network() { # confine_network VERSION: a hub that is named by its address is all the gate may speak to
  local address wanted
  { [[ -z $ROOT ]] && ! is_hub; } || return 0
  address=$("$BASE/versions/$1/bin/gate-scanner" check --hub-address "$SITE" 2>/dev/null) || return 0
  if [[ -z $address ]]; then
    remove_file "$HUB_ONLY"
    return
  fi
  wanted=$(printf '%s\n' "# Written by setup.sh: the only address that the hub.url of $SITE needs." '[Service]' \
    'IPAddressDeny=any' 'IPAddressAllow=localhost' "IPAddressAllow=$address")
  if has_stamp "$HUB_ONLY" "$wanted"; then
    step ok "the gate speaks to $address only"
  else
    change "the gate speaks to $address only" put_text "$wanted" "$HUB_ONLY"
  fi
}

put_text() { # put_text TEXT FILE
  mkdir -p "${2%/*}"
  printf '%s\n' "$1" >"$2"
}

confine() { # for gate-scanner-site.service, when the site file was changed
  local before
  before=$(cat "$HUB_ONLY" 2>/dev/null || true)
  confine_network "$(current_name)"
  [[ $(cat "$HUB_ONLY" 2>/dev/null || true) == "$before" ]] || systemctl daemon-reload
}

# --- a version takes the place of another ------------------------------------------------------

trial() { printf '/run/systemd/system.control/%s.service' "$SERVICE"; } # before /etc for systemd, and gone after a power cut

reached() { # reached NAME: what the running gate has reached, in words: ready, ledger, eye, hub
  systemctl is-active --quiet "$SERVICE.service" || return 0
  printf 'ready'
  is_hub || "$BASE/versions/$1/bin/gate-scanner" status --json 2>/dev/null | "$PYTHON" -c '
import json, sys
told = json.load(sys.stdin)
has = {"ledger": "recorded" in told["queue"], "eye": told["camera"]["alive"], "hub": (told["link"] or {}).get("state") == "online"}
print("", *(word for word in has if has[word]), end="")' 2>/dev/null || true
}

has_all() { # has_all WORDS AMONG
  local word
  for word in $1; do [[ " $2 " == *" $word "* ]] || return 1; done
}

reaches() { # reaches NAME WORDS: within PATIENCE_S, and still after STEADY_S; else says why not
  local now='' since='' started=$SECONDS run
  run=$(systemctl show -P InvocationID "$SERVICE.service")
  while ((SECONDS - started <= PATIENCE_S)); do
    now=$(reached "$1")
    if [[ $(systemctl show -P InvocationID "$SERVICE.service") != "$run" ]]; then
      printf 'it ended and was started again'
      return 1
    elif ! has_all "$2" "$now"; then
      since=''
    elif ((SECONDS - ${since:=$SECONDS} >= STEADY_S)); then
      return 0
    fi
    sleep 1
  done
  printf 'after %s s it had reached "%s", the version before "%s"' "$PATIENCE_S" "$now" "$2"
}

try_version() { # try_version NAME: instead of the running one; the old one is back when the new one does less
  local wanted reason unit=$SERVICE.service since
  wanted=$(reached "$(current_name)")
  since=$(date +%s)
  TRIED=true
  mkdir -p /run/systemd/system.control
  sed "s|$BASE/current/|$BASE/versions/$1/|" "$BASE/versions/$1/kit/systemd/$unit" >"$(trial)"
  systemctl daemon-reload
  systemctl reset-failed "$unit" 2>/dev/null || true
  if ! systemctl restart "$unit"; then
    reason="it did not start: $(systemctl show -P Result "$unit")"
  elif reason=$(reaches "$1" "${wanted:-ready}"); then
    TRIED=false
    return
  fi
  {
    printf 'version %s was given up at %s: %s\n' "$1" "$(date '+%F %T')" "$reason"
    journalctl -q -o cat -u "$unit" --since "@$since" | tail -n 20
  } >"$BASE/given-up"
  end_trial
  systemd-cat -t setup.sh -p err head -n 1 "$BASE/given-up" || true
  fail "$(<"$BASE/given-up")"$'\n'"setup.sh: $(current_name) runs again"
}

end_trial() { # what ran before runs again; also when this script is interrupted
  ! "$TRIED" || {
    TRIED=false
    rm -f "$(trial)"
    systemctl daemon-reload
    systemctl reset-failed "$SERVICE.service" 2>/dev/null || true
    systemctl restart "$SERVICE.service" || true
  }
}

tell_given_up() {
  [[ ! -e $ROOT$BASE/given-up ]] || printf 'note     %s\n' "$(head -n 1 "$ROOT$BASE/given-up")"
}

change_version() { # change_version NAME: units, links and the running service; `current` last
  local kit=$ROOT$BASE/versions/$1/kit old
  old=$(current_name)
  "$DRY_RUN" && [[ ! -d $kit ]] && kit=$SOURCE
  if [[ -z $ROOT ]] && ! "$DRY_RUN"; then
    if is_hub; then
      install_hub_folder "$1"
    elif ! "$BASE/versions/$1/bin/gate-scanner" check "$SITE"; then
      [[ -z $old || $old == "$1" ]] || fail "version $1 does not take $SITE: correct the lines above; $old stays"
      put_version "$1" "$kit"
      fail "installed, not started: correct the lines above in $SITE; the gate then starts by itself" 78
    fi
    if [[ -n $old && $old != "$1" ]] && systemctl is-active --quiet "$SERVICE.service"; then
      printf '%-8s %s\n' ... "trying $1: up to $PATIENCE_S s"
      try_version "$1"
      step changed "$1 has reached what $old had"
      put_text "$1" "$BASE/started"
    fi
  fi
  put_version "$1" "$kit"
  confine_network "$1"
  start_service "$1"
  "$DRY_RUN" || rm -f "$ROOT$BASE/given-up"
}

put_version() { # put_version NAME KIT
  install_units "$2"
  install_command "$2"
  flip_current "$1"
  "$DRY_RUN" || [[ -n $ROOT ]] || rm -f "$(trial)"
  enable_units
}

enable_units() {
  local unit
  [[ -z $ROOT ]] || return 0
  "$DRY_RUN" || systemctl daemon-reload
  for unit in "$SERVICE.service" "${STARTED[@]}"; do
    if systemctl is-enabled --quiet "$unit" 2>/dev/null; then
      step ok "$unit starts at boot"
    else
      change "$unit starts at boot" systemctl enable --quiet "$unit"
    fi
  done
  "$DRY_RUN" || ((${#STARTED[@]} == 0)) || systemctl start "${STARTED[@]}"
}

start_service() { # start_service NAME
  local unit=$SERVICE.service
  if [[ -n $ROOT ]]; then
    step skipped 'service: only files below --root'
    return
  fi
  if has_stamp "$BASE/started" "$1" && systemctl is-active --quiet "$unit"; then
    step ok "$unit runs"
  else
    change "$unit runs" restart_service "$unit" "$1"
  fi
  grep -qsw memory /sys/fs/cgroup/cgroup.controllers ||
    step skipped 'keeping the gate out of swap: add cgroup_enable=memory to the kernel command line and boot again'
}

restart_service() { # restart_service UNIT NAME: waits for READY
  systemctl daemon-reload
  systemctl reset-failed "$1" 2>/dev/null || true
  systemctl restart "$1" || fail "it did not become ready: journalctl -b -u $1"
  put_text "$2" "$BASE/started"
}

report() { # report COMMAND
  local would=''
  ! "$DRY_RUN" || would=" (${COUNT[would]} would change)"
  printf '%s: %d changed%s, %d ok, %d skipped\n' "$1" "${COUNT[changed]}" "$would" "${COUNT[ok]}" "${COUNT[skipped]}"
}

install_gate() { # install_gate install|upgrade OPTION…
  local version kit
  read_options "${@:2}"
  become_root "$@"
  require_64_bit
  [[ $1 == upgrade || -z $FROM ]] || fail "install takes no path: ./setup.sh upgrade $FROM" 2
  [[ $1 == install || -n $(current_name) ]] || fail 'nothing is installed yet: ./setup.sh install'
  tell_given_up
  [[ -z $FROM ]] || upgrade_from_bundle "${@:2}"
  require_bundle_fits
  install_packages
  require_python
  version=$(version_name)
  install_account "$SOURCE"
  install_version "$version"
  install_configuration "$SOURCE"
  change_version "$version"
  report "$1"
  if ! "$DRY_RUN" && cmp -s "$SOURCE/config/minimal.yaml" "$ROOT$SITE"; then
    printf 'Now say where the gate stands: edit %s, then: systemctl restart %s\n' "$SITE" "$SERVICE"
  fi
}

rollback_gate() {
  local version
  read_options "$@"
  become_root rollback "$@"
  tell_given_up
  version=$(current_name previous)
  if [[ -n $version && -e $ROOT$BASE/versions/$version/complete ]]; then
    install_account "$ROOT$BASE/versions/$version/kit"
    change_version "$version"
    "$DRY_RUN" || rm -f "$ROOT$BASE/previous" # what was left behind is not gone back to
  else
    step ok "there is no version before $(current_name)"
  fi
  report rollback
}

uninstall_gate() {
  local unit folders
  read_options "$@"
  become_root uninstall "$@"
  tell_given_up
  folders=("/etc/$SERVICE" "/var/lib/$SERVICE")
  if [[ -z $ROOT && -e /etc/systemd/system/$SERVICE.service ]]; then
    change "$SERVICE.service stopped" systemctl disable --quiet --now "${STARTED[@]}" "$SERVICE.service"
    is_hub || "$DRY_RUN" || systemctl stop --quiet gate-scanner-mistakes.service
  fi
  for unit in "${UNITS[@]}"; do remove "/etc/systemd/system/$unit"; done
  [[ $(readlink "$ROOT$LINK" || true) != "$BASE"/* ]] || remove "$LINK" "$COMPLETION"
  is_hub || remove "$HUB_ONLY"
  remove "$(adjtimex)" "$(trial)" "$BASE"
  rmdir -p "$ROOT/etc/systemd/system/$SERVICE.service.d" "$ROOT${COMPLETION%/*}" 2>/dev/null || true # yours stay
  if "$PURGE"; then
    remove "${folders[@]}"
    if [[ -z $ROOT ]] && id "$SERVICE" >/dev/null 2>&1; then change "user $SERVICE removed" userdel "$SERVICE"; fi
  else
    step skipped "${folders[*]}, and the user they belong to (--purge removes them)"
  fi
  remove "/etc/sysusers.d/$SERVICE.conf" "/etc/tmpfiles.d/$SERVICE.conf"
  is_hub || remove_watched "$WATCHDOG" systemctl daemon-reexec
  remove_watched "/etc/systemd/journald.conf.d/$SERVICE.conf" systemctl restart systemd-journald.service
  [[ -n $ROOT ]] || "$DRY_RUN" || systemctl daemon-reload
  report uninstall
}

remove_watched() { # remove_watched PATH COMMAND…: which makes its absence count at once
  local before=${COUNT[changed]}
  remove "$1"
  rmdir "$ROOT${1%/*}" 2>/dev/null || true
  [[ -n $ROOT || ${COUNT[changed]} == "$before" ]] || "${@:2}"
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

# --- a bundle from a stick: believed, then it installs itself ---------------------------------------

upgrade_from_bundle() { # upgrade_from_bundle OPTION…: goes on with the bundle's own script, once it is believed
  local incoming folder options=() option
  incoming=$(mktemp -d /var/tmp/gate-scanner-incoming.XXXXXX)
  SCRATCH=$incoming
  # from here on only our own copy counts: a stick can be pulled and changed
  if [[ -d $FROM ]]; then
    cp -rP "$FROM" "$incoming/bundle"
  else
    (ulimit -f 300000 && tar -C "$incoming" --no-same-owner --no-same-permissions -xf "$FROM") 2>/dev/null ||
      fail "$FROM is no bundle: ./setup.sh bundle makes one"
  fi
  folder=$(find "$incoming" -mindepth 1 -maxdepth 1 -type d)
  believe_bundle "$folder" "$ROOT$UPDATE_KEY"
  step ok "$FROM: signed by the holder of $UPDATE_KEY, and whole"
  for option in "$@"; do [[ $option == "$FROM" ]] || options+=("$option"); done
  exec bash "$folder/setup.sh" upgrade "${options[@]}" # which removes the folder
}

believe_bundle() { # believe_bundle FOLDER KEY: signature before hashes, hashes before anything is used
  local there listed
  [[ -r $2 ]] || fail "no $UPDATE_KEY: ./setup.sh install --update-key FILE puts in place whose bundles this gate takes"
  [[ -f $1/SHA256SUMS && -f $1/SHA256SUMS.sig ]] || fail "$FROM is not signed: nothing was changed"
  openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$1/SHA256SUMS" -sigfile "$1/SHA256SUMS.sig" >/dev/null 2>&1 ||
    fail "$FROM is not signed by the holder of $UPDATE_KEY: nothing was changed"
  there=$(cd "$1" && find . -mindepth 1 -not -type d -not -name 'SHA256SUMS' -not -name 'SHA256SUMS.sig' | LC_ALL=C sort)
  listed=$(sed 's/^[0-9a-f]*  //' "$1/SHA256SUMS" | LC_ALL=C sort)
  if [[ $there != "$listed" || -n $(find "$1" -not -type d -not -type f) ]] ||
    ! (cd "$1" && sha256sum --quiet --strict --check SHA256SUMS) >/dev/null 2>&1; then
    fail "$FROM is damaged: its files are not those of its signed list; nothing was changed"
  fi
}

require_bundle_fits() {
  local here
  [[ -r $SOURCE/FOR ]] || return 0
  here="$("$PYTHON" -V | sed 's/^Python \([0-9]*\.[0-9]*\).*/\1/') $(uname -m)"
  [[ $(<"$SOURCE/FOR") == "$here" ]] || fail "this bundle is for Python and machine $(<"$SOURCE/FOR"), this is $here"
}

main() {
  trap 'printf "setup.sh: line %s: this failed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR
  [[ $SOURCE != /var/tmp/gate-scanner-incoming.*/* ]] || SCRATCH=${SOURCE%/*}
  trap 'end_trial; [[ -z $SCRATCH ]] || rm -rf "$SCRATCH"' EXIT
  local command=${1:-help}
  shift || true
  case $command in
    demo) demo "$@" ;;
    test) run_tests "$@" ;;
    install | upgrade) install_gate "$command" "$@" ;;
    rollback) rollback_gate "$@" ;;
    uninstall) uninstall_gate "$@" ;;
    bundle | lock)
      # shellcheck source=requirements/make.sh
      source "$SOURCE/requirements/make.sh"
      "make_$command" "$@"
      ;;
    confine) confine ;;
    help | -h | --help) help ;;
    *)
      help >&2
      fail "unknown command $command" 2
      ;;
  esac
}

main "$@"
