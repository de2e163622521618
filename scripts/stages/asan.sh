#!/usr/bin/env bash
# Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer, then every fuzz target for a short while.
set -euo pipefail
cd "$(dirname "$0")/../.."
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
seconds=${CAPROCK_FUZZ_SECONDS:-30}
export ASAN_OPTIONS=detect_stack_use_after_return=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
scripts/build.sh asan
ctest --test-dir build/asan --output-on-failure -j2

fuzz_one() {
  local target=$1 name corpus log
  name=$(basename "$target")
  corpus=$(mktemp -d)
  log=build/asan/fuzz/$name.log
  if "$target" -max_total_time="$2" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="build/asan/fuzz/$name." "$corpus" $( [ -d "tests/fuzz/$name" ] && echo "tests/fuzz/$name" ) >"$log" 2>&1; then
    echo "fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, no finding"
  else
    tail -40 "$log"
    echo "fuzz $name: FINDING, the input is in build/asan/fuzz/"
    return 1
  fi
}
export -f fuzz_one
find build/asan/fuzz -maxdepth 1 -type f -executable | sort | xargs -P 2 -I{} bash -c "fuzz_one {} $seconds"
