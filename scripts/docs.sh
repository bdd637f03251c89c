#!/usr/bin/env bash
# Regenerates the documents that come from the code: docs/schemas, docs/asyncapi.json, docs/configuration.md, docs/man,
# config/bambu2mqtt.toml, packaging/completion, tests/golden/texts.txt, and tables in docs/commands.md, docs/entities.md and
# docs/troubleshooting.md. A test checks that they are current.
# Environment: BAMBU2MQTT_JOBS (default: all processors).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if command -v ccache >/dev/null; then
    export BAMBU2MQTT_LAUNCHER="env;CCACHE_SLOPPINESS=pch_defines,time_macros;ccache"
fi
cmake --preset dev >/dev/null
cmake --build --preset dev --parallel "${BAMBU2MQTT_JOBS:-$(nproc)}" --target bambu2mqtt-reference
build/dev/tests/reference/bambu2mqtt-reference docs
