#!/usr/bin/env bash
# Makes .venv with what tests/requirements.txt names. Quiet when it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
stamp=.venv/requirements.sha256
now=$(sha256sum tests/requirements.txt | cut -d' ' -f1)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && exit 0
echo "Installing the Python packages of tests/requirements.txt into .venv"
python3 -m venv .venv
.venv/bin/python -m pip install -q --disable-pip-version-check -r tests/requirements.txt
echo "$now" >"$stamp"
