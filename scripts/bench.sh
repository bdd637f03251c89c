#!/usr/bin/env bash
# Benchmarks of the core: times, and with valgrind instructions per iteration, which do not depend on the load of the
# machine.
#   scripts/bench.sh           prints both, times as medians of alternating rounds
#   scripts/bench.sh --check   instructions only; fails if a benchmark needs a larger share of those of
#                              nlohmann_parse_full than tests/bench/shares.txt allows, or if instructions, allocations
#                              or messages of a mixed report differ by more than 5 % from tests/bench/counts.txt
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
        export BAMBU2MQTT_LAUNCHER="env;CCACHE_SLOPPINESS=pch_defines,time_macros;ccache"
    fi
    cmake --preset release >/dev/null
    cmake --build --preset release --parallel "$(nproc)" --target benchmarks >/dev/null
}

# Callgrind counts between the start and the end of a benchmark's timed loop. With a minimum time of 0 the loop runs
# once per repetition; the last repetition has warm caches.
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
# Each benchmark's instructions (those of mixed_reports are kept for check_counts), and their share of nlohmann::json parsing
# the same report; with a limit in tests/bench/shares.txt ("NAME SHARE" a line, # begins a comment) also that.
count_instructions() {
    local name count base limit share status=0
    base=$(instructions_of "$program" nlohmann_parse_full)
    printf '%-40s %14s %8s %8s\n' benchmark instructions share limit
    while IFS= read -r name; do
        count=$(instructions_of "$program" "$name")
        if [ "$name" = mixed_reports ]; then
            mixed_instructions=$count
        fi
        limit=$(awk -v name="$name" '$1 == name { print $2 }' tests/bench/shares.txt)
        share=$(awk "BEGIN { printf \"%.3f\", $count / $base }")
        printf '%-40s %14s %8s %8s\n' "$name" "$count" "$share" "${limit:--}"
        if [ -n "$limit" ]; then
            echo "note: $name takes $share of nlohmann_parse_full's instructions (at most $limit)"
            if awk "BEGIN { exit !($share > $limit) }"; then
                echo "$name takes more than $limit of nlohmann_parse_full's instructions"
                status=1
            fi
        fi
    done < <("$program" --benchmark_list_tests)
    return "$status"
}

# Each benchmark's time, and its share of nlohmann::json parsing the same report in the same run.
measure_times() {
    "$program" --benchmark_min_time=0.05 --benchmark_repetitions=15 --benchmark_enable_random_interleaving=true \
        --benchmark_report_aggregates_only=true --benchmark_format=json 2>/dev/null |
        jq -r '[.benchmarks[] | select(.aggregate_name == "median")] as $all
            | ($all[] | select(.run_name == "nlohmann_parse_full") | .cpu_time) as $base
            | $all[] | [.run_name, .cpu_time, .cpu_time / $base] | @tsv' |
        awk 'BEGIN { printf "%-40s %14s %8s\n", "benchmark", "ns", "share" } { printf "%-40s %14d %8.3f\n", $1, $2, $3 }'
}

# Instructions, allocations and messages of a report in mixed_reports, and those of tests/bench/counts.txt ("NAME NUMBER" a
# line, # begins a comment). Fewer are a failure, too: then the new numbers belong there.
check_counts() {
    local figures name figure expected status=0
    figures=$("$program" --benchmark_filter='^mixed_reports$' --benchmark_min_time=0.2 --benchmark_format=json 2>/dev/null |
        jq -r '.benchmarks[0] | "reports \(.reports)", "allocations \(.allocations)", "messages \(.messages)"')
    figures+=$'\n'"instructions $(awk "BEGIN { print $mixed_instructions \
        / $(awk '$1 == "reports" { print $2 }' <<<"$figures") }")"
    while read -r name expected; do
        figure=$(awk -v name="$name" '$1 == name { print $2 }' <<<"$figures")
        echo "note: $name of a mixed report: $figure ($expected in tests/bench/counts.txt)"
        if ! awk "BEGIN { exit !($figure < 1.05 * $expected && $figure > 0.95 * $expected) }"; then
            echo "$name of a mixed report differ by more than 5 % from tests/bench/counts.txt"
            status=1
        fi
    done < <(sed -n 's/^\([a-z]* [0-9.]*\)$/\1/p' tests/bench/counts.txt)
    return "$status"
}

if [ "$check" = no ]; then
    measure_times
    echo
fi
if ! command -v valgrind >/dev/null; then
    echo "skipped: counting instructions, valgrind is not installed"
    exit 0
fi
status=0
mixed_instructions=0
count_instructions || status=1
check_counts || status=1
exit "$status"
