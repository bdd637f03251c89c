#!/usr/bin/env bash
# The gateway side by side with what is used instead: a Mosquitto bridge that copies the printers' reports and changes
# nothing, and a Node-RED 4 flow that publishes each changed value of a report, retained. Each runs between simulated
# printers with four AMS (TLS; pinned by the gateway) and a broker of its own, all in the same run. Nine of ten reports are
# partial (130 bytes), each tenth is full (11 kB).
# Delays are from a report's publication at the printer to its layer at a subscriber; "newer" is until this or a newer
# value is shown; "us" is processor time for a report; memory is after a minute and at the end. Compare ratios: absolute
# times depend on the machine and its load.
#   scripts/compare.sh                   1 and 100 printers at 0.9 and 1 report a second, 1 and 20 at 5
#   scripts/compare.sh --large           1,000 printers at 0.9 and 1 report a second, one contender at a time, the bridge
#                                        before and after, with a command to the gateway each second
#   scripts/compare.sh --idle            one printer that reports nothing
#   scripts/compare.sh --starts          starts of the gateway with 1, 100 and 1,000 known printers
#   scripts/compare.sh --instructions    of the whole gateway for a report, 10 printers (valgrind)
#   scripts/compare.sh --check           100 printers at 0.9, with the limits of ratios and counts in
#                                        tests/compare/limits.txt
#   scripts/compare.sh PRINTERS RATE...  pairs of one's own
#   --json                               one JSON object a line instead of tables
#   --seconds N                          how long each is measured (60)
#   --contenders A,B...                  of bridge, node-red, bambu2mqtt (default: all; the gateway last)
# Environment: BAMBU2MQTT_NO_INSTALL=1, BAMBU2MQTT_BUILD (a build folder; default: the preset release, built here).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/node-red.sh
source scripts/node-red.sh

usage() {
    sed -n '2,24s/^# \{0,1\}//p' scripts/compare.sh >&2
    exit 2
}

seconds=60 options=() mode=pairs pairs=() contenders=
while [ $# -gt 0 ]; do
    case "$1" in
    --json) options+=(--json) ;;
    --large | --idle | --starts | --instructions | --check) mode=${1#--} ;;
    --seconds)
        seconds=${2:?--seconds needs a number}
        shift
        ;;
    --contenders)
        contenders=${2:?--contenders needs names}
        shift
        ;;
    [0-9]*)
        pairs+=("$1" "${2:?PRINTERS needs a RATE}")
        shift
        ;;
    *) usage ;;
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

if fetch_node_red; then
    options+=(--node-red "$node_red/red.js")
    all=bridge,node-red,bambu2mqtt
else
    echo "skipped: $node_red_missing, it is not compared"
    all=bridge,bambu2mqtt
fi

compare() { # PRINTERS RATE CONTENDERS OPTION...
    "$BAMBU2MQTT_BUILD/tests/compare/bambu2mqtt-compare" --program "$BAMBU2MQTT_BUILD/src/bambu2mqtt" \
        --printers "$1" --rate "$2" --contenders "$3" --seconds "$seconds" "${options[@]}" "${@:4}"
}

case "$mode" in
large)
    for rate in 0.9 1; do
        compare 1000 "$rate" bridge
        if [ "$all" != bridge,bambu2mqtt ]; then
            compare 1000 "$rate" node-red
        fi
        compare 1000 "$rate" bambu2mqtt --commands 1
        compare 1000 "$rate" bridge
    done
    ;;
idle)
    compare 1 0.9 "${contenders:-$all}" --idle
    ;;
starts)
    for printers in 1 100 1000; do
        compare "$printers" 1 bambu2mqtt --starts 3
    done
    ;;
instructions)
    if ! command -v valgrind >/dev/null; then
        echo "skipped: counting instructions, valgrind is not installed"
        exit 0
    fi
    mkdir -p build/compare
    rm -f build/compare/callgrind.out*
    compare 10 0.9 bambu2mqtt --callgrind build/compare/callgrind.out
    ;;
check)
    compare 100 0.9 "$all" --limits tests/compare/limits.txt
    ;;
pairs)
    if [ ${#pairs[@]} -eq 0 ]; then
        pairs=(1 0.9 1 1 100 0.9 100 1 1 5 20 5)
    fi
    for ((i = 0; i < ${#pairs[@]}; i += 2)); do
        compare "${pairs[i]}" "${pairs[i + 1]}" "${contenders:-$all}"
    done
    ;;
esac
