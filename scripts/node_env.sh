#!/usr/bin/env bash
# Installs into tests/clients/node_modules what its lock file names. Quiet when it is there already.
# The SDKs want Node 22; where the system's is older (Debian 12 has 18) tests/clients gets one of its own.
set -euo pipefail
cd "$(dirname "$0")/../tests/clients"
node_version=22.23.3
stamp=node_modules/.caprock-lock.sha256
now=$(sha256sum package-lock.json | cut -d' ' -f1)
if ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$now" ]; then
  echo "Installing the npm packages of tests/clients/package-lock.json"
  npm ci --no-audit --no-fund --ignore-scripts --silent
  echo "$now" >"$stamp"
fi
if [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -lt 22 ] && ! [ -x node/node_modules/.bin/node ]; then
  case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "No Node for $(uname -m): install Node 22 or later" >&2; exit 1 ;; esac
  echo "Installing Node $node_version beside the system's, which is older than 22"
  mkdir -p node
  npm install --prefix node --no-save --no-audit --no-fund --ignore-scripts --silent "node-linux-$arch@$node_version"
  mkdir -p node/node_modules/.bin
  ln -sf "../node-linux-$arch/bin/node" node/node_modules/.bin/node
fi
