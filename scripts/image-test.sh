#!/usr/bin/env bash
# Builds the container image without a container engine and tests it: size, labels, licences and list of its content; the
# gateway in it as its own user on a read-only root and as process 1, with a real broker and simulated printers. Prints the
# size and the time from the start of the container to the first entity. Needs root, buildah and debootstrap
# (scripts/install-dependencies.sh image), a package mirror and about 3 GB of temporary space.
# Environment: BAMBU2MQTT_BUILD, where the simulator is built (build/release).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh
# shellcheck source=scripts/roots.sh
source scripts/roots.sh
# shellcheck source=scripts/containers.sh
source scripts/containers.sh

largest=20000000 # bytes, compressed
slowest_stop=2000 # ms

check_root_tools image-test.sh
build_playground "${BAMBU2MQTT_BUILD:-build/release}" optimised
containers_open
make_base_image
say "base image"

# The compiler cache of scripts/debian.sh 13, which builds the same objects for the package.
cache=build/debian-13/root/root/.cache/ccache
mkdir -p "$cache"
build_image bambu2mqtt:test . --volume "$PWD/$cache:/root/.cache/ccache" \
    --build-arg "CMAKE_OPTIONS=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DBAMBU2MQTT_WARNINGS_AS_ERRORS=ON"
say "image built"

# --- content ---

