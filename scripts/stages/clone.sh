#!/usr/bin/env bash
# What a new user does: a clone in an empty folder, ./run as the README says, a real question, a wrong one.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
if [ -n "${CAPROCK_IN_CLONE:-}" ]; then
  echo "already inside a clone: not cloning again"
  exit 0
fi
export CAPROCK_IN_CLONE=1
folder=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT
export XDG_DATA_HOME=$folder/data XDG_CONFIG_HOME=$folder/config
git clone -q "$here" "$folder/caprock"
cd "$folder/caprock"
mkdir reports
printf 'The left engine lost power because ice blocked the fuel filter. The pilot landed on a meadow.\n' >reports/crash.txt

./run ingest reports/
./run ask "What caused the loss of engine power?" | tee answer.txt
grep -q "ice blocked the fuel filter" answer.txt

code=0
./run ask "Who won the football world cup of 1974?" >declined.txt || code=$?
[ "$code" -eq 3 ] || { cat declined.txt; echo "a question without an answer ended with $code, not 3"; exit 1; }

./run serve --listen 127.0.0.1:0 --docs docs >server.txt 2>server.log &
server=$!
for _ in $(seq 100); do grep -q "http://" server.txt && break; sleep 0.1; done
./run documents list --collection caprock-docs >documents.txt
for _ in $(seq 100); do
  grep -q "Architecture" documents.txt && break
  sleep 0.2
  ./run documents list --collection caprock-docs >documents.txt
done
grep -q "Architecture" documents.txt || { cat documents.txt server.log; exit 1; }

started=$(date +%s%N)
./run version
echo "a clone built, answered, declined, and served its own documentation; with everything there ./run takes $((($(date +%s%N) - started) / 1000000)) ms"
