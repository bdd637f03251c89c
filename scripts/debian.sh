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
case "$release" in
12) codename=bookworm ;;
13) codename=trixie ;;
*) usage ;;
esac
if [ "$(id -u)" -ne 0 ]; then
    echo "debian.sh: needs root (chroot and mounts)" >&2
    exit 1
fi
if ! PATH="$PATH:/usr/sbin" command -v debootstrap >/dev/null; then
    echo "debian.sh: debootstrap is not installed (scripts/install-dependencies.sh image)" >&2
    exit 1
fi

# The mirror of the release this host runs, without its security archive.
mirror() {
    # shellcheck disable=SC2016 # the variables are apt's
    apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' |
        awk '$2 == "main" { print $1; exit }'
}

base=$PWD/build/debian-$release
root=$base/root
mkdir -p "$base"
if [ ! -e "$base/complete" ]; then
    rm -rf "$root"
    from=$(mirror)
    if [ -z "$from" ]; then
        echo "debian.sh: apt on this host has no Debian mirror with component main" >&2
        exit 1
    fi
    echo "creating a root of Debian $release in $root"
    # Debian 12's debootstrap may not know the next release by name: its script is the same.
    script=()
    if [ ! -e "/usr/share/debootstrap/scripts/$codename" ]; then
        script=(/usr/share/debootstrap/scripts/sid)
    fi
    if ! debootstrap --variant=minbase --include=ca-certificates "$codename" "$root" "$from" "${script[@]}" \
        >"$base/debootstrap.log" 2>&1; then
        tail -n 20 "$base/debootstrap.log" >&2
        echo "debian.sh: debootstrap failed" >&2
        exit 1
    fi
    touch "$base/complete"
fi
# apt's own settings of this host: proxy, checks of dates.
for file in /etc/apt/apt.conf.d/*; do
    if grep -qE '^[[:space:]]*Acquire::(http|https|Check)' "$file"; then
        cp "$file" "$root/etc/apt/apt.conf.d/"
    fi
done
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp -L /etc/hosts "$root/etc/hosts" 2>/dev/null || true

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
inside='
    mount --bind "$0" "$0"
    mount -t proc proc "$0/proc"
    mount --rbind /sys "$0/sys"
    mount --rbind /dev "$0/dev"
    root=$0
    exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        BAMBU2MQTT_JOBS="$BAMBU2MQTT_JOBS" sh -c "cd /source && exec \"\$@\"" sh "$@"'
export BAMBU2MQTT_JOBS=${BAMBU2MQTT_JOBS:-$(nproc)}
exec unshare --mount --pid --fork --kill-child bash -euc "$inside" "$root" "$@"
