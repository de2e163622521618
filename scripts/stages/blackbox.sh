#!/usr/bin/env bash
# Real clients against the real binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/python_env.sh
.venv/bin/python -m pytest -q tests/blackbox
