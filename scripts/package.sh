#!/usr/bin/env bash
# Builds the Debian packages bambu2mqtt and bambu2mqtt-simulator into build/packages.
# Usage: scripts/package.sh          for the Debian release and architecture of this host
#        scripts/package.sh 12|13    for that release, in a root made with debootstrap (scripts/debian.sh), as root
# Installs what is missing unless BAMBU2MQTT_NO_INSTALL=1. The build stays in build/package: a second call builds only what
# has changed. Environment: BAMBU2MQTT_JOBS (default: all processors).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The release of this host: 12 or 13; empty where it is none.
host_release=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_ID:-}") || host_release=

if [ $# -gt 1 ] || ! [[ ${1:-12} =~ ^1[23]$ ]]; then
    echo "usage: scripts/package.sh [12|13]" >&2
    exit 2
fi
release=${1:-$host_release}

if [ "$release" != "$host_release" ]; then
    scripts/debian.sh "$release" scripts/package.sh
    mkdir -p build/packages
    cp "build/debian-$release/root/source/build/packages/"*"~deb${release}_"*.deb build/packages/
    exit
fi

if [ "${BAMBU2MQTT_NO_INSTALL:-0}" != 1 ]; then
    scripts/install-dependencies.sh package
fi
program_version=$(sed -n 's/^project(bambu2mqtt VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
version=$(dpkg-parsechangelog -S Version)
if [ "$program_version" != "$version" ]; then
    echo "package.sh: CMakeLists.txt has version $program_version, debian/changelog has $version: they must be equal" >&2
    exit 1
fi
dpkg-checkbuilddeps

mkdir -p build/packages
rm -f build/packages/bambu2mqtt*"~deb${release}_$(dpkg --print-architecture).deb"
if command -v ccache >/dev/null; then
    export BAMBU2MQTT_LAUNCHER=ccache
fi
export BAMBU2MQTT_WARNINGS_AS_ERRORS=ON # as in the presets: the compiler cache then has the objects of both
export DEB_BUILD_OPTIONS="nocheck parallel=${BAMBU2MQTT_JOBS:-$(nproc)}"
# Earlier steps of debhelper are repeated, the build folder is kept.
rm -rf debian/.debhelper debian/debhelper-build-stamp debian/files debian/tmp debian/bambu2mqtt debian/bambu2mqtt-simulator
rm -f debian/*.debhelper debian/*.debhelper.log debian/*.substvars
debian/rules binary
ls -l "$PWD/build/packages"
