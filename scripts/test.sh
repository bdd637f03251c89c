#!/usr/bin/env bash
# Installs what is missing, builds and runs every test. One line per gate at the end, then "N passed, N failed",
# which counts gates and tests. A gate that fails does not hide the others.
#   scripts/test.sh            everything: GCC optimised, Clang with the address and undefined behaviour sanitizers,
#                              GCC with the thread sanitizer, each with all tests; fuzzing, benchmarks, memory, demo;
#                              Debian 13 (build, unit tests, demo; as root)
#   scripts/test.sh --quick    the checks of the sources, the debug build and its tests
#   scripts/test.sh --image    everything, and the container image
# Environment: BAMBU2MQTT_NO_INSTALL=1 (install nothing), BAMBU2MQTT_FUZZ_SECONDS (30 per target),
# BAMBU2MQTT_JOBS (default: all processors), BAMBU2MQTT_MINUTES (no limit: gates that would need longer are skipped,
# which is told and fails nothing).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=no image=no
for argument in "$@"; do
    case "$argument" in
    --quick) quick=yes ;;
    --image) image=yes ;;
    *)
        echo "usage: scripts/test.sh [--quick] [--image]" >&2
        exit 2
        ;;
    esac
done

jobs=${BAMBU2MQTT_JOBS:-$(nproc)}
logs=build/logs
summary=()
gates_passed=0 gates_failed=0 tests_passed=0 tests_failed=0

# The kernel's address randomisation of today is too much for the sanitizers of Debian 12.
fixed_addresses=()
if setarch "$(uname -m)" -R true 2>/dev/null; then
    fixed_addresses=(setarch "$(uname -m)" -R)
fi

# --- gates: each runs in a subshell of its own, with its words in a log ---

# Adds the tests that ctest counted in a log.
count_tests() { # LOG
    local line failed total
    while IFS= read -r line; do
        [[ $line =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]] || continue
        failed=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
        tests_failed=$((tests_failed + failed))
        tests_passed=$((tests_passed + total - failed))
        printf '  %s\n' "$line"
    done < <(grep -E 'tests? failed out of' "$1" || true)
}

