#!/usr/bin/env bash
# Makes the folder of the Home Assistant add-on that can be installed: build/addon/bambu2mqtt, with the Debian 13 packages of
# this version from build/packages (scripts/package.sh 13) beside its Dockerfile. Copied to /addons of Home Assistant, it is
# built there.
# Usage: scripts/addon.sh [--image NAME]
#   --image NAME  the add-on of a release, for a repository of add-ons: its image is pulled instead of built. NAME holds
#                 {arch}, for example registry.example/bambu2mqtt-addon-{arch}
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

image=
if [ "${1:-}" = --image ] && [ $# -eq 2 ] && [[ $2 == *"{arch}"* ]]; then
    image=$2
elif [ $# -ne 0 ]; then
    echo "usage: scripts/addon.sh [--image NAME with {arch}]" >&2
    exit 2
fi

version=$(sed -n 's/^project(bambu2mqtt VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
if ! grep -qxF "version: \"$version\"" addon/config.yaml; then
    echo "addon.sh: addon/config.yaml has another version than CMakeLists.txt, expected $version" >&2
    exit 1
fi
packages=("build/packages/bambu2mqtt_$version~deb13_"*.deb)
if [ ! -e "${packages[0]}" ]; then
    echo "addon.sh: build/packages has no package bambu2mqtt_$version~deb13_*.deb: run scripts/package.sh 13 first" >&2
    exit 1
fi

folder=build/addon/bambu2mqtt
rm -rf "$folder"
mkdir -p "$folder"
cp -r addon/. "$folder"
cp "${packages[@]}" "$folder"
if [ -n "$image" ]; then
    printf 'image: %s\n' "$image" >>"$folder/config.yaml"
fi
echo "$folder"
