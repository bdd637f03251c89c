# shellcheck shell=bash
# To be sourced by scripts that run the real programs on loopback ports: starts a private broker, simulated
# printers and the gateway, all in one temporary folder, and stops them whenever the script
# ends. Expects `set -euo pipefail` and the repository's top folder as the current one.

playground=        # the temporary folder
playground_pids=() # running programs, in the order of their start
broker_port=
build_dir=

say() {
    printf '%5d s  %s\n' "$SECONDS" "$*"
}

fail() { # MESSAGE [PROGRAM whose output ends with the reason]
    say "FAILED: $1" >&2
    [ -z "${2:-}" ] || tail -n 30 "$playground/$2.log" >&2 || true
    exit 1
}

playground_open() {
    playground=$(mktemp -d "${TMPDIR:-/tmp}/bambu2mqtt-playground.XXXXXX")
    trap playground_close EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

playground_close() {
    trap - EXIT
    trap '' INT TERM HUP
    local index
    for ((index = ${#playground_pids[@]} - 1; index >= 0; index--)); do
        playground_stop "${playground_pids[index]}"
    done
    if [ -n "$playground" ]; then
        rm -rf "$playground"
        playground=
    fi
    trap - INT TERM HUP
}

playground_stop() { # PID: SIGTERM, and SIGKILL after 10 s
    local pid=$1 attempt
    kill -TERM "$pid" 2>/dev/null || true
    for ((attempt = 0; attempt < 100; attempt++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    local others=() other
    for other in "${playground_pids[@]}"; do
        if [ "$other" != "$pid" ]; then
            others+=("$other")
        fi
    done
    playground_pids=("${others[@]}")
}

# Starts a program with its output in $playground/NAME.log. The kernel kills it if this script is killed.
playground_start() { # NAME PROGRAM ARGUMENTS...
    local name=$1
    shift
    setpriv --pdeathsig TERM "$@" >"$playground/$name.log" 2>&1 </dev/null &
    playground_pids+=($!)
}

# Waits until a command succeeds, while the last started program runs.
playground_await() { # SECONDS COMMAND...
    local end=$((SECONDS + $1)) pid=${playground_pids[-1]}
    shift
    until "$@"; do
        if [ "$SECONDS" -ge "$end" ] || ! kill -0 "$pid" 2>/dev/null; then
            return 1
        fi
        sleep 0.1
    done
}

port_answers() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# A loopback port without a listener.
free_port() {
    local port
    while port=$((10000 + RANDOM % 22000)) && port_answers "$port"; do
        :
    done
    echo "$port"
}

# The user's own broker: plain, on loopback, on a free port, which is then in $broker_port.
start_broker() {
    local program attempt
    program=$(PATH="$PATH:/usr/sbin" command -v mosquitto) || {
        echo "mosquitto is not installed" >&2
        exit 1
    }
    for ((attempt = 0; attempt < 20; attempt++)); do
        broker_port=$(free_port)
        printf 'listener %d 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n' "$broker_port" >"$playground/broker.conf"
        if [ "$(id -u)" -eq 0 ]; then
            echo "user root" >>"$playground/broker.conf" # otherwise it drops to a user who cannot read this folder
        fi
        playground_start broker "$program" -c "$playground/broker.conf"
        if playground_await 10 port_answers "$broker_port" && kill -0 "${playground_pids[-1]}" 2>/dev/null; then
            return
        fi
        playground_stop "${playground_pids[-1]}"
    done
    fail "no broker could be started" broker
}

# Simulated printers; the gateway's configuration is then in $playground/bambu2mqtt.toml, and files.directory holds
# cube.gcode.3mf, a small sliced project.
start_printers() { # SIMULATOR-OPTIONS...
    playground_start simulator "$build_dir/tests/simulator/bambu2mqtt-simulator" --dir "$playground/printers" \
        --write-config "$playground/bambu2mqtt.toml" --broker "mqtt://127.0.0.1:$broker_port" "$@"
    playground_await 60 grep -qs '^ready:' "$playground/simulator.log" ||
        fail "the simulated printers did not start:" simulator
    chmod 600 "$playground/bambu2mqtt.toml"
    install -D -m 644 tests/fuzz/corpus/plates/sliced "$playground/printers/state/files/cube.gcode.3mf"
}

# True if the printers have file servers (start_printers --with-files, where vsftpd can run).
printers_have_files() {
    grep -q '^ftps_port = ' "$playground/bambu2mqtt.toml"
}

# Sends an order to a printer: see bambu2mqtt-simulator --help.
order_printer() { # SERIAL-OR-all ORDER...
    local port
    port=$(sed -n 's/^orders: mosquitto_pub -p \([0-9]*\) .*/\1/p' "$playground/simulator.log")
    mosquitto_pub -h 127.0.0.1 -p "$port" -t "simulator/$1/do" -m "${*:2}"
}

# Writes all messages on the user's broker from now on to $playground/traffic.log: "TOPIC = PAYLOAD".
start_listening() {
    playground_start traffic mosquitto_sub -h 127.0.0.1 -p "$broker_port" -t '#' -F '%t = %p'
    local attempt
    for ((attempt = 0; attempt < 100; attempt++)); do
        mosquitto_pub -h 127.0.0.1 -p "$broker_port" -t playground/listening -m yes
        if grep -q '^playground/listening = yes$' "$playground/traffic.log"; then
            return
        fi
        sleep 0.1
    done
    fail "no messages on the broker:" traffic
}

# Sends a command and prints its outcome; needs start_listening. Fails after 60 s without one.
ask_printer() { # ID COMMAND [ARGUMENTS, "key":value,...]
    local id=$1 command=$2 arguments=${3:-} request_id="ask-$RANDOM$RANDOM" outcome
    mosquitto_pub -h 127.0.0.1 -p "$broker_port" -q 1 -t "bambu2mqtt/$id/command" \
        -m "{\"command\":\"$command\",\"request_id\":\"$request_id\"${arguments:+,$arguments}}"
    outcome="^bambu2mqtt/$id/response = .*\"$request_id\".*\"status\":\"[^p]" # anything but progress
    playground_await 60 grep -q "$outcome" "$playground/traffic.log" || return 1
    grep -m 1 "$outcome" "$playground/traffic.log" | sed 's/^[^=]* = //'
}

start_gateway() {
    playground_start gateway "$build_dir/src/bambu2mqtt" --config "$playground/bambu2mqtt.toml" run
    gateway_pid=${playground_pids[-1]}
    export gateway_pid
}

# The printers' topic levels, from the written configuration.
printer_ids() {
    sed -n 's/^id = "\(.*\)"$/\1/p' "$playground/bambu2mqtt.toml"
}

# The serials of the printers in the configuration, in its order.
printer_serials() {
    sed -n 's/^serial = "\(.*\)"$/\1/p' "$playground/bambu2mqtt.toml"
}

# Builds the gateway, the simulated printers and the given targets, once, into DIRECTORY; $build_dir is then set. KIND is
# the configuration of a new directory: "quick" (the preset demo) or "optimised" (as installed).
build_playground() { # DIRECTORY KIND TARGET...
    build_dir=$1
    local kind=$2 log="$1/build.log" options=()
    shift 2
    if command -v ccache >/dev/null; then
        # Settings with which ccache supports precompiled headers.
        export BAMBU2MQTT_LAUNCHER="env;CCACHE_SLOPPINESS=pch_defines,time_macros;ccache"
    fi
    mkdir -p "$build_dir"
    if [ ! -f "$build_dir/build.ninja" ]; then
        echo "building into $build_dir (takes some minutes the first time) ..."
        if [ "$kind" = quick ]; then
            options=(--preset demo)
        else
            options=(-S . -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON
                "-DCMAKE_CXX_COMPILER_LAUNCHER=${BAMBU2MQTT_LAUNCHER:-}")
        fi
    else
        options=(-S .) # keep its configuration
    fi
    if ! { cmake "${options[@]}" -B "$build_dir" &&
        cmake --build "$build_dir" --parallel --target bambu2mqtt bambu2mqtt-simulator "$@"; } >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "the build failed, see $log" >&2
        exit 1
    fi
}
