#!/usr/bin/env bash
# Installs what is missing, builds and runs the tests. One line per gate at the end, with its time, then "N passed,
# N failed", which counts gates and tests. A failed gate does not hide the others; gates skipped completely or in part are
# named and not counted as passed.
#   scripts/test.sh            checks of sources and documents, one build (Clang, address and undefined behaviour
#                              sanitizers), every test once except attacks, faults and loads, the corpus of the fuzz targets
#   scripts/test.sh --full     the same and: the optimised build (GCC) with all integration tests, including attacks,
#                              faults and loads; demo, benchmarks, memory, Node-RED and monitoring; Debian 13 (as root);
#                              the thread sanitizer; fuzzing
#   scripts/test.sh --release  takes hours, before a release: large loads, soak, other brokers, the comparison, attacks
#                              with the address sanitizer, clang-tidy, Debian packages, container image and add-on (as
#                              root), an hour of fuzzing
#   --list                     prints the gates of the level and runs nothing
# Environment: BAMBU2MQTT_NO_INSTALL=1 (install nothing), BAMBU2MQTT_FUZZ_SECONDS (per target; 120), BAMBU2MQTT_JOBS
# (default: all processors), BAMBU2MQTT_MINUTES (no limit: gates that would need longer are skipped).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    sed -n '2,18s/^# \{0,1\}//p' scripts/test.sh
}

level=default list=no
for argument in "$@"; do
    case "$argument" in
    --full) level=full ;;
    --release) level=release ;;
    --list) list=yes ;;
    --help | -h)
        usage
        exit 0
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done

jobs=${BAMBU2MQTT_JOBS:-$(nproc)}
logs=build/logs
summary=()
skipped=() # "GATE: WHAT"
failed_gates=" "
gates_passed=0 gates_failed=0 tests_passed=0 tests_failed=0
gate_skipped=77 # exit code of a skipped gate

# The sanitizers of Debian 12 do not support the address randomisation of current kernels.
fixed_addresses=()
if setarch "$(uname -m)" -R true 2>/dev/null; then
    fixed_addresses=(setarch "$(uname -m)" -R)
fi

# --- gates: each runs in its own subshell, with its output in a log ---

# Adds the tests that ctest counted in a log. Tests of which a part was skipped, as run_tests names them, do not count as
# passed.
count_tests() { # LOG
    local line failed total partly
    while IFS= read -r line; do
        [[ $line =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]] || continue
        failed=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
        partly=$(sed -n 's/^skipped: \([a-z]*\/[^ :]*\): .*/\1/p' "$1" | sort -u | wc -l)
        tests_failed=$((tests_failed + failed))
        tests_passed=$((tests_passed + total - failed - partly))
        printf '  %s\n' "$line"
    done < <(grep -E 'tests? failed out of' "$1" || true)
}

skip() { # NAME WHY
    echo "skipped: $1: $2"
    skipped+=("$1: $2")
    summary+=("$(printf '%-12s %-7s' "$1" skipped)")
}