gate() { # NAME COMMAND...
    local name=$1 log="$logs/$1.log" started=$SECONDS status=0 verdict
    shift
    printf '%s ...\n' "$name"
    set +e
    (
        set -euo pipefail
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    count_tests "$log"
    if [ "$status" -eq 0 ]; then
        verdict=ok
        gates_passed=$((gates_passed + 1))
        grep -hE '^(note|skipped): ' "$log" | sed 's/^/  /' || true
    else
        verdict=FAILED
        gates_failed=$((gates_failed + 1))
        printf -- '--- the end of %s\n' "$log"
        tail -n 150 "$log"
        printf -- '---\n'
    fi
    summary+=("$(printf '%-12s %-7s %5d s' "$name" "$verdict" $((SECONDS - started)))")
}

# A gate that is not begun when it could not end in time.
gate_within() { # MINUTES-NEEDED NAME COMMAND...
    local needed=$1
    shift
    if [ -n "${BAMBU2MQTT_MINUTES:-}" ] && [ $((SECONDS / 60 + needed)) -gt "$BAMBU2MQTT_MINUTES" ]; then
        echo "skipped: $1, for want of time"
        summary+=("$(printf '%-12s %-7s' "$1" skipped)")
        return
    fi
    gate "$@"
}

sources() {
    find src include tests -name '*.cpp' -o -name '*.hpp'
}

check_core_is_pure() {
    local folder folders=() words
    words='MQTTAsync|curl/|spdlog/|openssl/|sys/socket|<thread>|<mutex>|::now\(|sleep'
    for folder in {src,include/bambu2mqtt}/{base,printer,topic,file,port,entity,command,state,homeassistant,gateway}; do
        if [ -d "$folder" ]; then
            folders+=("$folder")
        fi
    done
    if grep -rnE "$words" "${folders[@]}"; then
        echo "the core may know no network, no clock, no thread and no logging library"
        return 1
    fi
}

check_format() {
    if ! command -v clang-format-14 >/dev/null; then # later ones format otherwise
        echo "skipped: clang-format-14 is not there (Debian 12)"
        return
    fi
    sources | xargs -n 20 -P "$jobs" clang-format-14 --dry-run -Werror
}

check_sizes() {
    local long
    long=$(sources | xargs wc -l | awk '$2 != "total" && $1 > 400')
    if [ -n "$long" ]; then
        printf '%s\nfiles over 400 lines: split them by their jobs\n' "$long"
        return 1
    fi
}

check_scripts() {
    local script
    for script in scripts/*.sh .ci/run; do
        bash -n "$script"
    done
    if command -v shellcheck >/dev/null; then
        shellcheck -x scripts/*.sh .ci/run
    else
        echo "skipped: shellcheck is not there"
    fi
}

build() { # PRESET TARGET...
    local preset=$1
    shift
    local compiler=()
    if [ "$preset" = asan ] && ! command -v clang++-14 >/dev/null; then
        compiler=(-DCMAKE_CXX_COMPILER=clang++-19) # Debian 13
    fi
    cmake --preset "$preset" "${compiler[@]}" >/dev/null
    cmake --build --preset "$preset" --parallel "$jobs" --target "$@" -- -k 0
}

run_tests() { # PRESET CTEST-OPTIONS...
    local preset=$1
    shift
    local log status=0
    log=$(mktemp)
    # Tests of the whole program wait for real deadlines, so more run at once than there are processors; on a busy
    # machine one may need a second try, which is told.
    "${fixed_addresses[@]}" ctest --preset "$preset" --parallel $((jobs + 1)) --no-tests=error --output-on-failure \
        --repeat until-pass:2 "$@" | tee "$log" || status=$?
    awk '/\*\*\*(Failed|Timeout)/ { print "note: failed in its first try: " $4 }' "$log" | sort -u
    rm -f "$log"
    return "$status"
}

build_and_test() { # PRESET TARGET CTEST-OPTIONS...
    local preset=$1 target=$2
    shift 2
    build "$preset" "$target"
    run_tests "$preset" "$@"
}

fuzz_one() { # PROGRAM
    local program=$1 name corpus=()
    name=$(basename "$program")
    mkdir -p "build/fuzz/corpus/$name" build/fuzz/crashes
    corpus=("build/fuzz/corpus/$name")
    if [ -d "tests/fuzz/corpus/${name%_fuzz}" ]; then
        corpus+=("tests/fuzz/corpus/${name%_fuzz}")
    fi
    if "$program" -max_total_time="${BAMBU2MQTT_FUZZ_SECONDS:-30}" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$name-" "${corpus[@]}" \
        >"$logs/$name.log" 2>&1; then
        echo "note: $name: $(awk '/number_of_executed_units/ { print $2 }' "$logs/$name.log") inputs"
    else
        tail -n 60 "$logs/$name.log"
        echo "$name failed"
        return 1
    fi
}

fuzz() {
    local programs
    build asan fuzzers
    mapfile -t programs < <(find build/asan/tests/fuzz -maxdepth 1 -type f -name '*_fuzz' -executable)
    if [ ${#programs[@]} -eq 0 ]; then
        echo "there is no fuzz target"
        return 1
    fi
    export logs
    export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.txt:print_suppressions=0"
    export -f fuzz_one
    # shellcheck disable=SC2016 # $1 is for the inner shell
    printf '%s\0' "${programs[@]}" |
        "${fixed_addresses[@]}" xargs -0 -n 1 -P "$jobs" bash -c 'set -euo pipefail; fuzz_one "$1"' fuzz_one
}

bench() {
    BAMBU2MQTT_NO_INSTALL=1 scripts/bench.sh --check
}

memory() {
    BAMBU2MQTT_NO_INSTALL=1 BAMBU2MQTT_BUILD=build/release BAMBU2MQTT_MEMORY_SECONDS=65 scripts/memory.sh --check
}

demo() {
    BAMBU2MQTT_NO_INSTALL=1 BAMBU2MQTT_BUILD=build/release scripts/demo.sh --once
}

debian_13() {
    if [ "$(id -u)" -ne 0 ]; then
        echo "skipped: a root of Debian 13 needs root"
        return
    fi
    scripts/debian.sh 13
}

node_red() {
    BAMBU2MQTT_BUILD=build/release scripts/node-red-test.sh
}

# --- the run ---

if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh test
    if [ "$image" = yes ]; then
        scripts/install-dependencies.sh image
    fi
fi
if command -v ccache >/dev/null; then
    export BAMBU2MQTT_LAUNCHER=ccache
fi
mkdir -p "$logs"
rm -f "$logs"/*.log

gate purity check_core_is_pure
gate layers scripts/check-layers.sh
gate format check_format
gate sizes check_sizes
gate scripts check_scripts
gate hardening scripts/hardening.sh
if [ "$quick" = yes ]; then
    gate dev build_and_test dev all
else
    gate gcc build_and_test release all
    gate bench bench
    gate memory memory
    gate demo demo
    gate node-red node_red
    gate_within 45 asan build_and_test asan test_programs
    gate_within 5 fuzz fuzz
    gate_within 15 debian13 debian_13
    gate_within 27 tsan build_and_test tsan test_programs
fi
if [ "$image" = yes ]; then
    gate image scripts/image-test.sh
fi

printf '\n'
printf '%s\n' "${summary[@]}"
printf '%s\n' "gates: $gates_passed passed, $gates_failed failed; tests: $tests_passed passed, $tests_failed failed; $SECONDS s"
printf '%d passed, %d failed\n' $((gates_passed + tests_passed)) $((gates_failed + tests_failed))
[ $((gates_failed + tests_failed)) -eq 0 ]
