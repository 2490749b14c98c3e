# shellcheck shell=bash
# Sourced by setup.sh: install, rollback, uninstall, of the service on a Pi or of a hub. A version keeps its own copy.

SERVICE=gate-scanner # --hub: gate-hub
BASE=/opt/gate-scanner
EYE=(gate-scanner-eye.socket gate-scanner-eye@.service)
UNITS=("${EYE[@]}" gate-scanner.service gate-scanner-site.service gate-scanner.path gate-scanner-reboot.service gate-scanner-reboot.path
  gate-scanner-mistakes.service
  gate-scanner-health.service gate-scanner-health.timer gate-scanner-adopt.service)
STARTED=(gate-scanner-eye.socket gate-scanner.path gate-scanner-reboot.path gate-scanner-health.timer) # at boot, beside the service
ENABLED=(gate-scanner-adopt.service)                                                                    # at boot only
SITE=/etc/gate-scanner/site.yaml
UPDATE_KEY=/etc/gate-scanner/update.pub # whose bundles this gate takes
PATIENCE_S=${SETUP_PATIENCE_S:-120}     # how long a new version may take to reach what the old one had
STEADY_S=${SETUP_STEADY_S:-10}          # and for how long it must then hold it
PURGE=false
FROM=''      # upgrade PATH
HUB=()       # --hub NAME, maybe several: how gates call the hub of this machine
NEW_KEY=''   # --update-key FILE

# shellcheck source=systemd/upgrade.sh
source "${BASH_SOURCE[0]%/*}/upgrade.sh"
# shellcheck source=systemd/with_hub.sh
source "${BASH_SOURCE[0]%/*}/with_hub.sh"

read_options() {
  while (($#)); do
    case $1 in
      --dry-run) DRY_RUN=true ;;
      --purge) PURGE=true ;;
      --root)
        [[ -n ${2:-} ]] || fail '--root needs a folder' 2
        ROOT=$(realpath -m -- "$2")
        [[ $ROOT != / ]] || fail '--root /: leave it out to install on this machine' 2
        require_writable --root "$ROOT"
        shift
        ;;
      --hub)
        choose_hub
        [[ ${2:--} == -* ]] || {
          require_hub_word --hub "$2"
          HUB+=("$2")
          shift
        }
        ;;
      --update-key)
        require_update_key "${2:-}"
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

require_hub_word() { # require_hub_word OPTION NAME
  [[ $2 =~ ^[a-zA-Z0-9]([a-zA-Z0-9.:-]*[a-zA-Z0-9])?$ ]] ||
    fail "$1 $2: write how gates call the hub, like hub.example.vn or 192.168.1.9" 2
}

require_update_key() { # require_update_key FILE: the public half of an Ed25519 key
  local make='openssl pkey -in update.key -pubout -out update.pub'
  [[ -n $1 ]] || fail '--update-key needs a file' 2
  [[ -e $1 ]] || fail "--update-key $1: there is no such file; to make it from the signing key: $make" 2
  [[ -f $1 && -r $1 ]] || fail "--update-key $1: is no file that can be read" 2
  # what is in a gate's hands must not be what signs for all of them
  ! openssl pkey -in "$1" -noout </dev/null 2>/dev/null ||
    fail "--update-key $1: is the key that signs; keep it, and give its public half: $make" 2
  openssl pkey -pubin -in "$1" -noout -text 2>/dev/null | grep -q '^ED25519 Public' ||
    fail "--update-key $1: is no public Ed25519 key; to make it from the signing key: $make" 2
}

require_bundle_there() { # what is named to upgrade from; what it must prove comes later (systemd/upgrade.sh)
  [[ -n $FROM ]] || return 0
  [[ -e $FROM ]] || fail "$FROM: there is no such file or folder"
  [[ -f $FROM || -d $FROM ]] || fail "$FROM: is no file and no folder"
  [[ -r $FROM ]] || fail "$FROM: you may not read it"
  [[ ! -d $FROM || -e $FROM/SHA256SUMS ]] || fail "$FROM is no bundle: this folder has no SHA256SUMS; name the archive in it"
}

require_no_path() { # require_no_path COMMAND
  [[ -z $FROM ]] || fail "$1 takes no path: $FROM" 2
}

