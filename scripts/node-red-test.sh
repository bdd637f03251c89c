#!/usr/bin/env bash
# Imports examples/node-red/flows.json into a real Node-RED and tests every flow: Mosquitto, the gateway and
# simulated printers with file servers, all on loopback ports. Node-RED 4 comes from npm into build/node-red, once.
# Without node or npm, or if Node-RED cannot be downloaded, it prints "skipped: ..." and exits 0.
# Environment: BAMBU2MQTT_BUILD (build/demo), BAMBU2MQTT_NO_INSTALL=1 (no downloads).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh
# shellcheck source=scripts/node-red.sh
source scripts/node-red.sh

skip() {
    echo "skipped: $*"
    exit 0
}

start_node_red() {
    node_red_port=$(free_port)
    mkdir "$playground/node-red"
    cat >"$playground/node-red/settings.js" <<END
module.exports = {
    uiHost: "127.0.0.1",
    uiPort: $node_red_port,
    flowFile: "flows.json",
    credentialSecret: false,
    externalModules: { autoInstall: false, palette: { allowInstall: false } },
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: "info" } },
};
END
    playground_start node-red node "$node_red/red.js" --userDir "$playground/node-red" \
        --settings "$playground/node-red/settings.js"
    playground_await 120 grep -qs 'Started flows' "$playground/node-red.log" ||
        fail "Node-RED did not start:" node-red
}

# Number of matching lines in the traffic.
count_traffic() { # PATTERN
    grep -cE "$1" "$playground/traffic.log" || true
}

# True if there are more of them than before.
has_new_traffic() { # COUNT-BEFORE PATTERN
    [ "$(count_traffic "$2")" -gt "$1" ]
}

# Runs a command and waits for the expected traffic.
expect() { # WHAT PATTERN COMMAND...
    local what=$1 pattern=$2 before
    before=$(count_traffic "$pattern")
    shift 2
    "$@"
    if playground_await 60 has_new_traffic "$before" "$pattern"; then
        echo "ok: $what"
    else
        grep -E '/(response|event|set) |/command|home/' "$playground/traffic.log" | tail -n 20 >&2 || true
        fail "$what; output of Node-RED:" node-red
    fi
}

fetch_node_red || skip "$node_red_missing, the Node-RED flows are not tested"
build_playground "${BAMBU2MQTT_BUILD:-build/demo}" quick
playground_open
start_broker
start_printers --printers 1 --models X1C --seconds-per-print 0 --asked-print-seconds 60 --rate 4 --with-files
printers_have_files || skip "there is no file server, the Node-RED flows are not tested"
id=$(printer_ids)
printer=bambu2mqtt/$id
serial=$(printer_serials)
start_gateway
start_listening
expect "the printer is connected" "^$printer/availability = online$" true
start_node_red
expect "Node-RED $(node -p "require('./$node_red/package.json').version") deploys the flows" '^home/ready' \
    bash -c "node tests/node-red/admin.js import $node_red_port examples/node-red/flows.json $broker_port \
        PRINTER=$id LAYER=3 && mosquitto_pub -p $broker_port -t home/ready -m yes"
flows_are_connected() {
    [ "$(grep -c 'Connected to broker' "$playground/node-red.log")" -ge 1 ]
}
playground_await 60 flows_are_connected || fail "Node-RED does not reach the broker:" node-red

# Upload and print; the job is then paused at the layer, once.
expect "upload and print" '^home/print = it prints$' node tests/node-red/admin.js press "$node_red_port" b2m-print-button
expect "pause at a layer" "^$printer/print_status = pause$" true
expect "the job continues" "^$printer/print_status = running$" \
    mosquitto_pub -p "$broker_port" -t "$printer/command/resume_printing" -n
expect "and is not paused again" "^$printer/current_layer = ([6-9]|[1-9][0-9]+)$" true
pauses=$(count_traffic "^$printer/command/pause_printing = ")
[ "$pauses" -eq 1 ] || fail "$pauses pauses; output of Node-RED:" node-red

# The button again: the printer is busy, and the user is informed.
expect "a print that cannot begin says why" '^home/print = refused: .*' \
    node tests/node-red/admin.js press "$node_red_port" b2m-print-button

expect "notify on error" "^home/notify = $id failed to print, job cube, code 0300-8004$|^home/notify = $id has an error, job cube, code 0300-8004$" \
    order_printer "$serial" fail 0300-8004

expect "light on with the door open" "^$printer/chamber_light/set = ON$" order_printer "$serial" door open
expect "light off with the door closed" "^$printer/chamber_light = OFF$" order_printer "$serial" door closed
expect "light on again" "^$printer/chamber_light = ON$" order_printer "$serial" door open

if grep -E '\[error\]|\[warn\] \[' "$playground/node-red.log"; then
    fail "Node-RED reports errors:" node-red
fi
echo "note: Node-RED: every flow of examples/node-red/flows.json works"
