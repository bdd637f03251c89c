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
        grep -E '/(response|event|set) |/command|home/' "$playground/traffic.log" | grep -v drying_finished | tail -n 20 >&2 || true
        fail "$what; output of Node-RED:" node-red
    fi
}

# A second simulator, whose printer sends the reports of an H2D again and again: it dries, for one more minute, and has dried.
# (A minute of drying takes a minute in a simulated printer, and a command dries for an hour at least.)
add_drying_printer() {
    local minutes
    cp tests/fixtures/reports/h2d/full.jsonl "$playground/drying.jsonl"
    for minutes in 1 1 1 0 0 0; do
        echo "{\"print\":{\"command\":\"push_status\",\"msg\":1,\"ams\":{\"ams\":[{\"id\":\"1\",\"dry_time\":$minutes}]}}}"
    done >>"$playground/drying.jsonl"
    playground_start drying "$build_dir/tests/simulator/bambu2mqtt-simulator" --dir "$playground/drying" \
        --write-config "$playground/drying.toml" --broker "mqtt://127.0.0.1:$broker_port" --models H2D \
        --replay "$playground/drying.jsonl" --rate 2
    playground_await 60 grep -qs '^ready:' "$playground/drying.log" || fail "the drying printer did not start:" drying
    sed -n '/^\[\[printer\]\]/,$p' "$playground/drying.toml" >>"$playground/bambu2mqtt.toml"
    drying_id=$(sed -n 's/^id = "\(.*\)"$/\1/p' "$playground/drying.toml")
}

admin() { # ACTION ARGUMENTS...
    node tests/node-red/admin.js "$1" "$node_red_port" "${@:2}"
}

publish() { # TOPIC PAYLOAD
    mosquitto_pub -p "$broker_port" -t "$1" -m "$2"
}

# Deploys the flows, again if need be, with these values in the properties of the tabs.
deploy() { # NAME=VALUE...
    admin import examples/node-red/flows.json "$broker_port" PRINTER="$id" UNIT=ams_ht_1 LAYER=3 "$@"
    publish home/ready yes
}

page_has() { # PATTERN
    admin page /printers >"$playground/page.log" && grep -qE "$1" "$playground/page.log"
}

