#!/usr/bin/env bash
# Runs the optimised gateway for a long time while simulated printers, the broker and Home Assistant restart, printers
# change their addresses and commands are sent; prints its memory, descriptors and threads as a table, and at the end
# whether they were flat after the first five minutes: less than 1 MiB more memory, no more descriptors and threads.
#   scripts/soak.sh [MINUTES] [PRINTERS]     (default: 30 10)
# Environment: BAMBU2MQTT_NO_INSTALL=1, BAMBU2MQTT_BUILD (build/optimised), BAMBU2MQTT_SOAK_SAMPLE (seconds, 10).
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/playground.sh
source scripts/playground.sh

if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh demo
fi
build_playground "${BAMBU2MQTT_BUILD:-build/optimised}" optimised bambu2mqtt-soak
exec "$build_dir/tests/soak/bambu2mqtt-soak" --gateway "$build_dir/src/bambu2mqtt" --minutes "${1:-30}" \
    --printers "${2:-10}" --sample "${BAMBU2MQTT_SOAK_SAMPLE:-10}"
