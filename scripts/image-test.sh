#!/usr/bin/env bash
# Builds the container image without a Docker engine (buildah, on a base made by debootstrap) and runs the gateway
# in it as its own user on a read-only root. Needs root, buildah and debootstrap
# (scripts/install-dependencies.sh image), a package mirror and about 2 GB of temporary space.
# Usage: scripts/image-test.sh [RELEASE]     Debian's name: bookworm (default, as in the Dockerfile) or trixie
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=${1:-bookworm}
case "$release" in
bookworm | trixie) ;;
*)
    echo "usage: scripts/image-test.sh [bookworm|trixie]" >&2
    exit 2
    ;;
esac
# shellcheck source=scripts/playground.sh
source scripts/playground.sh

if [ "$(id -u)" -ne 0 ]; then
    echo "image-test.sh: needs root" >&2
    exit 1
fi
for program in buildah debootstrap mosquitto; do
    if ! PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null; then
        echo "image-test.sh: $program is not installed" >&2
        exit 1
    fi
done

say() {
    printf '%5d s  %s\n' "$SECONDS" "$*"
}

fail() {
    say "FAILED: $*"
    exit 1
}

playground_open
store=(buildah --storage-driver vfs --root "$playground/storage" --runroot "$playground/runroot")

close() {
    "${store[@]}" umount --all >/dev/null 2>&1 || true
    "${store[@]}" rm --all >/dev/null 2>&1 || true
    playground_close
}
trap close EXIT

# --- the base image, like that of the registry ---

# The mirror of the release this host runs has the others, too. Its security archive is not one.
# shellcheck disable=SC2016 # the variables are apt's
mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' |
    awk '$2 == "main" { print $1; exit }')
from=(${mirror:+"$mirror"})
if [ ! -e "/usr/share/debootstrap/scripts/$release" ]; then # a newer release than debootstrap knows: all are the same
    [ -n "$mirror" ] || fail "apt on this host has no Debian mirror with component main"
    from+=(/usr/share/debootstrap/scripts/sid)
fi
debootstrap --variant=minbase "$release" "$playground/base" "${from[@]}" >"$playground/debootstrap.log" 2>&1 ||
    playground_fail debootstrap "the base system could not be created:"
find "$playground/base/var/cache/apt/archives" -name '*.deb' -delete
container=$("${store[@]}" from scratch)
"${store[@]}" add -q "$container" "$playground/base" / >/dev/null
"${store[@]}" config --cmd /bin/bash "$container"
"${store[@]}" commit -q "$container" "docker.io/library/debian:$release-slim" >/dev/null
"${store[@]}" rm "$container" >/dev/null
rm -rf "$playground/base"
say "base image of $release"

# --- the image ---

"${store[@]}" bud --isolation chroot --pull-never --format docker --build-arg "DEBIAN=$release" \
    -t bambu2mqtt:test -f Dockerfile . \
    >"$playground/bud.log" 2>&1 || playground_fail bud "the image could not be built:"
say "image built"

configuration=$("${store[@]}" inspect --type image localhost/bambu2mqtt:test)
for expected in '"User": "10001:10001"' '"StopSignal": "SIGTERM"' '"/var/lib/bambu2mqtt"' '"health"'; do
    grep -qF "$expected" <<<"$configuration" || fail "the image lacks $expected"
done

container=$("${store[@]}" from --pull-never localhost/bambu2mqtt:test)
root=$("${store[@]}" mount "$container")
say "image size: $(du -sm "$root" | cut -f 1) MiB unpacked"

# --- the program in it ---

install -d -o 10001 -g 10001 "$playground/state"
install -d "$playground/etc"

# Runs a command in the image as Docker would with --read-only and the two volumes.
# shellcheck disable=SC2016 # the variables are for the inner shell
inside='
    mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"
    mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev"
    mount --bind "$1/state" "$0/var/lib/bambu2mqtt"
    mount --bind "$1/etc" "$0/etc/bambu2mqtt" && mount -o remount,ro,bind "$0/etc/bambu2mqtt"
    root=$0
    shift
    exec chroot --userspec=10001:10001 "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin "$@"'
in_image=(unshare --mount bash -euc "$inside" "$root" "$playground")

if "${in_image[@]}" touch /usr/local/bin/x 2>/dev/null; then
    fail "the root is not read-only, the test is invalid"
fi
"${in_image[@]}" bambu2mqtt --version
"${in_image[@]}" bambu2mqtt entities --model X1C >/dev/null || fail "entities"

start_broker
cat >"$playground/etc/bambu2mqtt.toml" <<END
[broker]
url = "mqtt://127.0.0.1:$broker_port"

[[printer]]
serial = "01S00C000000000"
host = "127.0.0.1"
mqtt_port = 1
access_code = "12345678"
END
chmod 600 "$playground/etc/bambu2mqtt.toml"
chown 10001:10001 "$playground/etc/bambu2mqtt.toml"
"${in_image[@]}" bambu2mqtt check || fail "check"

playground_start gateway "${in_image[@]}" bambu2mqtt run
gateway_pid=${playground_pids[-1]}
healthy() {
    "${in_image[@]}" bambu2mqtt health >/dev/null 2>&1
}
playground_await 20 healthy || playground_fail gateway "the gateway does not become healthy; its output:"
status_of() { # FIELD of the gateway's status, its first number
    awk -v field="$1:" '$1 == field { print $2 }' "/proc/$gateway_pid/status"
}
say "healthy, $(status_of VmRSS) kB, user $(status_of Uid), capabilities $(status_of CapEff)"
[ "$(status_of Uid)" = 10001 ] || fail "the gateway does not run as its own user"
[ "$(status_of CapEff)" = 0000000000000000 ] || fail "the gateway has capabilities"
[ -n "$(ls -A "$playground/state")" ] || fail "the gateway wrote nothing into its state volume"

kill -TERM "$gateway_pid"
status=0
wait "$gateway_pid" || status=$?
[ "$status" -eq 0 ] || fail "the gateway ended with $status after SIGTERM"
if healthy; then
    fail "health reports success although the gateway has ended"
fi
say "stopped by SIGTERM, health says no"
