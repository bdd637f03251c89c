#!/usr/bin/env bash
# Memory of the optimised gateway with 1 and with 100 simulated printers over TLS, one report a second each, after a
# minute: a small table from /proc/PID/smaps_rollup. resident: all pages in memory, shared libraries too; private:
# pages no other process uses (including program code); written: private pages that were written, so that the
# kernel cannot drop and read them again.
#   scripts/memory.sh [PRINTERS...]     (default: 1 100)
#   scripts/memory.sh --check           the same, and fails if more than 4 MB are written with 1 printer, 32 MB
#                                       with 100
# Environment: BAMBU2MQTT_NO_INSTALL=1, BAMBU2MQTT_BUILD (build/optimised), BAMBU2MQTT_MEMORY_SECONDS (60).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh

minute=${BAMBU2MQTT_MEMORY_SECONDS:-60}

kilobytes() { # FIELD... of the gateway's smaps_rollup, summed
    awk -v fields=" $* " 'NF == 3 && index(fields, " " substr($1, 1, length($1) - 1) " ") { sum += $2; seen = 1 }
        END { if (!seen) exit 1; print sum }' "/proc/$gateway_pid/smaps_rollup"
}

threads() { # of the gateway
    awk '$1 == "Threads:" { print $2 }' "/proc/$gateway_pid/status"
}

connected() { # number of connected printers
    { mosquitto_sub -h 127.0.0.1 -p "$broker_port" -t 'bambu2mqtt/+/connection' --retained-only -W 1 -F '%p' \
        2>/dev/null || true; } | grep -cx connected || true
}

all_are_connected() { # PRINTERS
    [ "$(connected)" -eq "$1" ]
}

measure() { # PRINTERS
    playground_open
    start_broker
    start_printers --printers "$1" --models X1C,P1S,A1MINI,H2D,P2S --rate 1 --seconds-per-print 300
    start_gateway
    playground_await 120 all_are_connected "$1" ||
        fail "only $(connected) of $1 printers are connected; output of the gateway:" gateway
    sleep "$minute"
    kill -0 "$gateway_pid" 2>/dev/null || fail "the gateway has ended; its output:" gateway
    all_are_connected "$1" || fail "only $(connected) of $1 printers are still connected:" gateway
    local written
    written=$(megabytes Private_Dirty)
    printf '%8d  %8.1f MB  %8.1f MB  %8.1f MB  %7d\n' "$1" "$(megabytes Rss)" \
        "$(megabytes Private_Clean Private_Dirty)" "$written" "$(threads)"
    if [ -n "${limits[$1]:-}" ] && awk "BEGIN { exit !($written > ${limits[$1]}) }"; then
        echo "more than ${limits[$1]} MB of private memory are written with $1 printers"
        status=1
    fi
    playground_close
}

megabytes() { # FIELD..., which the kernel gives in KiB
    local value
    value=$(kilobytes "$@") || return
    awk -v value="$value" 'BEGIN { print value * 1024 / 1e6 }'
}

declare -A limits=()
status=0
if [ "${1:-}" = --check ]; then
    limits=([1]=4 [100]=32)
    shift
fi
if [ $# -eq 0 ]; then
    set -- 1 100
fi
if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh demo
fi
build_playground "${BAMBU2MQTT_BUILD:-build/optimised}" optimised
printf '%8s  %11s  %11s  %11s  %7s\n' printers resident private written threads
for printers in "$@"; do
    measure "$printers"
done
exit "$status"
