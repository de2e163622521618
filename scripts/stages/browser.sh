#!/usr/bin/env bash
# The page in a real browser.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/python_env.sh
.venv/bin/python -m pytest -q tests/browser
