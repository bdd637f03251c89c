#!/usr/bin/env bash
# The gateway between simulated printers and a private broker, all on loopback ports, with its entities live.
#   scripts/demo.sh              until Ctrl-C: a table on a terminal, else lines "topic = value"
#   scripts/demo.sh --seconds N  the same for N seconds
#   scripts/demo.sh --once       prints all entities once every printer has reported, sends some commands, and ends
#   --printers N, --models A,B,... (X1C,P1S,A1MINI,H2D,P2S,X2D), --seconds-per-print N
# Installs what is missing unless BAMBU2MQTT_NO_INSTALL=1; builds into $BAMBU2MQTT_BUILD (build/demo). It stops
# everything it started, and leaves no files except the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh

usage() {
    sed -n '2,8s/^# \{0,1\}//p' scripts/demo.sh
}

once=no seconds=0 printers=3 models=X1C,P1S,A1MINI,H2D,P2S,X2D seconds_per_print=180
while [ $# -gt 0 ]; do
    case "$1" in
    --once) once=yes ;;
    --help | -h)
        usage
        exit 0
        ;;
    --seconds | --printers | --models | --seconds-per-print)
        if [ $# -lt 2 ]; then
            echo "demo.sh: $1 needs a value" >&2
            exit 2
        fi
        case "$1" in
        --seconds) seconds=$2 ;;
        --printers) printers=$2 ;;
        --models) models=$2 ;;
        --seconds-per-print) seconds_per_print=$2 ;;
        esac
        shift
        ;;
    *)
        echo "demo.sh: unknown option $1" >&2
        usage >&2
        exit 2
        ;;
    esac
    shift
done
if ! [[ $seconds =~ ^[0-9]+$ && $seconds_per_print =~ ^[0-9]+$ ]]; then
    echo "demo.sh: --seconds and --seconds-per-print take whole numbers" >&2
    exit 2
fi
if ! [[ $printers =~ ^[1-9][0-9]*$ ]]; then
    echo "demo.sh: --printers takes a whole number from 1 on, found \"$printers\"" >&2
    exit 2
fi

# States only; use mosquitto_sub for attributes, availability of units and outcomes of commands.
subscribe() { # MOSQUITTO_SUB-OPTIONS...
    exec setpriv --pdeathsig TERM mosquitto_sub -h 127.0.0.1 -p "$broker_port" -t 'bambu2mqtt/+/+' \
        -T 'bambu2mqtt/+/availability' -T 'bambu2mqtt/+/response' -T 'bambu2mqtt/+/event' -T 'bambu2mqtt/bridge/+' "$@"
}

# --- once ---

# True if every printer is connected and the states of its first full report are published.
all_have_reported() {
    local id states
    states=$( (subscribe --retained-only -W 1 -F '%t=%p' 2>/dev/null) || true)
    for id in "${ids[@]}"; do
        grep -qx "bambu2mqtt/$id/connection=connected" <<<"$states" || return 1
        grep -qx "bambu2mqtt/$id/print_status=[a-z]*" <<<"$states" || return 1
    done
}

show_once() {
    playground_await 90 all_have_reported ||
        fail "not every printer has reported; output of the gateway:" gateway
    { (subscribe --retained-only -W 2 -F '%t = %p' 2>/dev/null) || true; } | LC_ALL=C sort
    show_commands
}

is_printing() {
    grep -q "^bambu2mqtt/${ids[0]}/print_status = running$" "$playground/traffic.log"
}

# Sends a command to the first printer and prints its outcome, whose status must match.
show_command() { # STATUS-PATTERN COMMAND [ARGUMENTS]
    local wanted=$1 outcome
    shift
    outcome=$(ask_printer "${ids[0]}" "$@") || fail "$1: no outcome; output of the gateway:" gateway
    printf '%s {%s}\n  -> %s\n' "$1" "${2:-}" "$outcome"
    grep -qE "\"status\":\"($wanted)\"" <<<"$outcome" || fail "$1: not $wanted" gateway
}

# A file is uploaded and printed, or, without a file server, a job starts by itself; then it is paused.
show_commands() {
    printf '\ncommands to %s:\n' "${ids[0]}"
    if printers_have_files; then
        show_command 'effective|refused' upload_sdcard_file "$cube" # refused: a job has started by itself
        show_command 'done' get_sdcard_contents
    else
        echo "skipped: the commands about files, there is no file server"
        order_printer all print 60
    fi
    playground_await 60 is_printing || fail "nothing is printed; output of the gateway:" gateway
    show_command 'effective' pause_printing
}

# --- live ---

alive() {
    kill -0 "$gateway_pid" 2>/dev/null || fail "the gateway has ended; its output:" gateway
    [ "$seconds" -eq 0 ] || [ "$SECONDS" -lt "$end" ]
}

show_lines() {
    subscribe -F '%t = %p' &
    playground_pids+=($!)
    local reader=$!
    while alive && kill -0 "$reader" 2>/dev/null; do
        sleep 0.3
    done
}

