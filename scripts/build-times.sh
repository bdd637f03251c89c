#!/usr/bin/env bash
# Build times on this machine, without a compiler cache: wall clock and processor time, which depends less on other load.
#   scripts/build-times.sh           the demo from a clean clone to its first live entity; the program of the preset dev
#                                    after a change of one source file and of one entity header
#   scripts/build-times.sh --demo    only the first of these
# The clone is in a temporary folder and is removed. Environment: BAMBU2MQTT_JOBS (default: all processors).
set -euo pipefail
export LC_ALL=C CCACHE_DISABLE=1 BAMBU2MQTT_NO_INSTALL=1 BAMBU2MQTT_LAUNCHER=
cd "$(dirname "${BASH_SOURCE[0]}")/.."

demo_only=no
case "${1:-}" in
"") ;;
--demo) demo_only=yes ;;
*)
    echo "usage: scripts/build-times.sh [--demo]" >&2
    exit 2
    ;;
esac
jobs=${BAMBU2MQTT_JOBS:-$(nproc)}
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs
source_file=src/gateway/connection.cpp
entity_header=include/bambu2mqtt/entity/entity.hpp

work=$(mktemp -d "${TMPDIR:-/tmp}/bambu2mqtt-build-times.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Prints a line for a command, whose output goes to a log.
measure() { # WHAT COMMAND...
    local what=$1 TIMEFORMAT='%R %U %S' status=0
    shift
    { time "$@" >"$work/log" 2>&1; } 2>"$work/figures" || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$work/log" >&2
        echo "build-times.sh: $what failed" >&2
        exit 1
    fi
    awk -v what="$what" '{ printf "%-58s %7.1f s %9.1f s of processors\n", what, $1, $2 + $3 }' "$work/figures"
}

build_demo() (
    cd "$work/clone"
    # shellcheck source=scripts/playground.sh
    source scripts/playground.sh
    build_playground build/demo quick
)

# The first line of this form is the first state that reaches a subscriber of the broker.
demo_until_live() {
    cd "$work/clone"
    { scripts/demo.sh --seconds 60 || true; } | { grep -m 1 '^bambu2mqtt/.* = ' && date +%s.%N >"$work/live"; }
}

build_program() {
    cmake --build "$work/clone/build/dev" --parallel "$jobs" --target bambu2mqtt
}

configure_dev() {
    (cd "$work/clone" && cmake --preset dev)
}

git clone -q . "$work/clone"
measure "demo: build in a clean clone" build_demo
started=$(date +%s.%N)
(demo_until_live) >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    exit 1
}
awk -v started="$started" '{ printf "%-58s %7.1f s\n", "demo: from its start to the first live entity", $1 - started }' "$work/live"
if [ "$demo_only" = yes ]; then
    exit 0
fi
configure_dev >"$work/log" 2>&1
measure "dev: the whole program" build_program
touch "$work/clone/$source_file"
measure "dev: after a change of $source_file" build_program
touch "$work/clone/$entity_header"
measure "dev: after a change of $entity_header" build_program
