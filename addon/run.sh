#!/bin/bash
# Starts the gateway in the add-on: writes its configuration from the options of the add-on and the MQTT service of the
# Supervisor, checks it, and becomes the gateway, as its own user.
set -euo pipefail

options=${ADDON_OPTIONS:-/data/options.json}
supervisor=${SUPERVISOR_API:-http://supervisor}
configuration=/data/bambu2mqtt.toml
state=/data/state
user=bambu2mqtt

stop() {
    echo "bambu2mqtt: $*" >&2
    exit 2
}

# The answer of the Supervisor about the MQTT service; its key stays out of the command line.
mqtt_service() {
    curl --silent --show-error --max-time 10 --config - "$supervisor/services/mqtt" <<END
header = "Authorization: Bearer ${SUPERVISOR_TOKEN:-}"
END
}

jq -e 'type == "object"' "$options" >/dev/null || stop "$options: expected the options of the add-on, a JSON object"

# {"broker": ...} from the service, or nothing when the options name a broker.
broker='{}'
if ! jq -e '(.broker.url // "") != ""' "$options" >/dev/null; then
    answer=$(mqtt_service) || stop "the Supervisor does not answer at $supervisor/services/mqtt"
    if ! jq -e '.result == "ok" and (.data.host // "") != ""' <<<"$answer" >/dev/null 2>&1; then
        why=$(jq -r '.message // empty' <<<"$answer" 2>/dev/null || true)
        stop "there is no MQTT broker${why:+ ($why)}. Expected: the add-on \"Mosquitto broker\" installed and started," \
            "or the option broker.url set, as mqtt://HOST:PORT"
    fi
    broker=$(jq '{broker: {
        url: "\(if .data.ssl then "mqtts" else "mqtt" end)://\(.data.host):\(.data.port)",
        username: (.data.username // ""), password: (.data.password // "")}}' <<<"$answer")
fi

# The options as TOML: objects are sections, lists of objects repeated sections; what is not set keeps its default.
umask 027
# shellcheck disable=SC2016 # variables of jq
jq -r --slurpfile broker <(printf '%s' "$broker") '
    def value: if type == "array" then "[" + (map(value) | join(", ")) + "]" else tojson end;
    def rows: to_entries[] | select(.value != null and .value != "") | "\(.key) = \(.value | value)";
    "state_directory = \"/data/state\"",
    (. * $broker[0] | to_entries[] | .key as $name | .value |
        if type == "object" then "", "[\($name)]", rows
        elif type == "array" then .[] | "", "[[\($name)]]", rows
        else empty end)' "$options" >"$configuration.new"
chown "root:$user" "$configuration.new"
chmod 640 "$configuration.new"
mv "$configuration.new" "$configuration"

install -d -o "$user" -g "$user" -m 700 "$state"
files=$(jq -r '.files.directory // ""' "$options")
case "$files" in
/share/*) [ -d "$files" ] || install -d -o "$user" -g "$user" -m 755 "$files" ;;
esac

# Mistakes are reported by option, not by line of a file that the user does not see.
if ! report=$(setpriv --reuid="$user" --regid="$user" --init-groups \
    bambu2mqtt --config "$configuration" check 2>&1); then
    # shellcheck disable=SC2001 # of every line
    sed "s|^$configuration:[0-9]*: |option |" <<<"$report" >&2
    stop "correct the options above in the tab Configuration, then start the add-on again"
fi
exec setpriv --reuid="$user" --regid="$user" --init-groups bambu2mqtt --config "$configuration" run
