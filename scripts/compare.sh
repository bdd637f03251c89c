#!/usr/bin/env bash
# The gateway side by side with a Mosquitto bridge that copies the printers' reports and changes nothing: each between
# simulated printers (TLS) and a broker of its own, in the same run. Nine of ten reports are partial, each tenth is full.
# Delays are from a report's publication at the printer to its layer at a subscriber; "newer" is until this or a newer
# value is shown; "us" is processor time for a report. Compare ratios: absolute times depend on the machine and its load.
#   scripts/compare.sh                      1 and 100 printers at 0.9 and 1 report a second, 1 and 20 at 5
#   scripts/compare.sh --large              1,000 printers at 0.9 and 1 report a second, one contender at a time, the
#                                           bridge before and after
#   scripts/compare.sh PRINTERS RATE...     pairs of one's own
#   --json                                  one JSON object a line instead of tables
#   --seconds N                             how long each is measured (60)
# Environment: BAMBU2MQTT_NO_INSTALL=1, BAMBU2MQTT_BUILD (a build folder; default: the preset release, built here).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=60 format=() large=no pairs=()
while [ $# -gt 0 ]; do
    case "$1" in
    --json) format=(--json) ;;
    --large) large=yes ;;
    --seconds)
        seconds=${2:?--seconds needs a number}
        shift
        ;;
    [0-9]*)
        pairs+=("$1" "${2:?PRINTERS needs a RATE}")
        shift
        ;;
    *)
        sed -n '2,13s/^# \{0,1\}//p' scripts/compare.sh >&2
        exit 2
        ;;
    esac
    shift
done

if [ -z "${BAMBU2MQTT_BUILD:-}" ]; then
    if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
        scripts/install-dependencies.sh test
    fi
    cmake --preset release >/dev/null
    cmake --build --preset release --parallel "$(nproc)" --target bambu2mqtt bambu2mqtt-compare >/dev/null
    BAMBU2MQTT_BUILD=build/release
fi

compare() { # PRINTERS RATE CONTENDERS
    "$BAMBU2MQTT_BUILD/tests/compare/bambu2mqtt-compare" --program "$BAMBU2MQTT_BUILD/src/bambu2mqtt" \
        --printers "$1" --rate "$2" --contenders "$3" --seconds "$seconds" "${format[@]}"
}

if [ "$large" = yes ]; then
    for rate in 0.9 1; do
        for contender in bridge bambu2mqtt bridge; do
            compare 1000 "$rate" "$contender"
        done
    done
    exit
fi
if [ ${#pairs[@]} -eq 0 ]; then
    pairs=(1 0.9 1 1 100 0.9 100 1 1 5 20 5)
fi
for ((i = 0; i < ${#pairs[@]}; i += 2)); do
    compare "${pairs[i]}" "${pairs[i + 1]}" bridge,bambu2mqtt
done
