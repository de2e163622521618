# Sourced by scripts/deps/*.sh: one npm package as a source archive, fetched by npm once per machine.
#   npm_source NAME@VERSION SHA256  prints the path of the verified archive.
# Archives are kept in CAPROCK_DEPS_CACHE (default ~/.cache/caprock), so that another clone does not download again.
npm_source() {
  local spec=$1 sum=$2
  local cache=${CAPROCK_DEPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/caprock}
  local archive=$cache/${spec/@/-}.tgz
  mkdir -p "$cache"
  if ! echo "$sum  $archive" | sha256sum --check --status 2>/dev/null; then
    command -v npm >/dev/null || { echo "npm is needed to fetch $spec: apt-get install npm" >&2; return 1; }
    local scratch
    scratch=$(mktemp -d "$cache/fetch.XXXXXX")
    if ! (cd "$scratch" && npm pack --silent --ignore-scripts "$spec" >npm.log 2>&1); then
      echo "npm could not fetch $spec: $(tail -n 3 "$scratch/npm.log")" >&2
      rm -rf "$scratch"
      return 1
    fi
    mv "$scratch"/*.tgz "$archive.new.$$"
    rm -rf "$scratch"
    if ! echo "$sum  $archive.new.$$" | sha256sum --check --status; then
      echo "$spec is not what it was: expected sha256 $sum, kept as $archive.new.$$" >&2
      return 1
    fi
    mv "$archive.new.$$" "$archive"
  fi
  echo "$archive"
}

#   unpack_once TARGET ARCHIVE SHA256 STRIP MEMBER…  extracts the members into .deps/TARGET, in one step.
unpack_once() {
  local target=$1 archive=$2 sum=$3 strip=$4
  shift 4
  local new=$target.new.$$
  rm -rf "$new"
  mkdir -p "$new"
  tar -xmzf "$archive" -C "$new" --strip-components="$strip" "$@"
  echo "$sum" >"$new/.sha256"
  rm -rf "$target"
  mv "$new" "$target"
}

is_unpacked() { [ "$(cat "$1/.sha256" 2>/dev/null)" = "$2" ]; }
