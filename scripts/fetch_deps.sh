#!/usr/bin/env bash
# Fetches into .deps/ what the distribution does not have: one script each under scripts/deps/. Quiet and quick when
# everything is there. CAPROCK_DEPS_CACHE (default ~/.cache/caprock) keeps downloads for other clones.
set -euo pipefail
cd "$(dirname "$0")/.."
for script in scripts/deps/*.sh; do
  bash "$script" || { echo "failed: $script" >&2; exit 1; }
done
