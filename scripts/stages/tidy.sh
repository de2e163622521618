#!/usr/bin/env bash
# clang-tidy over what changed (scripts/tidy.py says against what). CAPROCK_TIDY_ALL=1 checks every file.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/build.sh release
python3 scripts/tidy.py build/release
