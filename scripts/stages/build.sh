#!/usr/bin/env bash
# The product and its unit tests, as users get it: optimised, warnings as errors.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/build.sh release
echo "build/release/caprock: $(du -h build/release/caprock | cut -f1), $(build/release/caprock version)"
