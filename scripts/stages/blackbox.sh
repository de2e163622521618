#!/usr/bin/env bash
# Real clients against the real binary, and against the mock of Bedrock that other tests stand on.
set -euo pipefail
cd "$(dirname "$0")/../.."
scripts/python_env.sh
scripts/node_env.sh
.venv/bin/python -m pytest -q tests/blackbox tests/compatibility tests/matrix tests/mock_bedrock tests/mock_openai
