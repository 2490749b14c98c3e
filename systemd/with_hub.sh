# shellcheck shell=bash
# Sourced by install.sh: gate and hub on one Pi. Each is installed, tried and removed as if it were alone; this keeps
# them in step and makes them known to each other.

OWN_HUB=https://127.0.0.1:8400         # how the gate reaches it, whatever the network does
TOGETHER=/opt/gate-hub/with-gate       # the two versions that belong together; not there: each is looked after alone
ENROLMENT=/var/lib/gate-scanner/enrolment.json
HUB_PROGRAM=/opt/gate-hub/current/bin/gate-scanner

wants_both() { # wants_both COMMAND OPTION…: by --with-hub, or because that was how they were installed
  local word before='' root='' alone=false
  [[ -z ${SETUP_ALONE:-} ]] || return 1
  [[ $1 =~ ^(install|upgrade|rollback|uninstall)$ ]] || return 1
  for word in "${@:2}"; do
    [[ $word != --with-hub ]] || return 0
    [[ $word != --hub ]] || alone=true
    [[ $before != --root ]] || root=$word
    before=$word
  done
  ! "$alone" && [[ -e $root$TOGETHER ]]
}

both_services() { # both_services COMMAND OPTION…
  local command=$1 words=("${@:2}") options=() names=()
  shift
  while (($#)); do
    case $1 in
      --hub) fail '--with-hub is for gate and hub on one Pi, --hub for a hub alone: write one of them' 2 ;;
      --with-hub)
        if [[ $command == install && ${2:--} != -* ]]; then
          require_hub_word --with-hub "$2"
          names=("$2")
          shift
        fi
        ;;
      *) options+=("$1") ;;
    esac
    shift
  done
  read_options "${options[@]}"
  if [[ $command =~ ^(install|upgrade)$ && (-n $FROM || -d $SOURCE/wheels) ]]; then
    bundle_alone "$command" "${options[@]}"
    return
  fi
  ! "$PURGE" || [[ $command == uninstall ]] || fail '--purge is for uninstall' 2
  become_root "$command" "${words[@]}"
  case $command in
    install | upgrade) bring_both "$command" ;;
    rollback) roll_both_back ;;
    uninstall)
      alone_or_end uninstall "${options[@]}"
      alone_or_end uninstall --hub "${options[@]}"
      ;;
    *) fail "--with-hub is not for $command" 2 ;;
  esac
}

alone() { SETUP_ALONE=1 bash "$SOURCE/setup.sh" "$@"; } # alone COMMAND OPTION…: one of the two

alone_or_end() { alone "$@" || exit; } # it has said why

bundle_alone() { # bundle_alone COMMAND OPTION…: it has a gate in it and no hub
  [[ " ${words[*]} " != *' --with-hub '* ]] || fail 'a bundle is for a gate: take a checkout for gate and hub' 2
  printf 'note     a bundle has no hub: the one on this Pi stays at its version (from a checkout: ./setup.sh upgrade)\n'
  export SETUP_ALONE=1
  FROM='' # it is read again
  "$1_service" "${@:2}"
}

bring_both() { # bring_both install|upgrade: on a Pi that has a hub the hub goes first, for it is likelier to be given up
  local status=0 before
  [[ $1 == install || -e $ROOT$TOGETHER ]] || fail 'gate and hub are not installed together yet: ./setup.sh install --with-hub'
  before=$(readlink "$ROOT/opt/gate-hub/current" || true)
  if [[ -n $before ]]; then
    alone_or_end "$1" --hub "${options[@]}"
    alone "$1" "${options[@]}" || status=$?
    ((status == 0 || status == 78)) || undo_hub "$before"
  else
    alone "$1" "${options[@]}" || status=$?
    ((status == 0 || status == 78)) || exit "$status"
    alone_hub "$1"
  fi
  write_together
  ! name_own_hub || enrol_own
  report "$1 --with-hub"
  tell_both
  ((status == 0)) || exit "$status" # the site file has mistakes, which were told
}