gate() { # NAME COMMAND...
    local name=$1 log="$logs/$1.log" started=$SECONDS status=0 verdict line
    shift
    if [ "$list" = yes ]; then
        printf '%s: %s\n' "$name" "$*"
        return
    fi
    printf '%s ...\n' "$name"
    set +e
    (
        set -euo pipefail
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    count_tests "$log"
    while IFS= read -r line; do
        printf '  skipped: %s\n' "$line"
        skipped+=("$name: $line")
    done < <(sed -n 's/^skipped: //p' "$log")
    if [ "$status" -eq 0 ]; then
        verdict=partly
        if ! grep -q '^skipped: ' "$log"; then
            verdict=ok
            gates_passed=$((gates_passed + 1))
        fi
        sed -n 's/^note: /  note: /p' "$log"
    elif [ "$status" -eq "$gate_skipped" ]; then
        verdict=skipped
    else
        verdict=FAILED
        gates_failed=$((gates_failed + 1))
        failed_gates+="$name "
        printf -- '--- the end of %s\n' "$log"
        tail -n 150 "$log"
        printf -- '---\n'
    fi
    summary+=("$(printf '%-12s %-7s %5d s' "$name" "$verdict" $((SECONDS - started)))")
}

# A gate that needs the result of another one.
gate_after() { # OTHER NAME COMMAND...
    local other=$1
    shift
    if [[ $failed_gates == *" $other "* ]]; then
        skip "$1" "it needs $other"
        return
    fi
    gate "$@"
}

# A gate that is skipped if it could not end in time.
gate_within() { # MINUTES-NEEDED gate|gate_after ...
    local needed=$1 name=$3
    if [ "$2" = gate_after ]; then
        name=$4
    fi
    shift
    if [ -n "${BAMBU2MQTT_MINUTES:-}" ] && [ $((SECONDS / 60 + needed)) -gt "$BAMBU2MQTT_MINUTES" ]; then
        skip "$name" "$((SECONDS / 60)) of $BAMBU2MQTT_MINUTES minutes are over, it needs $needed"
        failed_gates+="$name " # gates that need it are skipped too
        return
    fi
    "$@"
}

sources() {
    find src include tests -name '*.cpp' -o -name '*.hpp'
}

check_core_is_pure() {
    local name names folder folders=() words
    words='MQTTAsync|curl/|spdlog/|openssl/|sys/socket|<thread>|<mutex>|::now\(|sleep'
    names=$(sed -n 's/^set(CORE_FOLDERS \(.*\))$/\1/p' src/CMakeLists.txt)
    if [ -z "$names" ]; then
        echo "src/CMakeLists.txt does not set CORE_FOLDERS in one line"
        return 1
    fi
    for name in $names; do
        for folder in {src,include/bambu2mqtt}/"$name"; do
            if [ -d "$folder" ]; then
                folders+=("$folder")
            fi
        done
    done
    if grep -rnE "$words" "${folders[@]}"; then
        echo "the core must not use network, clock, threads or logging"
        return 1
    fi
}

check_format() {
    if ! command -v clang-format-14 >/dev/null; then # later ones format otherwise
        echo "skipped: clang-format-14 is not installed (Debian 12)"
        return "$gate_skipped"
    fi
    sources | xargs -n 20 -P "$jobs" clang-format-14 --dry-run -Werror
}

check_sizes() {
    local long
    long=$(sources | xargs wc -l | awk '$2 != "total" && $1 > 400')
    if [ -n "$long" ]; then
        printf '%s\nfiles over 400 lines: split them by purpose\n' "$long"
        return 1
    fi
}

check_scripts() {
    local script
    for script in scripts/*.sh .ci/run addon/run.sh debian/*.postinst debian/*.postrm; do
        bash -n "$script"
    done
    if command -v shellcheck >/dev/null; then
        shellcheck -x scripts/*.sh .ci/run addon/run.sh debian/*.postinst debian/*.postrm
    else
        echo "skipped: shellcheck is not installed"
    fi
}

documents() { # PROGRAM
    if ! /usr/bin/python3 -c 'import tomllib, yaml' 2>/dev/null; then
        echo "skipped: python3-yaml is not installed"
        return "$gate_skipped"
    fi
    export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.txt:print_suppressions=0"
    "${fixed_addresses[@]}" /usr/bin/python3 tests/docs/check_docs.py --self-test "$1"
    "${fixed_addresses[@]}" /usr/bin/python3 tests/docs/check_docs.py "$1"
}

build() { # PRESET TARGET...
    local preset=$1
    shift
    local compiler=()
    if [[ $preset == asan ]] && ! command -v clang++-14 >/dev/null; then
        compiler=(-DCMAKE_CXX_COMPILER=clang++-19) # Debian 13
    fi
    cmake --preset "$preset" "${compiler[@]}" >/dev/null
    cmake --build --preset "$preset" --parallel "$jobs" --target "$@" -- -k 0
}

# Most tests wait for processes and networks; tests/CMakeLists.txt marks those that need a processor: one of them runs
# beside one that waits, or as many waiting ones as there are slots.
run_tests() { # PRESET CTEST-OPTIONS...
    local preset=$1 status=0
    shift
    "${fixed_addresses[@]}" ctest --preset "$preset" --parallel $((jobs + 2)) --no-tests=error --output-on-failure \
        "$@" || status=$?
    # Parts skipped by tests: reported only in ctest's own log.
    awk '/^[0-9]+\/[0-9]+ Test: / { name = $3 }
         match($0, /skipped: /) { print "skipped: " name ": " substr($0, RSTART + RLENGTH) }' \
        "build/$preset/Testing/Temporary/LastTest.log" | sort -u
    return "$status"
}

fuzz_one() { # PROGRAM
    local program=$1 name corpus=()
    name=$(basename "$program")
    mkdir -p "build/fuzz/corpus/$name" build/fuzz/crashes
    corpus=("build/fuzz/corpus/$name")
    if [ -d "tests/fuzz/corpus/${name%_fuzz}" ]; then
        corpus+=("tests/fuzz/corpus/${name%_fuzz}")
    fi
    if "$program" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$name-" "${corpus[@]}" \
        >"$logs/$name.log" 2>&1; then
        echo "note: $name: $(awk '/number_of_executed_units/ { print $2 }' "$logs/$name.log") inputs"
    else
        tail -n 60 "$logs/$name.log"
        echo "$name failed"
        return 1
    fi
}

fuzz() { # SECONDS-PER-TARGET
    local programs
    mapfile -t programs < <(find build/asan/tests/fuzz -maxdepth 1 -type f -name '*_fuzz' -executable)
    if [ ${#programs[@]} -eq 0 ]; then
        echo "no fuzz targets were built"
        return 1
    fi
    fuzz_seconds=$1
    export logs fuzz_seconds
    export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.txt:print_suppressions=0"
    export -f fuzz_one
    # shellcheck disable=SC2016 # $1 is for the inner shell
    printf '%s\0' "${programs[@]}" |
        "${fixed_addresses[@]}" xargs -0 -n 1 -P "$jobs" bash -c 'set -euo pipefail; fuzz_one "$1"' fuzz_one
}

hour_of_fuzzing() {
    build asan fuzzers
    fuzz $((3600 * jobs / $(find tests/fuzz -name '*_fuzz.cpp' | wc -l)))
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
        return "$gate_skipped"
    fi
    scripts/debian.sh 13
}

# What needs root, and packages that only these gates need.
can_make_roots() { # PROGRAM...
    local program
    if [ "$(id -u)" -ne 0 ]; then
        echo "skipped: roots of Debian releases need root"
        return "$gate_skipped"
    fi
    if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
        scripts/install-dependencies.sh image || true
    fi
    for program in "$@"; do
        if ! PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null; then
            echo "skipped: $program is not installed (scripts/install-dependencies.sh image)"
            return "$gate_skipped"
        fi
    done
}

package() { # 12|13...
    local release
    can_make_roots lintian debootstrap || return
    for release in "$@"; do
        scripts/package-test.sh "$release"
    done
}

image() {
    can_make_roots buildah debootstrap || return
    BAMBU2MQTT_NO_INSTALL=1 BAMBU2MQTT_BUILD=build/release scripts/image-test.sh
}

addon() {
    can_make_roots buildah debootstrap || return
    BAMBU2MQTT_BUILD=build/release scripts/addon-test.sh
}

addon_rules() {
    if ! /usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null; then
        echo "skipped: python3-jsonschema and python3-yaml are not installed"
        return "$gate_skipped"
    fi
    scripts/addon-test.sh --rules
}

examples() {
    if ! /usr/bin/python3 -c 'import jinja2, jsonschema, yaml' 2>/dev/null; then
        echo "skipped: python3-jinja2, python3-jsonschema and python3-yaml are not installed"
        return "$gate_skipped"
    fi
    /usr/bin/python3 -B tests/examples/check_home_assistant.py
}

node_red() {
    BAMBU2MQTT_BUILD=build/release scripts/node-red-test.sh
    if grep -q '^skipped: ' "$logs/node-red.log"; then
        return "$gate_skipped"
    fi
}

monitoring() {
    BAMBU2MQTT_BUILD=build/release scripts/monitoring-test.sh
    if grep -q '^skipped: ' "$logs/monitoring.log"; then
        return "$gate_skipped"
    fi
}

interop() {
    BAMBU2MQTT_BUILD=build/release scripts/interop.sh
}

compare() {
    BAMBU2MQTT_BUILD=build/release scripts/compare.sh --check
}

tidy() {
    scripts/tidy.sh
    if grep -q '^skipped: clang-tidy' "$logs/tidy.log"; then
        return "$gate_skipped"
    fi
}

hardening() {
    scripts/hardening.sh
    if grep -q '^skipped: ' "$logs/hardening.log"; then
        return "$gate_skipped"
    fi
}

soak() {
    BAMBU2MQTT_NO_INSTALL=1 BAMBU2MQTT_BUILD=build/release scripts/soak.sh 60 20
}

large_loads() {
    BAMBU2MQTT_NO_INSTALL=1 BAMBU2MQTT_BUILD=build/release BAMBU2MQTT_MEMORY_SECONDS=65 scripts/memory.sh 1 100 400
    BAMBU2MQTT_CHURN=5 run_tests release -R '^integration/gateway_churn$'
}

# --- the run ---

if [ "$list" = no ]; then
    if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
        scripts/install-dependencies.sh test
    fi
    mkdir -p "$logs"
    rm -f "$logs"/*.log
fi
if command -v ccache >/dev/null; then
    export BAMBU2MQTT_LAUNCHER="env;CCACHE_SLOPPINESS=pch_defines,time_macros;ccache"
fi

if [ "$level" != release ]; then
    gate purity check_core_is_pure
    gate layers scripts/check-layers.sh
    gate names scripts/check-names.sh
    gate format check_format
    gate sizes check_sizes
    gate scripts check_scripts
    gate hardening hardening
    gate addon-rules addon_rules
    gate examples examples
    gate build build asan test_programs
    gate_after build docs documents build/asan/src/bambu2mqtt
    gate_after build tests run_tests asan -LE attack
fi
if [ "$level" = full ]; then
    gate release build release bambu2mqtt bambu2mqtt-simulator integration_tests benchmarks
    gate_after release release-tests run_tests release -L integration
    gate_after release demo demo
    gate_after release bench bench
    gate_after release memory memory
    gate_after release node-red node_red
    gate_after release monitoring monitoring
    gate_within 15 gate debian13 debian_13
    gate_within 15 gate tsan build tsan edge_tests integration_tests
    gate_within 10 gate_after tsan tsan-tests run_tests tsan -L threads
    gate_within 12 gate_after build fuzz fuzz "${BAMBU2MQTT_FUZZ_SECONDS:-120}"
fi
if [ "$level" = release ]; then
    gate release build release bambu2mqtt bambu2mqtt-simulator bambu2mqtt-soak bambu2mqtt-compare integration_tests interop_tests
    gate_after release large-loads large_loads
    gate_after release soak soak
    gate_after release interop interop
    gate_after release compare compare
    gate build build asan test_programs
    gate_after build attacks run_tests asan -L attack
    gate tidy tidy
    gate packages package 12 13
    gate_after release image image
    gate_after release addon addon
    gate fuzz hour_of_fuzzing
fi
if [ "$list" = yes ]; then
    exit 0
fi

printf '\n'
printf '%s\n' "${summary[@]}"
if [ ${#skipped[@]} -gt 0 ]; then
    printf 'skipped: %s\n' "${skipped[@]}"
fi
printf '%s\n' "gates: $gates_passed passed, $gates_failed failed; tests: $tests_passed passed, $tests_failed failed; ${#skipped[@]} skipped; $SECONDS s"
printf '%d passed, %d failed\n' $((gates_passed + tests_passed)) $((gates_failed + tests_failed))
[ $((gates_failed + tests_failed)) -eq 0 ]
