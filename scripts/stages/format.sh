#!/usr/bin/env bash
# Every C++ file is as clang-format would have it, and every shell script parses.
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run --Werror
for script in run test .ci/run $(git ls-files '*.sh'); do bash -n "$script"; done
echo "$(git ls-files '*.cc' '*.h' | wc -l) files are formatted"