alone_hub() { # alone_hub COMMAND: under its names
  local name asked=()
  if ((${#names[@]} == 0)); then
    name=$(hostname | tr '[:upper:]' '[:lower:]')
    [[ ! $name =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.|$) ]] || names=("${name%%.*}.local")
  fi
  mapfile -t -O "${#names[@]}" names < <(hostname -I 2>/dev/null | tr ' ' '\n' | grep -E '^[0-9]+(\.[0-9]+){3}$' || true)
  for name in "${names[@]}" localhost 127.0.0.1; do asked+=(--hub "$name"); done
  alone_or_end "$1" "${asked[@]}" "${options[@]}"
}

undo_hub() { # undo_hub VERSION: that it had before; the gate stayed where it was
  [[ $(readlink "$ROOT/opt/gate-hub/current") == "$1" ]] || alone rollback --hub "${options[@]}" || true
  fail 'the gate was not brought up to date, and the hub stays in step with it; see above'
}

roll_both_back() {
  local came='' now
  [[ -e $ROOT$TOGETHER ]] || fail 'gate and hub are not installed together: ./setup.sh rollback, or rollback --hub'
  now=$(current_name)
  read -r came _ <"$ROOT$TOGETHER"
  alone_or_end rollback "${options[@]}"
  if [[ $came != "$now" ]]; then
    step skipped 'the hub: it did not come with the version that is left now'
  elif [[ -L $ROOT/opt/gate-hub/previous ]]; then
    alone_or_end rollback --hub "${options[@]}"
  fi
  write_together
}

write_together() {
  local wanted
  wanted="$(current_name) $(readlink "$ROOT/opt/gate-hub/current" || true)"
  if has_stamp "$ROOT$TOGETHER" "$wanted"; then
    step ok 'gate and hub are looked after together'
  else
    change 'gate and hub are looked after together' put_text "$wanted" "$ROOT$TOGETHER"
  fi
}

own_site() { # own_site KIT: the example, with the hub of this Pi
  sed "s|^\( *url: \)https://hub\.example\.vn.*|\1$OWN_HUB   # the hub on this Pi|" "$1/config/minimal.yaml"
}

name_own_hub() { # whether the site file names the hub of this Pi; the example is made to, a person's file never
  if grep -qsE "^[^#]*url: *['\"]?${OWN_HUB//./\\.}(['\"/ },]|$)" "$ROOT$SITE"; then
    step ok "$SITE names the hub of this Pi"
  elif cmp -s "$SOURCE/config/minimal.yaml" "$ROOT$SITE" || { "$DRY_RUN" && [[ ! -e $ROOT$SITE ]]; }; then
    change "$SITE names the hub of this Pi" put_own_site
  else
    step skipped "$SITE is yours. For the hub of this Pi write in it  hub: {url: '$OWN_HUB'}  and run this again"
    return 1
  fi
}

put_own_site() {
  own_site "$SOURCE" >"$ROOT$SITE.new"
  put_configuration "$ROOT$SITE.new"
  rm -f "$ROOT$SITE.new"
}

enrol_own() {
  if [[ -n $ROOT ]]; then
    step skipped 'enrolment: only files below --root'
  elif [[ -e $ENROLMENT ]]; then
    step ok 'the gate is enrolled'
  else
    change 'the gate is enrolled with the hub of this Pi' pass_code
  fi
}

pass_code() { # through pipes: in a list of processes nobody sees it
  as_user gate-hub "$HUB_PROGRAM" hub code /var/lib/gate-hub "$(hostname)" | sed -n 1p |
    as_user gate-scanner "$BASE/current/bin/gate-scanner" enrol - --config "$SITE" >/dev/null ||
    fail 'the gate could not be enrolled: see above; the same command again goes on from here'
  systemctl try-restart "$SERVICE.service"
}

as_user() { setpriv --reuid "$1" --regid "$1" --init-groups "${@:2}"; } # as_user NAME COMMAND…

tell_both() { # what is left to do
  "$DRY_RUN" || [[ -n $ROOT ]] || as_user gate-hub "$HUB_PROGRAM" hub account first /var/lib/gate-hub || true
  tell_as_shipped
}
