#!/usr/bin/env bash
# Sourced by scripts that run Node-RED: downloads Node-RED 4 with npm into build/node-red, once.
# Environment: BAMBU2MQTT_NO_INSTALL=1 (no downloads).

node_red=build/node-red/node_modules/node-red

# Sets $node_red_missing to the reason and returns 1 if there is no Node-RED.
fetch_node_red() {
    local program major
    node_red_missing=
    for program in node npm; do
        command -v "$program" >/dev/null || {
            node_red_missing="$program is not installed"
            return 1
        }
    done
    major=$(node -p 'process.versions.node.split(".")[0]')
    if [ "$major" -lt 18 ]; then
        node_red_missing="Node-RED 4 needs Node.js 18, here is $major"
        return 1
    fi
    if [ -f "$node_red/package.json" ]; then
        return
    fi
    if [ "${BAMBU2MQTT_NO_INSTALL:-0}" = 1 ]; then
        node_red_missing="Node-RED is not in build/node-red, and downloads are disabled"
        return 1
    fi
    mkdir -p build/node-red
    echo '{"private": true}' >build/node-red/package.json
    if ! timeout 300 npm install --prefix build/node-red --no-audit --no-fund --omit=dev --omit=optional \
        --fetch-retries=1 'node-red@4' >build/node-red/npm.log 2>&1; then
        rm -rf build/node-red/node_modules
        # shellcheck disable=SC2034 # read by the script that sources this one
        node_red_missing="Node-RED could not be downloaded, see build/node-red/npm.log"
        return 1
    fi
}
