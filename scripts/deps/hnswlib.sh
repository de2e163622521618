#!/usr/bin/env bash
# hnswlib 0.8 (headers), into .deps/hnswlib. Debian 12 has 0.6.2, without filters and reuse of deleted slots. It comes
# from the npm package hnswlib-node, which carries it.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/lib/npm_source.sh
sum=4a8074485e5abe659d23e9998d97a00226db056ca466ada6eedbc512a4c4df01
if ! is_unpacked .deps/hnswlib "$sum"; then
  archive=$(npm_source hnswlib-node@3.0.0 "$sum")
  mkdir -p .deps
  unpack_once .deps/hnswlib "$archive" "$sum" 2 package/src/hnswlib
fi
# A search prefetches one link more than a list has. hnswlib leaves one byte for it above level 0, and reads four.
header=.deps/hnswlib/hnswlib/hnswalg.h
room='size_links_per_element_ \* curlevel +'
if grep -q "$room 1)" "$header"; then sed -i "s/\($room\) 1)/\1 sizeof(tableint))/" "$header"; fi