choose_hub() {
  SERVICE=gate-hub BASE=/opt/gate-hub LOCK=hub SITE=/var/lib/gate-hub/operator.token
  UNITS=(gate-hub.service gate-hub@.service gate-hub-retention.service gate-hub-retention.timer)
  STARTED=(gate-hub-retention.timer)
  ENABLED=() EYE=()
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
    require_from_apt
    step skipped 'system packages: only files below --root'
    return
  fi
  local wanted=(python3-venv python3-picamera2 python3-libcamera python3-lgpio python3-numpy python3-pil)
  ! is_hub || wanted=(python3-venv fonts-dejavu-core) # letters of posters
  for package in "${wanted[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  add_missing_libraries
  if ((${#missing[@]} == 0)); then
    step ok 'system packages'
    return
  fi
  require_pi_packages "${missing[@]}"
  change "system packages: ${missing[*]}" apt_install "${missing[@]}"
}

require_from_apt() { # what a version takes from the system's Python, when nothing may be installed there
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || fail "$PYTHON has no venv: apt-get install python3-venv; nothing was changed"
  is_hub || "$PYTHON" -c 'import numpy, PIL' 2>/dev/null ||
    fail "$PYTHON has no numpy or Pillow, which a gate takes from the system: apt-get install python3-numpy python3-pil; nothing was changed"
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
  local folders=("/etc/$SERVICE" "/var/lib/$SERVICE") accounts="user $SERVICE"
  if is_hub; then
    folders=("/var/lib/$SERVICE")
  else
    accounts=$(sed -n 's/^m \(.*\) \(.*\)/user \1 in group \2/p' "$1/systemd/$SERVICE.sysusers" | paste -sd , | sed 's/,/, /g')
  fi
  install_file "$1/systemd/$SERVICE.sysusers" "/etc/sysusers.d/$SERVICE.conf"
  install_file "$1/systemd/$SERVICE.tmpfiles" "/etc/tmpfiles.d/$SERVICE.conf"
  if [[ -n $ROOT ]]; then
    step skipped 'user, groups and folders: only files below --root'
    return
  fi
  if has_accounts "$1/systemd/$SERVICE.sysusers"; then
    step ok "$accounts"
  else
    change "$accounts" systemd-sysusers "/etc/sysusers.d/$SERVICE.conf"
  fi
  if [[ -d ${folders[0]} && -d ${folders[-1]} ]]; then
    step ok 'folders'
  else
    change "folders ${folders[*]}" systemd-tmpfiles --create "/etc/tmpfiles.d/$SERVICE.conf"
  fi
}

has_accounts() { # has_accounts SYSUSERS: every user of it, in every group
  local kind name group _
  while read -r kind name group _; do
    if [[ $kind == u ]]; then
      id "$name" >/dev/null 2>&1 || return 1
    elif [[ $kind == m ]]; then
      [[ " $(id -nG "$name" 2>/dev/null) " == *" $group "* ]] || return 1
    fi
  done <"$1"
}

leave_group() { # leave_group KIT: since the eye is a user of its own, the gate's opens no camera
  if [[ -z $ROOT && -e $1/systemd/${EYE[0]:-none} && " $(id -nG "$SERVICE" 2>/dev/null) " == *' video '* ]]; then
    change "user $SERVICE leaves group video" gpasswd -d "$SERVICE" video
  fi
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

leave_out() { # leave_out FOLDER: a gate runs no hub and draws no visitors; what is not there cannot be turned against it
  rm -rf "$1"/lib/python3.*/site-packages/device/{hub,demo,cli/hub_*.py,words/vietnamese/hub*.py,words/vietnamese/demo.py}
}

make_version() { # make_version FOLDER
  local ours wrong from_apt=(--system-site-packages)
  ! is_hub || from_apt=()
  mkdir -p "${1%/*}"
  "$PYTHON" -m venv --clear "${from_apt[@]}" "$1"
  pip_from_lock "$1" "$LOCK"
  pip_package "$1"
  is_hub || leave_out "$1"
  # the rest of the system's Python is not ours to judge
  ours=$(sed -n 's/^\([a-z0-9-]*\)==.*/\1/p' "$SOURCE/requirements/$LOCK.txt" | paste -sd '|')
  wrong=$("$1/bin/python" -m pip check | grep -E "^(gate-scanner|$ours) " || true)
  [[ -z $wrong ]] || fail "the packages of this system do not fit: $wrong"
  put_kit "$1/kit"
  "$1/bin/gate-scanner" completion bash >"$1/kit/completion"
  touch "$1/complete"
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

require_hub_name() { # of a hub that is made now
  ! is_hub || ((${#HUB[@]})) || [[ -n $ROOT || -e $SITE ]] || fail 'how do gates call this hub? ./setup.sh install --hub hub.example.vn' 2
}

install_hub_folder() { # install_hub_folder NAME: of the version that makes it
  if [[ -n $ROOT ]] || [[ -e $SITE && -e /var/lib/gate-hub/hub.yaml ]]; then
    step ok '/var/lib/gate-hub (its keys and database: never touched)'
  elif [[ -e $SITE ]]; then # from before there was hub.yaml
    change '/var/lib/gate-hub/hub.yaml, as it was' as_hub "$1" settings /var/lib/gate-hub --listen 0.0.0.0:8400
  else
    require_hub_name
    change "/var/lib/gate-hub, for ${HUB[*]}" as_hub "$1" init /var/lib/gate-hub "${HUB[@]/#/--name=}" \
      --listen 0.0.0.0:8400 --desk 0.0.0.0:8443 --no-account
  fi
}

tell_desk() { # tell_desk NAME: where its pages are; the link of the first account, while there is none
  { is_hub && [[ -z $ROOT && -z ${SETUP_ALONE:-} ]] && ! "$DRY_RUN"; } || return 0
  as_hub "$1" account first /var/lib/gate-hub || true # a database that is to be migrated first: it has said so
}

as_hub() { # as_hub NAME COMMAND…: of that version, as the hub's user
  setpriv --reuid gate-hub --regid gate-hub --init-groups "$BASE/versions/$1/bin/gate-scanner" hub "${@:2}"
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
  local now target=$BASE/current/bin/gate-scanner
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
    if [[ -e $1/systemd/$unit ]]; then
      install_file "$1/systemd/$unit" "/etc/systemd/system/$unit"
    elif [[ -e $ROOT/etc/systemd/system/$unit ]]; then # a version that came before it
      [[ -n $ROOT || $unit == *@* ]] || "$DRY_RUN" || systemctl disable --quiet --now "$unit"
      remove_file "/etc/systemd/system/$unit"
    fi
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

confine_service() { # for gate-scanner-site.service, when the site file was changed
  local before
  before=$(cat "$HUB_ONLY" 2>/dev/null || true)
  confine_network "$(current_name)"
  [[ $(cat "$HUB_ONLY" 2>/dev/null || true) == "$before" ]] || systemctl daemon-reload
}

install_service() { # install_service OPTION…
  bring install "$@"
}

upgrade_service() { # upgrade_service [PATH] OPTION…
  bring upgrade "$@"
}

bring() { # bring install|upgrade OPTION…
  local version kit
  read_options "${@:2}"
  [[ $1 == upgrade || -z $FROM ]] || fail "install takes no path: ./setup.sh upgrade $FROM" 2
  ! "$PURGE" || fail '--purge is for uninstall' 2
  require_bundle_there
  become_root "$@"
  require_64_bit
  [[ $1 == install || -n $(current_name) ]] || fail 'nothing is installed yet: ./setup.sh install'
  tell_given_up
  [[ -z $FROM ]] || ! is_hub || fail 'a bundle is for a gate: upgrade a hub from a checkout' 2
  require_hub_name
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
  tell_desk "$version"
  [[ -n ${SETUP_ALONE:-} ]] || tell_as_shipped
}

tell_as_shipped() {
  is_hub || "$DRY_RUN" || ! is_as_shipped "$SOURCE" ||
    printf 'Now say where the gate stands: edit %s; the gate then starts by itself\n' "$SITE"
}

rollback_service() {
  local version
  read_options "$@"
  require_no_path rollback
  ! "$PURGE" || fail '--purge is for uninstall' 2
  become_root rollback "$@"
  tell_given_up
  version=$(current_name previous)
  if [[ -n $version && -e $ROOT$BASE/versions/$version/complete ]]; then
    install_account "$ROOT$BASE/versions/$version/kit"
    change_version "$version"
    "$DRY_RUN" || rm -f "$ROOT$BASE/previous" # what was left behind is not gone back to
  else
    version=$(current_name)
    fail "${version:+there is no version before $version: }nothing to go back to"
  fi
  report rollback
}

uninstall_service() {
  local unit folders there=()
  read_options "$@"
  require_no_path uninstall
  become_root uninstall "$@"
  tell_given_up
  folders=("/etc/$SERVICE" "/var/lib/$SERVICE")
  if [[ -z $ROOT && -e /etc/systemd/system/$SERVICE.service ]]; then
    for unit in "${STARTED[@]}" "${ENABLED[@]}"; do # of what is installed: an older version had fewer
      [[ ! -e /etc/systemd/system/$unit ]] || there+=("$unit")
    done
    change "$SERVICE.service stopped" systemctl disable --quiet --now "${there[@]}" "$SERVICE.service"
    is_hub || "$DRY_RUN" || systemctl stop --quiet gate-scanner-mistakes.service
  fi
  for unit in "${UNITS[@]}"; do remove "/etc/systemd/system/$unit"; done
  [[ $(readlink "$ROOT$LINK" || true) != "$BASE"/* ]] || remove "$LINK" "$COMPLETION"
  is_hub || remove "$HUB_ONLY"
  [[ -n $ROOT ]] || "$DRY_RUN" || remove_trial
  remove "$(adjtimex)" "$BASE"
  rmdir -p "$ROOT/etc/systemd/system/$SERVICE.service.d" "$ROOT${COMPLETION%/*}" 2>/dev/null || true # yours stay
  if "$PURGE"; then
    remove "${folders[@]}"
    for unit in "$SERVICE" ${EYE:+gate-eye}; do
      if [[ -z $ROOT ]] && id "$unit" >/dev/null 2>&1; then change "user $unit removed" userdel "$unit"; fi
    done
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
