#!/usr/bin/env bash
# Compares the output of the offline commands, and the retained messages of the gateway for simulated printers, with
# tests/golden/recorded, byte by byte. Differences are printed as a diff.
#   scripts/golden.sh                compares; fails on a difference, a missing and an extra file
#   scripts/golden.sh --record       rewrites the recorded files: for intended changes
#   --without-demo                   leaves out the broker, the gateway and the simulated printers
# Environment: BAMBU2MQTT_BUILD (build/dev; the folder with the built programs), BAMBU2MQTT_CAPTURES (the folder of
# recorded printer traffic, of whose outputs only hashes are kept), BAMBU2MQTT_JOBS (default: all processors).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh

usage() {
    sed -n '2,8s/^# \{0,1\}//p' scripts/golden.sh
}

record=no demo=yes
for argument in "$@"; do
    case "$argument" in
    --record) record=yes ;;
    --without-demo) demo=no ;;
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

golden=tests/golden
recorded=$golden/recorded
captures=${BAMBU2MQTT_CAPTURES:-}
captures=${captures%/}
beside=$(dirname "${captures:-/none/captures}") # parent of the folder with recorded traffic
build_dir=$(realpath "${BAMBU2MQTT_BUILD:-build/dev}")
program=$build_dir/src/bambu2mqtt
for needed in "$program" "$build_dir/tests/simulator/bambu2mqtt-simulator"; do
    if [ ! -x "$needed" ]; then
        echo "golden.sh: $needed is not built" >&2
        exit 1
    fi
done

# Fixed values for everything the programs read from the environment.
export LC_ALL=C TZ=UTC
unset BAMBU2MQTT_CONFIG GOLDEN_UNSET
export GOLDEN_NAME=golden GOLDEN_EMPTY=
version=$("$program" --version)
version=${version#* }

playground_open
work=$(realpath "$playground")/golden # also as error messages show it
made=$work/made
mkdir -p "$made" "$work/hashes"
export program golden work made beside version

# --- one run of the program ---

# Prints the command line, output, diagnostics and exit code.
show() { # ARGUMENTS...
    local status=0 line errors=$work/stderr.$BASHPID
    printf '$ bambu2mqtt'
    printf ' %s' "$@"
    echo
    "$program" "$@" 2>"$errors" || status=$?
    while IFS= read -r line || [ -n "$line" ]; do
        printf 'stderr: %s\n' "$line"
    done <"$errors"
    printf 'exit code: %d\n' "$status"
}

# Values that depend on the time of the run are replaced by names, and long lines are broken at commas, for readable
# diffs.
normalized() {
    sed -E -e "s|$work|WORK|g" -e "s|$beside/||g" -e "s/(\"(sw|sw_version|version)\\\\?\":\\\\?\")$version/\\1VERSION/g" \
        -e 's/("(project|subtask|task)_id":")[1-9][0-9]{8,}"/\1JOB"/g' -e 's/("setting_id":"PF)[0-9]{10,}"/\1JOB"/g' -e 's/,(\\?")/,\n\1/g'
}

# --- the jobs: each writes one file of $made ---

into() { # FILE COMMAND...
    mkdir -p "$made/${1%/*}"
    "${@:2}" </dev/null | normalized >"$made/$1"
}

now=2026-01-31T18:00:00Z
export now

# The state of a fixture, made idle, with everything allowed: every command prints its requests.
encode_idle() { # FIXTURE FILE-OF-COMMANDS
    local state name arguments
    state=$work/state.$BASHPID
    cat "$1" - >"$state" <<<'{"print":{"command":"push_status","msg":1,"gcode_state":"IDLE","print_error":0}}'
    while IFS=$'\t' read -r name arguments; do
        show encode --raw-commands --developer-mode on --state - "$name" "$arguments" <"$state"
    done <"$2"
}

# The recorded state, without options: refusals and their reasons.
encode_as_recorded() { # FIXTURE
    local name arguments
    while IFS=$'\t' read -r name arguments; do
        show encode --state "$1" "$name" "$arguments"
    done <"$golden/commands.txt"
}

check_files() {
    local file
    cd "$work"
    chmod 644 check/mode-0644-*.toml
    for file in check/*.toml; do
        show --config "$file" check
        echo
    done
}

command_lines() {
    local line words
    while IFS= read -r line; do
        IFS=' ' read -ra words <<<"$line"
        show "${words[@]}"
    done <"$golden/command-lines.txt"
}

# Both forms: with controls and with their read-only entities where the firmware requires signed commands.
discovery_forms() { # MODEL FIXTURE
    into "discovery/$1.txt" show discovery "$2"
    into "discovery-developer-mode/$1.txt" show discovery --developer-mode on "$2"
    if cmp -s <(tail -n +2 "$made/discovery/$1.txt") <(tail -n +2 "$made/discovery-developer-mode/$1.txt"); then
        echo "as discovery/$1.txt" >"$made/discovery-developer-mode/$1.txt"
    fi
}

# Hashes of the outputs of the commands for one recording: "HASH  NAME COMMAND".
hashes_of() { # NAME FILE
    local hashes
    hashes=$work/hashes/${1//\//_}
    local state=("$2") command
    hash_of "$1" input cat "$2"
    hash_of "$1" decode show decode --now "$now" "${state[@]}"
    hash_of "$1" decode-each show decode --each "${state[@]}"
    hash_of "$1" discovery show discovery "${state[@]}"
    hash_of "$1" discovery-developer-mode show discovery --developer-mode on "${state[@]}"
    for command in load_filament get_state; do
        hash_of "$1" "encode-$command" show encode --state "${state[@]}" "$command" \
            "$(sed -n "s/^$command\t//p" "$golden/commands.txt")"
    done
}

hash_of() { # NAME WHAT COMMAND...
    local hash
    hash=$("${@:3}" </dev/null | normalized | sha256sum)
    printf '%s  %s %s\n' "${hash%% *}" "$1" "$2" >>"$hashes"
}

run_job() { # JOB
    set -euo pipefail
    local kind=${1%%:*} file=${1#*:} model
    model=${file%/*} model=${model##*/} # of the folder of a fixture
    case "$kind" in
    fixture)
        into "decode/$model.txt" show decode --now "$now" "$file"
        into "decode-each/$model.txt" show decode --each "$file"
        discovery_forms "$model" "$file"
        ;;
    idle) into "encode-idle/$model.txt" encode_idle "$file" "$golden/commands.txt" ;;
    arguments) into "encode-arguments/$model.txt" encode_idle "$file" "$golden/arguments.txt" ;;
    refused) into "encode-recorded/$model.txt" encode_as_recorded "$file" ;;
    sample) into "samples/${file##*/}.txt" sample "$file" ;;
    check) into program/check.txt check_files ;;
    entities) into "entities/$file.txt" show entities --model "$file" ;;
    lines) into program/command-lines.txt command_lines ;;
    capture) hashes_of "${file#"$beside"/}" "$file" ;;
    esac
}

