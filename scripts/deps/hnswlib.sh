#!/usr/bin/env bash
# hnswlib 0.8 (headers), into .deps/hnswlib. Debian 12 has 0.6.2, without filters and reuse of deleted slots. It comes
# from the npm package hnswlib-node, which carries it.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/lib/npm_source.sh
sum=4a8074485e5abe659d23e9998d97a00226db056ca466ada6eedbc512a4c4df01
is_unpacked .deps/hnswlib "$sum" && exit 0
archive=$(npm_source hnswlib-node@3.0.0 "$sum")
mkdir -p .deps
unpack_once .deps/hnswlib "$archive" "$sum" 2 package/src/hnswlib
