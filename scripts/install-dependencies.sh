#!/usr/bin/env bash
# Installs the Debian packages that building, testing and the demo need, if they are missing.
# Usage: scripts/install-dependencies.sh [--simulate] [demo|test|package|image|brokers] (default: test, which includes demo)
#   --simulate: installs nothing; checks that all of them can be installed together (exit code 1 otherwise)
# Works as root and as a user with sudo. No service is started, and existing ones are not touched.
set -euo pipefail

# Name of the clang packages in this release; sanitizer builds and the format check use Debian 12's.
case "$(. /etc/os-release 2>/dev/null && echo "${VERSION_ID:-}")" in
13) clang=19 ;;
*) clang=14 ;;
esac

# Build, demo | more for the tests | more for the Debian packages | more for roots of other releases, tests of packages and
# images | other brokers than Mosquitto, for scripts/interop.sh.
packages="
demo: ca-certificates g++ make cmake ninja-build ccache pkg-config
      libssl-dev libcurl4-openssl-dev libpaho-mqtt-dev libsimdjson-dev nlohmann-json3-dev libfmt-dev libspdlog-dev
      libtomlplusplus-dev libcli11-dev libexpected-dev libmicrohttpd-dev doctest-dev libmosquitto-dev mosquitto mosquitto-clients vsftpd openssl
      util-linux procps
test: clang-$clang libclang-rt-$clang-dev clang-format-$clang clang-tidy-$clang libbenchmark-dev valgrind python3 python3-jinja2 python3-jsonschema python3-yaml jq shellcheck
      debootstrap prometheus curl
package: build-essential debhelper
image: buildah debootstrap docker-compose lintian
brokers: nats-server rabbitmq-server erlang-base
"
# Package and daemon that Debian starts on installation; we run our own on free ports.
declare -A daemons=([mosquitto]=mosquitto [vsftpd]=vsftpd [nats-server]=nats-server [rabbitmq-server]=rabbitmq-server
    [erlang-base]=epmd [prometheus]=prometheus)

packages_of() { # GROUP
    awk -v group="$1:" '$1 ~ /:$/ { inside = ($1 == group); $1 = "" } inside' <<<"$packages"
}

simulate=
if [ "${1:-}" = --simulate ]; then
    simulate=1
    shift
fi
case "${1:-test}" in
demo) wanted=$(packages_of demo) ;;
test) wanted="$(packages_of demo) $(packages_of test)" ;;
package) wanted="$(packages_of demo) $(packages_of package)" ;;
image) wanted=$(packages_of image) ;;
brokers) wanted=$(packages_of brokers) ;;
*)
    echo "install-dependencies.sh: unknown group \"$1\", expected demo, test, package, image or brokers" >&2
    exit 2
    ;;
esac

missing_packages() {
    local installed package
    installed=" $(dpkg-query -W -f='${db:Status-Status}=${Package} ' | tr -d '\n') "
    for package in $wanted; do
        [[ $installed == *" installed=$package "* ]] || printf '%s\n' "$package"
    done
}

if ! command -v dpkg-query >/dev/null; then
    echo "install-dependencies.sh: this is not Debian; the packages are:" "${wanted//$'\n'/ }" >&2
    exit 1
fi
if [ -n "$simulate" ]; then
    mapfile -t names < <(tr -s '[:space:]' '\n' <<<"$wanted" | sed '/^$/d')
    if ! answer=$(apt-get -qq -s install --no-install-recommends "${names[@]}" 2>&1); then
        printf '%s\n' "$answer" | tail -n 20 >&2
        echo "install-dependencies.sh: the packages of group \"${1:-test}\" cannot be installed here" >&2
        exit 1
    fi
    echo "group \"${1:-test}\": ${#names[@]} packages can be installed"
    exit 0
fi
mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-dependencies.sh: neither root nor sudo is available; please install:" "${missing[@]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
policy_mark="# for the time of an installation by bambu2mqtt"
new_daemons=()
for package in "${missing[@]}"; do
    if [ -n "${daemons[$package]:-}" ]; then
        new_daemons+=("${daemons[$package]}")
    fi
done

# The policy only applies to daemons that are not installed yet: others may still restart.
forbid_starting() {
    if [ ${#new_daemons[@]} -eq 0 ] || [ -e "$policy" ]; then
        return
    fi
    # shellcheck disable=SC2016 # $1 is for the policy script
    {
        printf '#!/bin/sh\n%s\ncase "$1" in\n' "$policy_mark"
        printf '%s*) exit 101 ;;\n' "${new_daemons[@]}"
        printf 'esac\nexit 0\n'
    } | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
}

clean_up() {
    if grep -qsF "$policy_mark" "$policy"; then
        "${as_root[@]}" rm -f "$policy"
    fi
    rm -f "$log"
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" \
        >>"$log" 2>&1 </dev/null
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "installing ${#missing[@]} Debian packages: ${missing[*]}"
if ! apt update; then
    echo "install-dependencies.sh: the package lists could not be updated; trying with the present ones" >&2
fi
forbid_starting
if ! apt install -y --no-install-recommends "${missing[@]}"; then
    tail -n 30 "$log" >&2
    echo "install-dependencies.sh: the installation failed" >&2
    exit 1
fi
for daemon in "${new_daemons[@]}"; do # nor at the next boot
    "${as_root[@]}" update-rc.d "$daemon" disable >/dev/null 2>&1 || true
    "${as_root[@]}" deb-systemd-helper disable "$daemon.service" "$daemon.socket" >/dev/null 2>&1 || true
done
