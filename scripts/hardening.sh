#!/usr/bin/env bash
# How exposed examples/systemd/bambu2mqtt.service is, as systemd-analyze (package systemd) sees it: prints what is left
# open and the score from 0 (nothing) to 10 (everything), and fails above 1.5.
set -euo pipefail
export LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_EMOJI=0
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v systemd-analyze >/dev/null; then
    echo "skipped: systemd-analyze is not there (package systemd)"
    exit 0
fi
status=0
report=$(systemd-analyze security --no-pager --offline=true --threshold=15 examples/systemd/bambu2mqtt.service 2>&1) ||
    status=$?
grep -vE '^[[:space:]]*(✓|\+) ' <<<"$report"
if [ "$status" -ne 0 ]; then
    echo "the service is more exposed than 1.5, or the unit cannot be read" >&2
    exit 1
fi
printf 'note: systemd %s\n' "$(sed -n 's/.*\(Overall exposure level.*\)/\1/p' <<<"$report")"