size=$(tar -C "$image_root" -c . | gzip -9 | wc -c)
say "image size: $size bytes compressed, $(du -sb "$image_root" | cut -f 1) unpacked"
[ "$size" -le "$largest" ] || fail "more than $largest bytes"
version=$(sed -n 's/^project(bambu2mqtt VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
for expected in '"User": "10001:10001"' '"StopSignal": "SIGTERM"' '"/var/lib/bambu2mqtt"' '"health"' \
    "\"org.opencontainers.image.version\": \"$version\"" '"org.opencontainers.image.licenses": "MIT"'; do
    grep -qF "$expected" <<<"$image_configuration" || fail "the image lacks $expected"
done
[ "$(stat -c '%u:%g %a' "$image_root/var/lib/bambu2mqtt")" = "10001:10001 750" ] || fail "the owner of the state folder"
[ -s "$image_root/etc/ssl/certs/ca-certificates.crt" ] || fail "there are no certificate authorities"
[ -s "$image_root/usr/share/bambu2mqtt/discovery-templates/device.json" ] || fail "there are no templates"
if find "$image_root" -type f -perm /6000 | grep .; then
    fail "files with set-user-id"
fi
# shellcheck disable=SC2016 # variables of jq
jq -e --arg version "$version" '.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and
    ([.packages[].SPDXID] | length == (unique | length)) and
    ([.packages[] | select(.name == "bambu2mqtt") | .versionInfo] == [$version]) and
    ([.packages[].SPDXID] as $ids | all(.relationships[]; .relatedSpdxElement as $id | $ids | index($id)))' \
    "$image_root/usr/share/doc/bambu2mqtt/sbom.spdx.json" >/dev/null || fail "the list of the content (SPDX)"
for name in $(jq -r '.packages[].name' "$image_root/usr/share/doc/bambu2mqtt/sbom.spdx.json"); do
    [ -s "$image_root/usr/share/doc/$name/copyright" ] || fail "the licence of $name is not in the image"
done

# --- the program in it ---

install -d -o 10001 -g 10001 "$playground/state"
install -d "$playground/etc"
volumes=$playground/state:/var/lib/bambu2mqtt,$playground/etc:/etc/bambu2mqtt=
in_it() {
    "${in_image[@]}" 10001:10001 "$volumes" "$@"
}
in_it bambu2mqtt --version
in_it bambu2mqtt entities --model X1C >/dev/null || fail "entities"

start_broker
start_printers --printers 2 --models X1C,A1MINI --with-files
sed '/^state_directory/d; s|^directory = .*|directory = "/var/lib/bambu2mqtt/files"|' "$playground/bambu2mqtt.toml" \
    >"$playground/etc/bambu2mqtt.toml"
chmod 600 "$playground/etc/bambu2mqtt.toml"
chown 10001:10001 "$playground/etc/bambu2mqtt.toml"
install -d -o 10001 -g 10001 "$playground/state/files"
in_it bambu2mqtt check || fail "check"

# As process 1 of its container.
started=$(date +%s%N)
playground_start gateway unshare --pid --fork --kill-child "${in_image[@]}" 10001:10001 "$volumes" bambu2mqtt run
container_pid=${playground_pids[-1]}
healthy() {
    in_it bambu2mqtt health >/dev/null 2>&1
}
first_entity() {
    local found
    found=$( (mosquitto_sub -h 127.0.0.1 -p "$broker_port" -t 'bambu2mqtt/+/nozzle_temperature' -v -W 1 2>/dev/null) || true)
    grep -qE ' [0-9]' <<<"$found"
}
playground_await 60 first_entity || fail "no entity on the broker; output of the gateway:" gateway
say "first entity $((($(date +%s%N) - started) / 1000000)) ms after the start"
playground_await 20 healthy || fail "the gateway does not become healthy; its output:" gateway
gateway_pid=$(pgrep -P "$container_pid")
status_of() { # FIELD of the gateway's status, its last number
    awk -v field="$1:" '$1 == field { print $NF == "kB" ? $2 : $NF }' "/proc/$gateway_pid/status"
}
say "healthy, $(status_of VmRSS) kB, process $(status_of NSpid), user $(status_of Uid), capabilities $(status_of CapEff)"
[ "$(status_of NSpid)" = 1 ] || fail "the gateway is not process 1"
[ "$(status_of Uid)" = 10001 ] || fail "the gateway does not run as its own user"
[ "$(status_of CapEff)" = 0000000000000000 ] || fail "the gateway has capabilities"
[ -n "$(ls -A "$playground/state")" ] || fail "the gateway wrote nothing into its state volume"
# A file command loads libcurl, which is not among the libraries that the program is linked with.
start_listening
listing=$(ask_printer "$(printer_ids | head -n 1)" get_sdcard_contents) ||
    fail "a file command is not answered; output of the gateway:" gateway
if printers_have_files; then
    grep -q '"status":"done"' <<<"$listing" || fail "the files cannot be listed: $listing"
    say "files of a printer listed"
else
    echo "skipped: the files of a printer, there is no file server"
fi

stopping=$(date +%s%N)
kill -TERM "$gateway_pid"
status=0
wait "$container_pid" || status=$?
duration=$((($(date +%s%N) - stopping) / 1000000))
[ "$status" -eq 0 ] || fail "the gateway ended with $status after SIGTERM"
[ "$duration" -le "$slowest_stop" ] || fail "the gateway took $duration ms to stop"
if healthy; then
    fail "health reports success although the gateway has ended"
fi
say "stopped by SIGTERM in $duration ms, health says no"

# --- examples/compose ---

cp examples/compose/bambu2mqtt.toml "$playground/etc/bambu2mqtt.toml"
chmod 644 "$playground/etc/bambu2mqtt.toml"
export image_environment=ACCESS_CODE=12345678
in_it bambu2mqtt check || fail "examples/compose/bambu2mqtt.toml"
if command -v docker-compose >/dev/null; then
    ACCESS_CODE=12345678 docker-compose -f examples/compose/compose.yaml config >"$playground/compose.log" 2>&1 ||
        fail "examples/compose/compose.yaml:" compose
    if docker-compose -f examples/compose/compose.yaml config >"$playground/compose.log" 2>&1 ||
        ! grep -q 'write ACCESS_CODE=' "$playground/compose.log"; then
        fail "without an access code compose.yaml is not refused by name:" compose
    fi
    say "examples/compose: accepted, and refused without an access code"
else
    echo "skipped: compose.yaml, docker-compose is not installed"
fi

# --- a state volume it cannot write ---

chown 0:0 "$playground/state"
chmod 755 "$playground/state"
status=0
in_it bambu2mqtt run >"$playground/unwritable.log" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "with a state volume of another user the gateway ends with $status, expected 1"
grep -q '/var/lib/bambu2mqtt' "$playground/unwritable.log" ||
    fail "the error does not name the state volume:" unwritable
say "state volume of another user: $(tail -n 1 "$playground/unwritable.log")"