first_rows=(connection print_status stage print_progress current_layer total_layers remaining_time task_name
    nozzle_temperature nozzle_target_temperature bed_temperature bed_target_temperature chamber_temperature part_fan
    aux_fan chamber_fan print_speed chamber_light door filament_loaded active_tray wifi_signal hms last_command)

# Row names: the ones above, then all others by name.
rows() {
    printf '%s\n' "${first_rows[@]}"
    printf '%s\n' "${!known_rows[@]}" | LC_ALL=C sort
}

draw() {
    local height width columns row id line cell count=0 hidden=0 below=0 text="" seen=" "
    height=$(tput lines 2>/dev/null || echo 24) width=$(tput cols 2>/dev/null || echo 80)
    for line in "${hints[@]}"; do # the terminal wraps long ones, so that they can be copied
        below=$((below + (${#line} + width - 1) / width))
    done
    columns=$(((width - 28) / ${#ids[@]} - 1))
    ((columns >= 8)) || columns=8
    printf -v line '%-28s' "$(date +%T)"
    for id in "${ids[@]}"; do
        printf -v line '%s %-*s' "$line" "$columns" "${id:0:columns}"
    done
    text+=$'\e[7m'"${line:0:width}"$'\e[0m\e[K\n'
    while IFS= read -r row; do
        if [ -z "$row" ] || [ -z "${known_rows[$row]:-}" ] || [[ $seen == *" $row "* ]]; then
            continue
        fi
        seen+="$row "
        if ((count >= height - 3 - below)); then
            hidden=$((hidden + 1))
            continue
        fi
        printf -v line '%-28s' "${row:0:28}"
        for id in "${ids[@]}"; do
            cell=${values[$id/$row]:-}
            printf -v line '%s %-*s' "$line" "$columns" "${cell:0:columns}"
        done
        text+="${line:0:width}"$'\e[K\n'
        count=$((count + 1))
    done < <(rows)
    for line in "${hints[@]}"; do
        text+=$line$'\e[K\n'
    done
    printf '\e[H%s%s\e[K\e[J' "$text" "$hidden more: mosquitto_sub -p $broker_port -t '#' -v   Ctrl-C ends"
}

show_table() {
    declare -gA values=() known_rows=()
    local feed topic value id row drawn=-1
    exec {feed}< <(subscribe -F $'%t\t%p')
    playground_pids+=($!)
    trap 'printf "\e[?25h\e[?1049l"; playground_close' EXIT
    printf '\e[?1049h\e[?25l\e[2J'
    for id in "${ids[@]}"; do
        values[$id/]=
    done
    while alive; do
        if IFS=$'\t' read -r -t 0.5 -u "$feed" topic value; then
            id=${topic#*/} row=${topic##*/} id=${id%/*}
            known_rows[$row]=yes
            values[$id/$row]=$value
        fi
        if ((SECONDS != drawn)); then
            draw
            drawn=$SECONDS
        fi
    done
}

# --- the run ---

cube='"src":"cube.gcode.3mf","dest":"/","print":{}'

if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh demo
fi
build_playground "${BAMBU2MQTT_BUILD:-build/demo}" quick

playground_open
start_broker
start_printers --printers "$printers" --models "$models" --seconds-per-print "$seconds_per_print" \
    --asked-print-seconds 60 --with-files
mapfile -t ids < <(printer_ids)
start_gateway

# Lines to try, in another window.
at="-p $broker_port -t bambu2mqtt/${ids[0]}"
hints=("look:        mosquitto_sub -p $broker_port -t '#' -v"
    "outcomes:    mosquitto_sub $at/response"
    "light off:   mosquitto_pub $at/chamber_light/set -m OFF"
    "pause:       mosquitto_pub $at/command/pause_printing -n")
if printers_have_files; then
    hints+=("print this:  mosquitto_pub $at/command/upload_sdcard_file -m '{$cube}'"
        "list files:  mosquitto_pub $at/command/get_sdcard_contents -n")
fi
orders=$(sed -n 's/^orders: //p' "$playground/simulator.log")
orders_port=$(sed -n 's/^orders: mosquitto_pub -p \([0-9]*\) .*/\1/p' "$playground/simulator.log")
hints+=("make happen: $orders (or print, runout, cancel, ...)"
    "its answers: mosquitto_sub -p $orders_port -t simulator/+/done")

echo "${#ids[@]} simulated printers: ${ids[*]}"
if [ "$once" = no ]; then
    printf '%s\n' "${hints[@]}"
    if printers_have_files; then
        echo "its files:   $(sed -n 's/^files: //p' "$playground/simulator.log")"
        echo "your files:  $playground/printers/state/files"
    fi
fi

end=$((SECONDS + seconds))
if [ "$once" = yes ]; then
    start_listening
    show_once
elif [ -t 1 ]; then
    show_table
else
    show_lines
fi
