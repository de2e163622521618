#!/usr/bin/env bash
# install_packages.sh GROUP… : installs the Debian packages of scripts/packages.txt that are missing.
# Quiet when nothing is; otherwise says what it runs. Tools that are on the PATH already (npm, python3, git …) count
# as installed, wherever they came from.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

provided() {  # the package is not from Debian, but its command is there
  case "$1" in
    npm | git | cmake | curl | openssl) command -v "$1" >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    python3 | python3-pip | python3-venv) python3 -c 'import pip, venv, ensurepip' 2>/dev/null ;;
    *) return 1 ;;
  esac
}

missing=()
installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii //p' | tr '\n' ' ')"
while read -r group package; do
  case " $* " in *" $group "*) ;; *) continue ;; esac
  case "$installed" in *" $package "*) continue ;; esac
  provided "$package" || missing+=("$package")
done < <(grep -E '^[a-z]+ ' "$here/packages.txt")
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "These packages are missing, and this is not a Debian system; install what corresponds to them:" >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Run this as root: apt-get install -y --no-install-recommends ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
log=$(mktemp)
install=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}")
echo "Installing what is missing: ${install[*]}"
if ! { "${sudo[@]}" apt-get update && "${install[@]}"; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "The installation failed; the whole output is in $log" >&2
  exit 1
fi
rm -f "$log"
