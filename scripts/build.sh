#!/usr/bin/env bash
# build.sh PRESET [TARGET…] : configures (once) and builds. Quiet when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
dir=build/$preset
mkdir -p "$dir"
log=$dir/build.log
if [ ! -f "$dir/build.ninja" ]; then
  scripts/fetch_deps.sh
  cmake --preset "$preset" >"$log" 2>&1 || { tail -30 "$log" >&2; echo "Configuring failed; the whole output is in $log" >&2; exit 1; }
fi
# `ninja -n` tells in milliseconds whether there is anything to do.
if ninja -C "$dir" -n "$@" 2>/dev/null | grep -q 'no work to do'; then exit 0; fi
if [ -t 1 ]; then
  NINJA_STATUS='building [%f/%t, %es] ' ninja -C "$dir" "$@" || exit 1
else
  ninja -C "$dir" "$@" >"$log" 2>&1 || { grep -vE '^\[[0-9]+/' "$log" | tail -60 >&2; echo "The build failed; the whole output is in $log" >&2; exit 1; }
fi
