#!/usr/bin/env bash
# The real program with simulated printers on brokers of several kinds: Mosquitto, a NATS cluster of three nodes with
# JetStream and MQTT, and RabbitMQ's MQTT plugin (tests/interop). Their Debian packages are installed if they are missing;
# the tests start the brokers on free ports of loopback and stop them. A broker that is not installed is reported as
# skipped. The measured table of what each broker does is in docs/brokers.md.
#   scripts/interop.sh [ARGUMENTS]    arguments are those of doctest: --test-case='*NATS*', -s (prints measurements)
# Environment: BAMBU2MQTT_NO_INSTALL=1, BAMBU2MQTT_BUILD (a build folder with interop_tests; default: the preset release,
# built here).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh brokers || true # what is missing is skipped
fi
if [ -z "${BAMBU2MQTT_BUILD:-}" ]; then
    cmake --preset release >/dev/null
    cmake --build --preset release --parallel "$(nproc)" --target interop_tests >/dev/null
    BAMBU2MQTT_BUILD=build/release
fi

status=0
output=$("$BAMBU2MQTT_BUILD/tests/interop_tests" --no-intro=true --no-version=true "$@" 2>&1) || status=$?
printf '%s\n' "$output"
sed -n 's/^.*MESSAGE: \(skipped: .*\|note: .*\)$/\1/p' <<<"$output"
exit "$status"
