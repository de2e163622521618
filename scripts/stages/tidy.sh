#!/usr/bin/env bash
# clang-tidy over what changed since it last passed: a file is skipped when it, the headers of ours that it includes,
# and the configuration are as they were. CAPROCK_TIDY_ALL=1 checks every file.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/build.sh release
python3 scripts/tidy.py build/release
