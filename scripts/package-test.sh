#!/usr/bin/env bash
# Tests the Debian packages in a new root of a release as a user would use them: lintian, installation, configuration,
# start with a real broker and simulated printers, upgrade, upgrade over a broken configuration, removal, purge. Prints the
# time from the start of the installation to the first entity. There is no systemd in the root: the unit's ExecStart is run
# as the unit's user. Needs root, debootstrap, lintian (scripts/install-dependencies.sh image) and a package mirror.
# Usage: scripts/package-test.sh 12|13     builds the packages first (scripts/package.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh
# shellcheck source=scripts/roots.sh
source scripts/roots.sh

release=${1:-}
if [ $# -ne 1 ] || ! codename_of "$release" >/dev/null; then
    echo "usage: scripts/package-test.sh 12|13" >&2
    exit 2
fi
check_root_tools package-test.sh

playground_open
scripts/package.sh "$release" >"$playground/build.log" 2>&1 || fail "the packages could not be built" build
architecture=$(dpkg --print-architecture)
package_file() { # NAME
    local files=("build/packages/${1}_"*"~deb${release}_$architecture.deb")
    if [ ! -e "${files[0]}" ] || [ ${#files[@]} -ne 1 ]; then
        fail "expected one package of $1 in build/packages, found: ${files[*]}"
    fi
    echo "${files[0]}"
}
gateway_package=$(package_file bambu2mqtt)
simulator_package=$(package_file bambu2mqtt-simulator)
say "built: $(basename "$gateway_package") $(stat -c %s "$gateway_package") bytes, $(basename "$simulator_package") $(stat -c %s "$simulator_package") bytes"

lintian --fail-on error --suppress-tags bogus-mail-host --no-tag-display-limit "$gateway_package" "$simulator_package" \
    >"$playground/lintian.log" 2>&1 || fail "lintian" lintian
say "lintian: no error, $(grep -c '^W:' "$playground/lintian.log" || true) warnings"
grep '^W:' "$playground/lintian.log" || true

# The same package with a lower version: the release before.
earlier=$playground/bambu2mqtt_0.0.1_$architecture.deb
dpkg-deb -R "$gateway_package" "$playground/earlier"
sed -i 's/^Version: .*/Version: 0.0.1/' "$playground/earlier/DEBIAN/control"
dpkg-deb --root-owner-group -b "$playground/earlier" "$earlier" >/dev/null
rm -rf "$playground/earlier"

# --- the machine of the user: a broker and printers ---

root=$playground/root
new_root "$release" "$root"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # there is no init: no service may start
chmod 755 "$root/usr/sbin/policy-rc.d"
install -d "$root/packages"
cp "$gateway_package" "$root/packages/bambu2mqtt.deb"
cp "$earlier" "$root/packages/earlier.deb"
cp "$simulator_package" "$root/packages/simulator.deb"

apt() { # ARGUMENTS of apt-get; the output is in $playground/apt.log
    in_root "$root" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >"$playground/apt.log" 2>&1 ||
        fail "apt-get $*" apt
}
in_it() {
    "${enter_root[@]}" "$root" "$@"
}
start_in_it() { # NAME COMMAND...
    local name=$1
    shift
    playground_start "$name" "${enter_root[@]}" "$root" "$@"
}
as_service() {
    in_it setpriv "--reuid=$service_user" "--regid=$service_group" --init-groups "$@"
}

apt update
apt install /packages/simulator.deb
say "simulator, broker and file server installed in a new root of Debian $release"

broker_port=$(free_port)
printf 'listener %d 127.0.0.1\nallow_anonymous true\n' "$broker_port" >"$root/etc/mosquitto/conf.d/test.conf"
in_it install -d -o mosquitto -g mosquitto /run/mosquitto # as its unit does
start_in_it broker mosquitto -c /etc/mosquitto/mosquitto.conf
playground_await 20 port_answers "$broker_port" || fail "the broker does not start" broker
install -d "$root/srv/printers"
start_in_it simulator bambu2mqtt-simulator --dir /srv/printers --write-config /srv/printers/bambu2mqtt.toml \
    --broker "mqtt://127.0.0.1:$broker_port" --printers 2 --models X1C,A1MINI --with-files
playground_await 60 grep -qs '^ready:' "$playground/simulator.log" ||
    fail "the simulated printers do not start" simulator
say "$(grep '^ready:' "$playground/simulator.log")"

# --- installation ---

started=$(date +%s%N)
apt install /packages/earlier.deb
unit=$root/usr/lib/systemd/system/bambu2mqtt.service
unit_value() { # KEY
    sed -n "s/^$1=//p" "$unit"
}
configuration=$(unit_value ConditionPathExists)
read -ra start_command <<<"$(unit_value ExecStart)"
service_user=$(unit_value User) service_group=$(unit_value Group)
state=/var/lib/$(unit_value StateDirectory)

[ "$configuration" = /etc/bambu2mqtt/bambu2mqtt.toml ] || fail "the unit has no condition of the configuration"
[ -z "$(ls -A "$root/etc/bambu2mqtt")" ] || fail "the package installs a live configuration"
[ "$(in_it stat -c '%a %U:%G' /etc/bambu2mqtt)" = "750 root:bambu2mqtt" ] || fail "the rights of /etc/bambu2mqtt"
[ -e "$root/usr/share/doc/bambu2mqtt/examples/bambu2mqtt.toml" ] || fail "there is no example configuration"
for file in man/man1/bambu2mqtt.1.gz man/man5/bambu2mqtt.toml.5.gz bash-completion/completions/bambu2mqtt \
    zsh/vendor-completions/_bambu2mqtt fish/vendor_completions.d/bambu2mqtt.fish; do
    [ -s "$root/usr/share/$file" ] || fail "there is no /usr/share/$file"
done
[ -L "$root/etc/systemd/system/multi-user.target.wants/bambu2mqtt.service" ] || fail "the service is not enabled"
[ ! -e "$root$state" ] || fail "the package leaves a state before the first start"
in_it id "$service_user" >/dev/null || fail "the package does not create the user"
status=0 # of the command alone: the unit's condition keeps systemd from running it
as_service "${start_command[@]}" >"$playground/unconfigured.log" 2>&1 || status=$?
if [ "$status" -ne 2 ] || ! grep -q 'bambu2mqtt.toml: cannot be read' "$playground/unconfigured.log"; then
    fail "without a configuration the gateway does not report that" unconfigured
fi

# --- configuration and start ---

configure() { # [MORE-TEXT]
    { sed '/^state_directory/d; s|^directory = .*|directory = "/var/lib/bambu2mqtt/files"|' "$root/srv/printers/bambu2mqtt.toml"
        printf '%s' "${1:-}"; } >"$root$configuration"
    in_it chown "root:$service_group" "$configuration"
    chmod 640 "$root$configuration"
}
start_service() {
    in_it install -d -o "$service_user" -g "$service_group" -m "$(unit_value StateDirectoryMode)" "$state" "$state/files"
    start_in_it gateway setpriv "--reuid=$service_user" "--regid=$service_group" --init-groups "${start_command[@]}"
    gateway_pid=${playground_pids[-1]}
}
entities_are_there() {
    local found
    found=$( (in_it mosquitto_sub -h 127.0.0.1 -p "$broker_port" -t 'bambu2mqtt/+/nozzle_temperature' \
        -t 'bambu2mqtt/+/connection' -v -W 1 2>/dev/null) || true)
    [ "$(grep -c ' connected$' <<<"$found")" -eq 2 ] && grep -qE '/nozzle_temperature [0-9]' <<<"$found"
}
await_entities() {
    playground_await 60 entities_are_there || fail "no entities on the broker" gateway
}
stop_service() {
    local status=0
    kill -TERM "$gateway_pid"
    wait "$gateway_pid" || status=$?
    [ "$status" -eq 0 ] || fail "the gateway ended with $status after SIGTERM" gateway
}

configure
as_service bambu2mqtt check >"$playground/check.log" 2>&1 || fail "check" check
if grep -q 'mode 0' "$playground/check.log"; then
    fail "the rights of the configuration as documented cause a warning" check
fi
start_service
await_entities
say "entities on the broker $((($(date +%s%N) - started) / 1000000)) ms after the start of the installation"
as_service bambu2mqtt health || fail "health"
stop_service
[ "$(stat -c %a "$root$state")" = 700 ] || fail "the rights of the state folder"

# --- upgrades ---

content() { # of configuration and state
    (cd "$root" && find ".$state" "./etc/bambu2mqtt" -type f -exec sha256sum {} + | sort)
}
before=$(content)
[ "$(wc -l <<<"$before")" -ge 3 ] || fail "the gateway kept no state"
apt install /packages/bambu2mqtt.deb
[ "$(content)" = "$before" ] || fail "the upgrade changed configuration or state"
if grep -q 'not accepted' "$playground/apt.log"; then
    fail "the upgrade rejects a valid configuration" apt
fi
start_service
await_entities
stop_service
say "upgraded, nothing changed, entities again"

apt install --allow-downgrades /packages/earlier.deb
configure $'\n[[printer]]\nserial = "01S00C000000099"\nacces_code = "12345678"\n'
before=$(content)
apt install /packages/bambu2mqtt.deb
[ "$(content)" = "$before" ] || fail "the upgrade changed configuration or state"
# shellcheck disable=SC2016 # the variable is dpkg's
[ "$(in_it dpkg-query -W -f '${db:Status-Status}' bambu2mqtt)" = installed ] || fail "the upgrade is not complete"
for expected in "$configuration:[0-9]*: .*acces_code.*did you mean \"access_code\"" 'not accepted by this version' \
    'systemctl restart bambu2mqtt'; do
    grep -q "$expected" "$playground/apt.log" || fail "the upgrade does not report: $expected" apt
done
if grep -q 12345678 "$playground/apt.log"; then
    fail "the report of the upgrade has a secret"
fi
configure
start_service
await_entities
stop_service
say "upgraded over a broken configuration: reported, nothing changed; corrected, it runs"

# --- removal ---

before=$(content)
apt remove bambu2mqtt
[ "$(content)" = "$before" ] || fail "the removal changed configuration or state"
[ ! -e "$root/usr/bin/bambu2mqtt" ] || fail "the program was not removed"
apt purge bambu2mqtt
left=$(cd "$root" && find . -path ./packages -prune -o -path ./srv -prune -o -name '*bambu2mqtt*' -not -name '*simulator*' \
    -not -path './usr/lib/*/bambu2mqtt*' -print)
[ -z "$left" ] || fail "purge leaves: $left"
apt purge bambu2mqtt-simulator
left=$(cd "$root" && find . -path ./packages -prune -o -path ./srv -prune -o -name '*bambu2mqtt*' -print)
[ -z "$left" ] || fail "purge leaves: $left"
say "removed, purged: nothing is left"
