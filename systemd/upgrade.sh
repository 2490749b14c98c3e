# shellcheck shell=bash
# Sourced by install.sh: how a version takes the place of another, and what a bundle from a stick must prove.

trial() { printf '/run/systemd/system.control/%s' "$1"; } # trial UNIT: before /etc for systemd, and gone after a power cut

put_trial() { # put_trial NAME: the units of the version that is tried; the gate's, and its eye's
  local unit
  mkdir -p "$(dirname "$(trial "$SERVICE.service")")"
  for unit in "$SERVICE.service" "${EYE[@]}"; do
    [[ ! -e $BASE/versions/$1/kit/systemd/$unit ]] ||
      sed "s|$BASE/current/|$BASE/versions/$1/|" "$BASE/versions/$1/kit/systemd/$unit" >"$(trial "$unit")"
  done
  systemctl daemon-reload
}

remove_trial() {
  local unit
  for unit in "$SERVICE.service" "${EYE[@]}"; do rm -f "$(trial "$unit")"; done
}

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
  return 1
}

try_version() { # try_version NAME: instead of the running one; the old one is back when the new one does less
  local wanted reason unit=$SERVICE.service since
  wanted=$(reached "$(current_name)")
  since=$(date +%s)
  TRIED=true
  put_trial "$1"
  systemctl reset-failed "$unit" 2>/dev/null || true
  restart_socket
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
    remove_trial
    systemctl daemon-reload
    systemctl reset-failed "$SERVICE.service" 2>/dev/null || true
    restart_socket
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
      tell_mistakes
      ! is_as_shipped "$kit" || return 0 # nobody has said yet where the gate stands
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

is_as_shipped() { # is_as_shipped KIT: the site file, whichever hub was put into it
  cmp -s "$1/config/minimal.yaml" "$ROOT$SITE" || cmp -s <(own_site "$1") "$ROOT$SITE"
}

tell_mistakes() { # the lamps say that the site file has mistakes; a gate that works still, by the file before, goes on
  local unit=$SERVICE-mistakes.service
  [[ $(systemctl show -P ActiveState "$SERVICE.service") =~ ^(inactive|failed)$ ]] || return 0
  if systemctl is-active --quiet "$unit"; then
    step ok "$unit runs"
  else
    change "$unit runs" start_if_it_can "$unit"
  fi
}

start_if_it_can() { systemctl start "$1" || true; }

put_version() { # put_version NAME KIT
  install_units "$2"
  install_command "$2"
  flip_current "$1"
  "$DRY_RUN" || [[ -n $ROOT ]] || remove_trial
  enable_units
  leave_group "$2"
}

restart_socket() { # the one by which the gate has its eye started; a version that came before it has none
  local socket=${EYE[0]:-}
  if [[ -z $socket ]]; then return; fi
  if [[ -e /etc/systemd/system/$socket || -e $(trial "$socket") ]]; then
    systemctl reset-failed "$socket" 2>/dev/null || true
    systemctl restart "$socket" || true # then the gate says what is amiss
  else
    systemctl stop "$socket" 2>/dev/null || true
  fi
}

enable_units() {
  local unit
  [[ -z $ROOT ]] || return 0
  "$DRY_RUN" || systemctl daemon-reload
  for unit in "$SERVICE.service" "${STARTED[@]}" "${ENABLED[@]}"; do
    if [[ ! -e /etc/systemd/system/$unit ]] && ! "$DRY_RUN"; then
      continue
    elif systemctl is-enabled --quiet "$unit" 2>/dev/null; then
      step ok "$unit starts at boot"
    else
      change "$unit starts at boot" systemctl enable --quiet "$unit"
    fi
  done
  "$DRY_RUN" || for unit in "${STARTED[@]}"; do
    [[ ! -e /etc/systemd/system/$unit ]] || systemctl start "$unit"
  done
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
  restart_socket
  systemctl restart "$1" || fail "it did not become ready: journalctl -b -u $1"
  put_text "$2" "$BASE/started"
}

# --- a bundle from a stick: believed, then it installs itself ---------------------------------------

BUNDLE_MOST_BYTES=$((256 << 20)) # a cap against what would fill the card before the signature is looked at

upgrade_from_bundle() { # upgrade_from_bundle OPTION…: goes on with the bundle's own script, once it is believed
  local incoming folder options=() option
  incoming=$(mktemp -d /var/tmp/gate-scanner-incoming.XXXXXX)
  SCRATCH=$incoming
  # from here on only our own copy counts: a stick can be pulled and changed
  if [[ -d $FROM ]]; then
    require_modest < <(find "$FROM" -mindepth 1 -printf '%y - %s\n')
    cp -rP "$FROM" "$incoming/bundle"
  else
    unpack_bundle "$incoming"
  fi
  folder=$(find "$incoming" -mindepth 1 -maxdepth 1)
  [[ -d $folder ]] || fail "$FROM is no bundle: it has more in it than one folder; nothing was changed"
  believe_bundle "$folder" "$ROOT$UPDATE_KEY"
  step ok "$FROM: signed by the holder of $UPDATE_KEY, and whole"
  for option in "$@"; do [[ $option == "$FROM" ]] || options+=("$option"); done
  exec bash "$folder/setup.sh" upgrade "${options[@]}" # which removes the folder
}

unpack_bundle() { # unpack_bundle FOLDER: what is in $FROM, a plain archive and nothing else
  local archive=$1/archive
  (($(stat -L -c %s "$FROM") <= BUNDLE_MOST_BYTES)) || fail "$FROM is too large for a bundle: nothing was changed"
  cp "$FROM" "$archive"
  # From a pipe tar unpacks no compressed archive: a few kilobytes of one could fill the card.
  # shellcheck disable=SC2002
  cat "$archive" | tar -tv --numeric-owner -f - >"$1/listed" 2>/dev/null ||
    fail "$FROM is no bundle: ./setup.sh bundle makes one"
  require_modest <"$1/listed"
  rm "$1/listed"
  # shellcheck disable=SC2002
  cat "$archive" | tar -C "$1" --no-same-owner --no-same-permissions -xf - 2>/dev/null ||
    fail "$FROM is no bundle: ./setup.sh bundle makes one"
  rm "$archive"
}

require_modest() { # lines of type, something, size on standard input: files and folders, and not too much of them
  awk -v most="$BUNDLE_MOST_BYTES" \
    '$1 !~ /^[-fd]/ { exit odd = 1 } { bytes += $3 } NR > 5000 || bytes > most { exit odd = 1 } END { exit odd }' ||
    fail "$FROM is no bundle: links, devices, or more than $((BUNDLE_MOST_BYTES >> 20)) MiB; nothing was changed"
}

believe_bundle() { # believe_bundle FOLDER KEY: signature before hashes, hashes before anything is used
  local there listed
  [[ -r $2 ]] || fail "no $UPDATE_KEY: ./setup.sh install --update-key FILE puts in place whose bundles this gate takes"
  [[ -f $1/SHA256SUMS && -f $1/SHA256SUMS.sig ]] || fail "$FROM is not signed: nothing was changed"
  openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$1/SHA256SUMS" -sigfile "$1/SHA256SUMS.sig" >/dev/null 2>&1 ||
    fail "$FROM is not signed by the holder of $UPDATE_KEY: nothing was changed"
  there=$(cd "$1" && find . -not -type d -not -path ./SHA256SUMS -not -path ./SHA256SUMS.sig | LC_ALL=C sort)
  listed=$(sed 's/^[0-9a-f]*  //' "$1/SHA256SUMS" | LC_ALL=C sort)
  if [[ $there != "$listed" || -n $(find "$1" -not -type d -not -type f -o -type d -empty) ]] ||
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
