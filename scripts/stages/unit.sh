#!/usr/bin/env bash
# Unit tests of every folder, and the structure of the include graph.
set -euo pipefail
cd "$(dirname "$0")/../.."
python3 tests/structure/check.py
ctest --test-dir build/release --output-on-failure -j2
