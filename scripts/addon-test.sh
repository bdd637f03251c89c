#!/usr/bin/env bash
# Tests the Home Assistant add-on: its configuration by the published rules, its image built from its Dockerfile without a
# container engine, and its start with a stand-in of the Supervisor's API, a real broker and simulated printers; missing
# broker, refused key, broken options. Prints the time from the start to the first entity.
#   scripts/addon-test.sh           everything; as root, with buildah and debootstrap (scripts/install-dependencies.sh image)
#   scripts/addon-test.sh --rules   only the rules
# Environment: BAMBU2MQTT_BUILD, where the simulator is built (build/release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh
# shellcheck source=scripts/roots.sh
source scripts/roots.sh
# shellcheck source=scripts/containers.sh
source scripts/containers.sh

# Debian's Python: it has the packages python3-yaml and python3-jsonschema.
python=/usr/bin/python3
"$python" tests/addon/check_addon.py
icon=$(mktemp)
"$python" scripts/icon.py "$icon"
cmp "$icon" addon/icon.png || fail "addon/icon.png is not what scripts/icon.py draws"
rm "$icon"
if [ "${1:-}" = --rules ]; then
    exit
fi

check_root_tools addon-test.sh
build_playground "${BAMBU2MQTT_BUILD:-build/release}" optimised
containers_open
scripts/package.sh 13 >"$playground/package.log" 2>&1 || fail "the package could not be built" package
folder=$(scripts/addon.sh)
make_base_image
version=$(sed -n 's/^version: "\(.*\)"$/\1/p' addon/config.yaml)
build_image addon:test "$folder" --build-arg "BUILD_VERSION=$version" --build-arg BUILD_ARCH=amd64
for expected in '"io.hass.type": "addon"' "\"io.hass.version\": \"$version\""; do
    grep -qF "$expected" <<<"$image_configuration" || fail "the image lacks $expected"
done
say "image built"

# --- broker with a login, printers, Supervisor ---

token=the-key-of-the-add-on password=word-of-the-broker
broker_port=$(free_port)
: >"$playground/passwords"
chmod 600 "$playground/passwords"
mosquitto_passwd -b "$playground/passwords" addons "$password"
printf 'listener %d 127.0.0.1\npassword_file %s\nuser root\n' "$broker_port" "$playground/passwords" >"$playground/broker.conf"
playground_start broker /usr/sbin/mosquitto -c "$playground/broker.conf"
playground_await 20 port_answers "$broker_port" || fail "the broker does not start" broker
start_printers --printers 2 --models X1C,A1MINI

supervisor_port=
start_supervisor() { # ARGUMENTS after the key
    supervisor_port=$(free_port)
    playground_start supervisor "$python" tests/addon/supervisor.py "$supervisor_port" "$token" "$@"
    playground_await 20 port_answers "$supervisor_port" || fail "the Supervisor's stand-in does not start" supervisor
}

install -d "$playground/data" "$playground/share"
install -d "$image_root/data" "$image_root/share"
run_addon() { # KEY: as the Supervisor starts it
    exec "${in_image[@]}" 0:0 "$playground/data:/data,$playground/share:/share" \
        env "SUPERVISOR_TOKEN=$1" "SUPERVISOR_API=http://127.0.0.1:$supervisor_port" /run.sh
}
# The options as the user sets them, with the simulated printers; MORE: an object that jq merges.
write_options() { # [MORE]
    "$python" - "$playground/bambu2mqtt.toml" >"$playground/printers.json" <<'END'
import json, re, sys

printers = []
for line in open(sys.argv[1]):
    if line.startswith("[[printer]]"):
        printers.append({})
    elif printers and (match := re.match(r"(\w+) = (.*)", line)):
        printers[-1][match.group(1)] = json.loads(match.group(2))
print(json.dumps(printers))
END
    "$python" -c 'import json, sys, yaml
options = yaml.safe_load(open("addon/config.yaml"))["options"]
options["printer"] = json.load(open(sys.argv[1]))
print(json.dumps(options))' "$playground/printers.json" | jq ". * ${1:-{\}}" >"$playground/data/options.json"
}
refused() { # KEY EXPECTED-TEXT...
    local status=0 key=$1 expected
    shift
    (run_addon "$key") >"$playground/refused.log" 2>&1 || status=$?
    [ "$status" -eq 2 ] || fail "expected exit code 2, found $status" refused
    for expected in "$@"; do
        grep -qF -- "$expected" "$playground/refused.log" || fail "the error does not contain: $expected" refused
    done
    if grep -qE "$token|$password|$code" "$playground/refused.log"; then
        fail "the error contains a secret" refused
    fi
    say "$(grep -m 1 -F -- "$1" "$playground/refused.log")"
}

# --- errors ---

code=$(sed -n 's/^access_code = "\(.*\)"$/\1/p' "$playground/bambu2mqtt.toml" | head -n 1)
write_options
start_supervisor
refused "$token" 'there is no MQTT broker (Service not enabled)' 'Mosquitto broker' 'broker.url'
playground_stop "${playground_pids[-1]}"
refused "$token" 'the Supervisor does not answer'
start_supervisor 127.0.0.1 "$broker_port" addons "$password"
refused another-key 'unauthorized'
write_options '{"printer": [{"serial": "01S00C000000000", "access_code": "12345678", "model": "X9"}]}'
refused "$token" 'option printer[1].model: found "X9", expected' 'tab Configuration'
write_options '{"broker": {"url": "http://broker"}}'
: >"$playground/supervisor.log"
refused "$token" 'option broker.url: found "http://broker", expected'
[ ! -s "$playground/supervisor.log" ] || fail "the Supervisor is asked although the options name a broker" supervisor

# --- the gateway ---

write_options
started=$(date +%s%N)
playground_start gateway bash -c "$(declare -p in_image); $(declare -f run_addon); image_root=$image_root \
    playground=$playground supervisor_port=$supervisor_port; export image_root; run_addon $token"
gateway_pid=${playground_pids[-1]}
first_entity() {
    local found
    found=$( (mosquitto_sub -h 127.0.0.1 -p "$broker_port" -u addons -P "$password" -t 'bambu2mqtt/+/nozzle_temperature' \
        -v -W 1 2>/dev/null) || true)
    grep -qE ' [0-9]' <<<"$found"
}
playground_await 60 first_entity || fail "no entity on the broker" gateway
say "first entity $((($(date +%s%N) - started) / 1000000)) ms after the start"
"${in_image[@]}" 0:0 "$playground/data:/data" bambu2mqtt --config /data/bambu2mqtt.toml health || fail "health" gateway
[ "$(awk '$1 == "Uid:" { print $2 }' "/proc/$gateway_pid/status")" != 0 ] || fail "the gateway runs as root"
[ "$(stat -c %a "$playground/data/bambu2mqtt.toml")" = 640 ] || fail "the rights of the configuration"
if tr '\0' ' ' <"/proc/$gateway_pid/cmdline" | grep -E "$token|$password|$code"; then
    fail "the command line has a secret"
fi
if grep -E "$password|$code" "$playground/gateway.log"; then
    fail "the log has a secret"
fi
if grep -qi 'mode 0' "$playground/gateway.log"; then
    fail "the rights of the configuration cause a warning" gateway
fi
kill -TERM "$gateway_pid"
status=0
wait "$gateway_pid" || status=$?
[ "$status" -eq 0 ] || fail "the add-on ended with $status after SIGTERM" gateway
say "stopped by SIGTERM"
