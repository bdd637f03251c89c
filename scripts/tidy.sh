#!/usr/bin/env bash
# clang-tidy 14 with the checks of .clang-tidy over src: recently changed files first. Each file is
# compiled alone, without the unity build, so that missing includes are found, too.
#   scripts/tidy.sh [FILES...]     (default: all of src)
# Environment: BAMBU2MQTT_TIDY_MINUTES (no limit: files that are not reached are counted as skipped), BAMBU2MQTT_JOBS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v clang-tidy-14 >/dev/null || ! command -v clang++-14 >/dev/null; then
    echo "skipped: clang-tidy-14 is not installed (Debian 12)"
    exit 0
fi
jobs=${BAMBU2MQTT_JOBS:-$(nproc)}
build=build/tidy
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++-14 >/dev/null

files=("$@")
if [ ${#files[@]} -eq 0 ]; then
    mapfile -t files < <({
        git log -20 --format= --name-only -- 'src/*.cpp' 2>/dev/null || true
        find src -name '*.cpp' | sort
    } | awk '!seen[$0]++')
fi
end=
if [ -n "${BAMBU2MQTT_TIDY_MINUTES:-}" ]; then
    end=$(($(date +%s) + BAMBU2MQTT_TIDY_MINUTES * 60))
fi
export build end

tidy_one() { # FILE
    local output
    if [ ! -e "$1" ]; then
        return # it was removed or moved since
    fi
    if [ -n "$end" ] && [ "$(date +%s)" -ge "$end" ]; then
        echo "not reached: $1"
        return
    fi
    if output=$(clang-tidy-14 -p "$build" --quiet "$1" 2>/dev/null); then
        echo "fine: $1"
    else
        printf '%s\nfound in %s\n' "$output" "$1"
    fi
}
export -f tidy_one

results=$(mktemp)
trap 'rm -f "$results"' EXIT
# shellcheck disable=SC2016 # $1 is for the inner shell
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'tidy_one "$1"' tidy_one | tee "$results" |
    grep -vE '^(fine|not reached): ' || true
left=$(grep -c '^not reached: ' "$results" || true)
bad=$(grep -c '^found in ' "$results" || true)
echo "note: clang-tidy: $(grep -c '^fine: ' "$results" || true) files without a finding, $bad with"
if [ "$left" -gt 0 ]; then
    echo "skipped: $left files that were not reached in time"
fi
[ "$bad" -eq 0 ]
