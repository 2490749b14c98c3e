# shellcheck shell=bash
# Sourced by setup.sh for its commands lock and bundle: what is made for others, from what pyproject.toml asks for.
: "${SOURCE:?}"
declare -a AS_CALLER # set by find_caller

make_lock() {
  PATH=$SOURCE/.venv/bin:$PATH
  command -v uv >/dev/null || fail 'uv is missing: ./setup.sh test puts it into .venv/'
  cd "$SOURCE" || exit
  # picamera2 brings these on a Pi, from apt, built for the same Python; gpiozero is too old there at times
  local from_apt=(numpy pillow)
  compile gate "$@"
  compile hub --extra hub "$@"
  compile dev --extra dev "$@"
  compile browser --extra browser "$@"
  compile pi "${from_apt[@]/#/--no-emit-package=}" "$@"
}

compile() { # compile LOCK OPTION…
  local file=requirements/$1.txt before
  before=$(sha256sum "$file" || true)
  uv pip compile -q pyproject.toml requirements/build.in --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --output-file "$file" "${@:2}"
  if [[ $(sha256sum "$file") == "$before" ]]; then step ok "$file"; else step changed "$file"; fi
}

make_bundle() {
  local key='' os=13 arch=aarch64 out=. python glibc name
  while (($#)); do
    case $1 in
      --key | --os | --arch | --out) [[ -n ${2:-} ]] || fail "$1 needs a value" 2 ;;&
      --key) key=$2 ;;
      --os) os=$2 ;;
      --arch) arch=$2 ;;
      --out) out=$2 ;;
      *) fail "unknown option $1; ./setup.sh help lists them" 2 ;;
    esac
    shift 2
  done
  case $os in
    12) python=3.11 glibc=36 ;;
    13) python=3.13 glibc=41 ;;
    *) fail "--os is 12 or 13, not $os" 2 ;;
  esac
  [[ $arch == aarch64 || $arch == x86_64 ]] ||
    fail "--arch is aarch64 or x86_64, not $arch: numpy and zxing-cpp have no 32-bit packages" 2
  find_caller
  require_signing_key "$key"
  require_writable --out "$out" "${AS_CALLER[@]}"
  "${AS_CALLER[@]}" mkdir -p -- "$out" || fail "--out $out: cannot be made; choose another folder" 2
  ensure_packages
  ensure_environment .venv dev
  name=gate-scanner-$(content)-os$os-$arch
  SCRATCH=$("${AS_CALLER[@]}" mktemp -d)
  fill_bundle "$SCRATCH/$name" "$python" "$glibc" "$arch"
  sign_bundle "$SCRATCH/$name" "$key"
  # the same checkout and key give the same bytes
  tar -C "$SCRATCH" --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX --mtime=@315532800 \
    -cf "$SCRATCH/bundle.tar" "$name"
  if cmp -s "$SCRATCH/bundle.tar" "$out/$name.tar"; then
    step ok "$out/$name.tar"
  else
    "${AS_CALLER[@]}" cp "$SCRATCH/bundle.tar" "$out/$name.tar"
    step changed "$out/$name.tar"
  fi
  report bundle
}

require_signing_key() { # require_signing_key FILE: the private half of an Ed25519 key
  local make='to make one: openssl genpkey -algorithm ed25519 -out update.key'
  [[ -n $1 ]] || fail "--key needs your signing key; $make" 2
  [[ -e $1 ]] || fail "--key $1: there is no such file; $make" 2
  [[ -f $1 && -r $1 ]] || fail "--key $1: is no file that can be read" 2
  ! openssl pkey -pubin -in "$1" -noout 2>/dev/null || fail "--key $1: is the public half; name the file it was made from" 2
  openssl pkey -in "$1" -noout -text </dev/null 2>/dev/null | grep -q '^ED25519 Private' ||
    fail "--key $1: is no Ed25519 key (or it has a password); $make" 2
}

fill_bundle() { # fill_bundle FOLDER PYTHON GLIBC ARCHITECTURE: all that setup.sh needs to install without a network
  local platforms=(--platform "manylinux2014_$4") number pip=("${AS_CALLER[@]}" "$SOURCE/.venv/bin/python" -m pip -q)
  for ((number = 17; number <= $3; number++)); do platforms+=(--platform "manylinux_2_${number}_$4"); done
  "${AS_CALLER[@]}" mkdir -p "$1/requirements" "$1/wheels"
  "${pip[@]}" download --require-hashes --no-deps --only-binary :all: --implementation cp --python-version "$2" \
    --abi "cp${2/./}" --abi abi3 --abi none "${platforms[@]}" -d "$1/wheels" -r "$SOURCE/requirements/pi.txt"
  SOURCE_DATE_EPOCH=315532800 "${pip[@]}" wheel --no-deps --no-index --no-build-isolation -w "$1/wheels" "$SOURCE"
  put_kit "$1"
  cp "$SOURCE/requirements/pi.txt" "$1/requirements/"
  content >"$1/CONTENT"
  printf '%s %s\n' "$2" "$4" >"$1/FOR"
}

sign_bundle() { # sign_bundle FOLDER KEY: the list of all hashes is what is signed
  local sums
  openssl pkey -in "$2" -pubout -out "$1/update.pub"
  sums=$(cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
  printf '%s\n' "$sums" >"$1/SHA256SUMS"
  openssl pkeyutl -sign -inkey "$2" -rawin -in "$1/SHA256SUMS" -out "$1/SHA256SUMS.sig"
}