sample() { # FILE
    show decode --now "$now" "$1"
    show decode --each "$1"
}

export -f show normalized into encode_idle encode_as_recorded check_files command_lines discovery_forms hashes_of hash_of
export -f run_job sample

# --- which jobs there are ---

jobs() {
    local file
    # Long ones first.
    for file in tests/fixtures/reports/*/full.jsonl; do
        printf 'idle:%s\0' "$file"
    done
    for file in p1s x1c h2d; do
        printf 'refused:%s\0' "tests/fixtures/reports/$file/full.jsonl"
    done
    for file in p1s h2d; do
        printf 'arguments:%s\0' "tests/fixtures/reports/$file/full.jsonl"
    done
    if [ -n "$captures" ]; then
        find "$captures" "$beside/cases" -type f '(' -name '*.json' -o -name '*.jsonl' -o -name '*.bin' ')' \
            -printf 'capture:%p\0' | sort -z
    fi
    printf 'check:\0lines:\0'
    for file in tests/fixtures/reports/*/full.jsonl; do
        printf 'fixture:%s\0' "$file"
    done
    for file in tests/fuzz/corpus/report/*.json; do
        printf 'sample:%s\0' "$file"
    done
    for file in A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C; do
        printf 'entities:%s\0' "$file"
    done
}

prepare() {
    local command known
    cp -R "$golden/check" "$work/check"
    printf '%070000d' 0 >"$work/check/secrets/large"
    find "$work/check" -type f -exec chmod 600 {} +
    chmod 644 "$work/check/secrets/mode-0644"
    known=$(cut -f 1 "$golden/commands.txt" | sort -u)
    for command in docs/schemas/command/*.json; do
        if ! grep -qx "$(basename "$command" .json)" <<<"$known"; then
            echo "golden.sh: $golden/commands.txt has no line for $(basename "$command" .json)" >&2
            exit 1
        fi
    done
}

# --- the demo: retained messages on the broker ---

# Values that differ between runs are replaced by names; see tests/golden/README.md.
retained() {
    { mosquitto_sub -h 127.0.0.1 -p "$broker_port" -t '#' --retained-only -W 1 -F '%t = %p' 2>/dev/null || true; } |
        sort | sed -E -e '/^[^ ]*\/connection\/attributes = /s/"since":"[^"]*"/"since":"TIME"/' \
            -e 's/^([^ ]*\/wifi_signal = )-?[0-9]+$/\1NUMBER/' \
            -e 's/^([^ ]*\/ams_[0-9a-z_]*_(humidity|temperature) = )[0-9.]+$/\1NUMBER/' \
            -e '/^[^ ]*\/bridge\/health = /s/:[0-9.]+/:NUMBER/g'
}

all_are_connected() {
    [ "$(retained | grep -c '/connection = connected$')" -eq "$1" ]
}

# Waits, for a limited time, until the retained messages are stable and, when comparing, equal the recorded ones.
settled() { # FILE FILTER...
    local last="" next attempt same=0 file=$1
    shift
    for ((attempt = 0; attempt < 40; attempt++)); do
        next=$(retained)
        if [ "$next" = "$last" ]; then
            same=$((same + 1))
        else
            same=0
        fi
        last=$next
        if ((same >= 2)); then
            "$@" <<<"$last" | normalized >"$made/$file"
            if ((same >= 6)) || cmp -s "$made/$file" "$recorded/$file"; then
                return
            fi
        fi
    done
    "$@" <<<"$last" | normalized >"$made/$file"
}

# Of the many messages of the form "component" only hashes.
hash_configs() {
    local line
    mkdir -p "$work/payloads"
    while IFS= read -r line; do
        if [[ $line == homeassistant/* ]]; then
            local topic=${line%% = *}
            normalized <<<"${line#* = }" >"$work/payloads/${topic//\//+}"
        fi
    done
    (cd "$work/payloads" && sha256sum -- *) | sed -E 's/^([0-9a-f]{16})[0-9a-f]*  (.*)$/\2 \1/; s/\+/\//g'
}


dump_demo() {
    playground_await 60 all_are_connected "$(printer_ids | wc -l)" ||
        fail "not every printer is connected; output of the gateway:" gateway
    settled demo-retained.txt cat
    retained >"$work/running"
    playground_stop "$gateway_pid"
    settled demo-stopped.txt grep -vxFf "$work/running"
    sed -i '/^\[broker\]$/i [home_assistant]\ndiscovery = "component"\n' "$playground/bambu2mqtt.toml"
    start_gateway
    playground_await 60 all_are_connected "$(printer_ids | wc -l)" ||
        fail "not every printer is connected again; output of the gateway:" gateway
    settled demo-component.txt hash_configs
}

# --- comparing ---

differences=0

difference() { # MESSAGE
    echo "$1"
    differences=$((differences + 1))
}

compare_files() {
    local file
    while IFS= read -r file; do
        if [ ! -f "$recorded/$file" ]; then
            difference "$recorded/$file: is not recorded"
        elif [ -f "$made/$file" ] && ! cmp -s "$recorded/$file" "$made/$file"; then
            difference "$recorded/$file: differs"
            diff -u --label recorded --label now "$recorded/$file" "$made/$file" | head -n 40 || true
        elif [ ! -f "$made/$file" ]; then
            if [ "$demo" = yes ] || [[ $file != demo-* ]]; then
                difference "$recorded/$file: nothing makes it any more"
            fi
        fi
    done < <({ cd "$recorded" && find . -type f; cd "$OLDPWD" && cd "$made" && find . -type f; } | sed 's|^\./||' | sort -u)
}

# Recordings without stored hashes cannot be compared.
compare_captures() {
    local file=$golden/captures.sha256 hash name what same=0 unknown=0 expected
    declare -A known=() inputs=()
    while read -r hash name what; do
        known["$name $what"]=$hash
    done <"$file"
    while read -r hash name what; do
        if [ "$what" = input ]; then
            inputs[$name]=$hash
        fi
    done <"$work/captures.sha256"
    while read -r hash name what; do
        expected=${known["$name input"]:-none}
        if [ "${inputs[$name]}" != "$expected" ]; then
            [ "$what" != input ] || unknown=$((unknown + 1))
        elif [ "${known["$name $what"]:-none}" != "$hash" ]; then
            difference "$name: the output of $what differs from the one whose hash is in $file"
        else
            same=$((same + 1))
        fi
    done <"$work/captures.sha256"
    if [ "$unknown" -gt 0 ]; then
        echo "skipped: $unknown recordings whose outputs were not recorded"
    fi
    if [ "$same" -eq 0 ]; then
        difference "none of the recordings in $captures is known to $file"
    fi
    echo "note: $same outputs of recordings are compared"
}

# --- the run ---

prepare
if [ "$demo" = yes ]; then
    start_broker
    start_printers --printers 6 --models X1C,P1S,A1MINI,H2D,P2S,X2D --seconds-per-print 0
    start_gateway
else
    echo "skipped: the demo"
fi
# shellcheck disable=SC2016 # $1 is for the inner shell
jobs | xargs -0 -n 1 -P "${BAMBU2MQTT_JOBS:-$(nproc)}" bash -c 'run_job "$1"' job
if [ "$demo" = yes ]; then
    dump_demo
fi
if [ -n "$captures" ]; then
    cat "$work"/hashes/* >"$work/captures.sha256"
else
    echo "skipped: the outputs of recorded traffic, BAMBU2MQTT_CAPTURES is not set"
fi

if [ "$record" = yes ]; then
    if [ "$demo" = no ]; then
        cp "$recorded"/demo-* "$made/"
    fi
    rm -rf "$recorded"
    mkdir -p "$golden"
    cp -R "$made" "$recorded"
    if [ -n "$captures" ]; then
        cp "$work/captures.sha256" "$golden/captures.sha256"
    fi
    echo "recorded: $(find "$recorded" -type f | wc -l) files, $(du -sk "$recorded" | cut -f 1) KiB"
    exit 0
fi
compare_files
if [ -n "$captures" ]; then
    compare_captures
fi
echo "$(find "$made" -type f | wc -l) files compared, $differences differences in $SECONDS s"
[ "$differences" -eq 0 ]