expect_page() { # WHAT PATTERN
    playground_await 60 page_has "$2" || fail "$1; the page:" page
    echo "ok: $1"
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
add_drying_printer
start_gateway
start_listening
printers_are_connected() {
    grep -q "^$printer/availability = online$" "$playground/traffic.log" &&
        grep -q "^bambu2mqtt/$drying_id/availability = online$" "$playground/traffic.log"
}
playground_await 60 printers_are_connected || fail "the printers are not connected:" gateway
echo "ok: the printers are connected"
start_node_red
expect "Node-RED $(node -p "require('./$node_red/package.json').version") deploys the flows" '^home/ready' deploy
flows_are_connected() {
    [ "$(grep -c 'Connected to broker' "$playground/node-red.log")" -ge 1 ]
}
playground_await 60 flows_are_connected || fail "Node-RED does not reach the broker:" node-red

# Upload and print; the job is then paused at the layer, once.
expect "upload and print" '^home/print = it prints$' admin press b2m-print-button
expect "pause at a layer" "^$printer/print_status = pause$" true
expect "the job continues" "^$printer/print_status = running$" publish "$printer/command/resume_printing" ""
expect "and is not paused again" "^$printer/current_layer = ([6-9]|[1-9][0-9]+)$" true
pauses=$(count_traffic "^$printer/command/pause_printing = ")
[ "$pauses" -eq 1 ] || fail "$pauses pauses; output of Node-RED:" node-red
expect_page "the dashboard shows the job" \
    "<td>$id</td><td>Printing</td><td>[A-Z][a-z ]*</td><td>cube</td><td>[0-9]+ %</td><td>[0-9]+ min</td><td>[0-9]+ °C</td>"
expect_page "and both nozzles of the other printer" "<td>$drying_id</td>.*<td>[0-9]+ °C, [0-9]+ °C</td>"

# The button again: the printer is busy, and the user is informed.
expect "a print that cannot begin says why" '^home/print = refused: .*' admin press b2m-print-button

expect "notify on error" "^home/notify = $id (failed to print|has an error), job cube, code 0300-8004$" \
    order_printer "$serial" fail 0300-8004

expect "light on with the door open" "^$printer/chamber_light/set = ON$" order_printer "$serial" door open
expect "light off with the door closed" "^$printer/chamber_light = OFF$" order_printer "$serial" door closed
expect "light on again" "^$printer/chamber_light = ON$" order_printer "$serial" door open

# A file that is on the printer.
expect "list the printer's files" '^home/files = \["/cube.gcode.3mf"\]$' admin press b2m-files-list
expect "a file that is not in the list" '^home/print = no file 2 in the list$' publish home/files/print 2
expect "print by its number" '^home/print = it prints /cube.gcode.3mf$' publish home/files/print 1
expect "the next job is paused, too" "^$printer/print_status = pause$" true
expect "a busy printer says why" '^home/print = refused: .*' admin press b2m-files-first

# The filament runs out; the user is informed where, and resumes.
expect "resume" "^home/runout = $id prints again$" admin press b2m-runout-button
expect "a runout, with unit and slot" "^home/runout = $id has run out of filament in ams_1 slot [1-4], job cube$" \
    order_printer "$serial" runout
expect_page "the dashboard calls for a person" "class=\"attention\"><td>$id</td><td>Paused</td>"
expect "resume by message" "^home/runout = $id prints again$" publish home/runout/resume "$id"
expect "resume what is not paused" "^home/runout = $id is not resumed, refused: .*" publish home/runout/resume "$id"
publish home/runout/resume 'x/../y'
expect "a runout with a spare spool" "^home/runout = $id continues with ams_1_tray_[1-4], job cube$" \
    order_printer "$serial" runout backup

# Drying: by the button, refused, by humidity (a simulated unit has 14 to 15 %), and its end.
expect "dry on request" "^home/drying = $id ams_ht_1 dries$" admin press b2m-dry-button
expect "drying stops" "^$printer/ams_ht_1_drying = OFF$" publish "$printer/command/turn_off_ams_dryer" '{"ams_id": "ams_ht_1"}'
order_printer "$serial" dryer 1
expect "a dryer that cannot dry says why" "^home/drying = $id ams_ht_1 does not dry, refused: .*" admin press b2m-dry-button
order_printer "$serial" dryer
starts=$(count_traffic "/command/turn_on_ams_dryer = ")
[ "$starts" -eq 2 ] || fail "$starts times dried, without a limit of humidity; output of Node-RED:" node-red
expect "dry by humidity" "^home/drying = $id ams_ht_1 dries$" deploy MAX_HUMIDITY=12
expect "the end of drying" "^home/drying = $drying_id ams_2 has been dried$" true
starts=$(count_traffic "^$printer/command/turn_on_ams_dryer = ")
[ "$starts" -eq 3 ] || fail "$starts times dried instead of once more; output of Node-RED:" node-red

# What the dashboard does not know it does not show. Texts of printers are no HTML.
expect "the job ends" "^$printer/print_status = failed$" order_printer "$serial" fail 0300-8004
expect "a job with a strange name" "^$printer/task_name = <b>cube</b>$" order_printer "$serial" print 60 '<b>cube</b>'
expect_page "the dashboard shows names as text" '<td>&lt;b&gt;cube&lt;&#x2F;b&gt;</td>'
gateway_stops() {
    playground_stop "$gateway_pid"
}
expect "the gateway stops" '^bambu2mqtt/bridge/state = offline$' gateway_stops
expect_page "the dashboard without the gateway" "The gateway is not running"
expect_page "and shows no old values" "<td>$id</td><td>unknown</td><td></td><td></td>"

if grep -E '\[error\]|\[warn\] \[' "$playground/node-red.log"; then
    fail "Node-RED reports errors:" node-red
fi
echo "note: Node-RED: every flow of examples/node-red/flows.json works"
