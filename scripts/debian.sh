#!/usr/bin/env bash
# Runs a command in a root of another Debian release, created with debootstrap, on a copy of this source tree.
# Usage: scripts/debian.sh 12|13 [COMMAND...]
#   without COMMAND: installs the packages for the demo and checks that those for tests and image can be installed,
#   builds everything without a warning, runs the unit tests, shows the demo
# The root is kept in build/debian-N/root and reused; its apt mirror is that of this host's apt sources.
# Needs root, debootstrap (scripts/install-dependencies.sh image) and about 3 GB of disk.
# Environment: BAMBU2MQTT_JOBS (default: all processors).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    echo "usage: scripts/debian.sh 12|13 [COMMAND...]" >&2
    exit 2
}
[ $# -ge 1 ] || usage
release=$1
shift
# shellcheck source=scripts/roots.sh
source scripts/roots.sh
codename_of "$release" >/dev/null || usage
check_root_tools debian.sh

root=$PWD/build/debian-$release/root
complete=$PWD/build/debian-$release/complete
if [ ! -e "$complete" ]; then
    rm -rf "$root"
    new_root "$release" "$root"
    touch "$complete"
else
    adopt_host_settings "$root"
fi

# The files of the git work tree, including changed and new ones; the build folder and the compiler cache stay in the root.
source_dir=$root/source
mkdir -p "$source_dir"
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
        if [ -e "$file" ]; then
            printf '%s\0' "$file"
        fi
    done | tar --null -T - -cf - | tar -C "$source_dir" -xf -
(cd "$source_dir" && find . -type f -not -path './build/*' -print0) |
    while IFS= read -r -d '' file; do
        if [ ! -e "$file" ]; then
            rm -f "$source_dir/$file"
        fi
    done

if [ $# -eq 0 ]; then
    # shellcheck disable=SC2016 # for the inner shell
    set -- bash -euo pipefail -c '
        scripts/install-dependencies.sh demo
        if ! dpkg-query -W python3-jsonschema >/dev/null 2>&1; then # a unit test validates the schemas with it
            apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends python3-jsonschema >/dev/null
        fi
        # What else the tests need is not installed, but it must be there to be installed.
        scripts/install-dependencies.sh --simulate test
        scripts/install-dependencies.sh --simulate image
        export BAMBU2MQTT_NO_INSTALL=1
        cmake -S . -B build/debian -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1 \
            -DBAMBU2MQTT_WARNINGS_AS_ERRORS=ON -DCMAKE_UNITY_BUILD=ON -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
        cmake --build build/debian --parallel "$BAMBU2MQTT_JOBS" --target bambu2mqtt bambu2mqtt-simulator unit_tests edge_tests -- -k 0
        ctest --test-dir build/debian --parallel "$BAMBU2MQTT_JOBS" --no-tests=error --output-on-failure -L "unit|edge"
        BAMBU2MQTT_BUILD=build/debian scripts/demo.sh --once'
fi

# shellcheck disable=SC2016 # for the inner shell
in_root "$root" env BAMBU2MQTT_JOBS="${BAMBU2MQTT_JOBS:-$(nproc)}" sh -c 'cd /source && exec "$@"' sh "$@"
