#!/usr/bin/env bash
# Exposure of packaging/bambu2mqtt.service.in by systemd-analyze (package systemd): prints the open points and the
# score from 0 (best) to 10 (worst), and fails above 1.5.
set -euo pipefail
export LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_EMOJI=0
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v systemd-analyze >/dev/null; then
    echo "skipped: systemd-analyze is not installed (package systemd)"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed 's|@CMAKE_INSTALL_FULL_BINDIR@|/usr/bin|; s|@CMAKE_INSTALL_FULL_DOCDIR@|/usr/share/doc/bambu2mqtt|' \
    packaging/bambu2mqtt.service.in >"$folder/bambu2mqtt.service"
status=0
report=$(systemd-analyze security --no-pager --offline=true --threshold=15 "$folder/bambu2mqtt.service" 2>&1) || status=$?
grep -vE '^[[:space:]]*(✓|\+) ' <<<"$report"
if [ "$status" -ne 0 ]; then
    echo "the exposure of the service is above 1.5, or the unit cannot be read" >&2
    exit 1
fi
printf 'note: systemd %s\n' "$(sed -n 's/.*\(Overall exposure level.*\)/\1/p' <<<"$report")"
