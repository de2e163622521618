#!/usr/bin/env bash
# SQLite 3.53.2, the amalgamation, into .deps/sqlite. Debian 12 has 3.40, whose FTS5 keeps deleted words in the file
# (no secure-delete, no contentless_delete). It comes from the npm package better-sqlite3, which carries it.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/lib/npm_source.sh
sum=ebf0ed75a7a59dbcb3b24bbd014ef49d9f15bc328e4adcbf516f2a8fadfa2835
is_unpacked .deps/sqlite "$sum" && exit 0
archive=$(npm_source better-sqlite3@12.11.1 "$sum")
mkdir -p .deps
unpack_once .deps/sqlite "$archive" "$sum" 3 package/deps/sqlite3/sqlite3.c package/deps/sqlite3/sqlite3.h
