#!/usr/bin/env bash
# The benchmarks of the core: times, and with valgrind instructions per iteration, which do not depend on how busy
# the machine is.
#   scripts/bench.sh           prints both
#   scripts/bench.sh --check   times only; fails where one is above its ceiling in tests/bench/ceilings.txt
# Environment: BAMBU2MQTT_NO_INSTALL=1.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check=no
case "${1:-}" in
"") ;;
--check) check=yes ;;
*)
    echo "usage: scripts/bench.sh [--check]" >&2
    exit 2
    ;;
esac

build_benchmarks() {
    if command -v ccache >/dev/null; then
        export BAMBU2MQTT_LAUNCHER=ccache
    fi
    cmake --preset release >/dev/null
    cmake --build --preset release --parallel "$(nproc)" --target benchmarks >/dev/null
}

# Names and ceilings ("NAME MICROSECONDS" a line, # begins a comment) against the CPU time of a result file. They
# are generous: they catch accidents, not noise.
check_ceilings() { # RESULTS
    local name ceiling measured status=0
    while read -r name ceiling; do
        if [[ -z $name || $name == \#* ]]; then
            continue
        fi
        measured=$(jq -r --arg name "$name" '[.benchmarks[] | select(.name == $name)
            | .cpu_time * ({ns: 0.001, us: 1, ms: 1000, s: 1000000}[.time_unit])] | max // empty' "$1")
        if [ -z "$measured" ]; then
            echo "$name: no such benchmark, but tests/bench/ceilings.txt names it"
            status=1
        elif awk "BEGIN { exit !($measured > $ceiling) }"; then
            printf '%s: %.1f us, above its ceiling of %s us\n' "$name" "$measured" "$ceiling"
            status=1
        else
            printf 'note: %s: %.1f us (ceiling %s us)\n' "$name" "$measured" "$ceiling"
        fi
    done <tests/bench/ceilings.txt
    return "$status"
}

# Callgrind counts between the start and the end of a benchmark's timed loop. With a minimum time of 0 the loop runs
# once per repetition; the last repetition is the one with warm caches of our own.
instructions_of() { # PROGRAM BENCHMARK
    local out
    out=$(mktemp -d)
    valgrind --tool=callgrind --callgrind-out-file="$out/count" \
        --zero-before='benchmark::State::StartKeepRunning()' --dump-before='benchmark::State::FinishKeepRunning()' \
        "$1" --benchmark_filter="^$2\$" --benchmark_min_time=0 --benchmark_repetitions=3 >/dev/null 2>"$out/words" ||
        { cat "$out/words" >&2 && rm -rf "$out" && return 1; }
    awk '/^summary:/ { print $2 }' "$out/count.3"
    rm -rf "$out"
}

if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh test
fi
build_benchmarks
program=build/release/tests/bench/bench
if [ ! -x "$program" ]; then
    echo "skipped: there are no benchmarks"
    exit 0
fi
if [ "$check" = yes ]; then
    "$program" --benchmark_min_time=0.2 --benchmark_out=build/release/bench.json --benchmark_out_format=json
    if [ -f tests/bench/ceilings.txt ]; then
        check_ceilings build/release/bench.json
    fi
    exit 0
fi
"$program"
if command -v valgrind >/dev/null; then
    printf '\n%-48s %14s\n' benchmark instructions
    "$program" --benchmark_list_tests | while IFS= read -r name; do
        printf '%-48s %14s\n' "$name" "$(instructions_of "$program" "$name")"
    done
fi
