#!/usr/bin/env bash
# The folders with threads, under ThreadSanitizer.
set -euo pipefail
cd "$(dirname "$0")/../.."
concurrent=(base aws_credentials gateway server agent rag_ingest stores_sqlite stores_vector_embedded stores_text_embedded stores_blob_fs)
targets=()
for name in "${concurrent[@]}"; do targets+=("caprock_${name}_test"); done
# No search for lock cycles: hnswlib has one lock an element and takes them in the order of the graph's links, from the
# one thread that adds; TSan sees cycles among them that cannot meet. Data races are what this stage looks for.
export TSAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
export TSAN_OPTIONS=halt_on_error=1:detect_deadlocks=0
scripts/build.sh tsan "${targets[@]}"
ctest --test-dir build/tsan --output-on-failure -R "^($(IFS='|'; echo "${concurrent[*]}"))\$"
