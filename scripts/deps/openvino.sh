#!/usr/bin/env bash
# OpenVINO's libraries, headers and CMake files from its PyPI wheel → .deps/openvino. See docs/dependencies.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/lib/wheel.sh

version=2026.4.1
stamp=.deps/openvino/.caprock-$version
[ -e "$stamp" ] && exit 0

if [ "$(uname -m)" != x86_64 ]; then
  echo "no checked OpenVINO wheel for $(uname -m): local embeddings will be left out" >&2
  exit 0
fi
wheel=$(fetch_wheel openvino==$version openvino-$version-22982-cp311-cp311-manylinux_2_28_x86_64.whl \
  2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf --platform manylinux_2_28_x86_64)
unpack_wheel "$wheel" .deps/openvino
touch "$stamp"
