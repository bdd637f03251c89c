# shellcheck shell=bash
# To be sourced by scripts that need roots of Debian releases, made with debootstrap from the apt mirror of this host:
# scripts/debian.sh, scripts/image-test.sh, scripts/package-test.sh. Needs root and debootstrap
# (scripts/install-dependencies.sh image). Expects `set -euo pipefail` and the repository's top folder as the current one.

codename_of() { # 12|13
    case "$1" in
    12) echo bookworm ;;
    13) echo trixie ;;
    *) return 1 ;;
    esac
}

# The mirror of the release this host runs, without its security archive. It has the other releases, too.
debian_mirror() {
    # shellcheck disable=SC2016 # the variables are apt's
    apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' |
        awk '$2 == "main" { print $1; exit }'
}

check_root_tools() { # NAME-OF-THE-SCRIPT
    if [ "$(id -u)" -ne 0 ]; then
        echo "$1: needs root (chroot and mounts)" >&2
        return 1
    fi
    if ! PATH="$PATH:/usr/sbin" command -v debootstrap >/dev/null; then
        echo "$1: debootstrap is not installed (scripts/install-dependencies.sh image)" >&2
        return 1
    fi
}

# A new root of a release, unpacked from an archive that is made once (build/debian-N/base.tar); with this host's settings
# of apt (proxy, checks of dates) and of the network.
new_root() { # 12|13 DIRECTORY
    local release=$1 root=$2 base=build/debian-$1 name mirror script=() file
    if [ ! -e "$base/base.tar" ]; then
        name=$(codename_of "$release")
        mirror=$(debian_mirror)
        if [ -z "$mirror" ]; then
            echo "apt on this host has no Debian mirror with component main" >&2
            return 1
        fi
        # Debian 12's debootstrap may not know the next release by name: its script is the same.
        if [ ! -e "/usr/share/debootstrap/scripts/$name" ]; then
            script=(/usr/share/debootstrap/scripts/sid)
        fi
        mkdir -p "$base"
        rm -rf "$base/new"
        echo "creating a root of Debian $release"
        if ! debootstrap --variant=minbase --include=ca-certificates "$name" "$base/new" "$mirror" "${script[@]}" \
            >"$base/debootstrap.log" 2>&1; then
            tail -n 20 "$base/debootstrap.log" >&2
            echo "debootstrap failed" >&2
            return 1
        fi
        find "$base/new/var/cache/apt/archives" -name '*.deb' -delete
        tar -C "$base/new" -cf "$base/base.tar.part" .
        mv "$base/base.tar.part" "$base/base.tar"
        rm -rf "$base/new"
    fi
    mkdir -p "$root"
    tar -C "$root" -xf "$base/base.tar"
    adopt_host_settings "$root"
}

adopt_host_settings() { # ROOT
    local file
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/disposable" # no waiting for the disk
    for file in /etc/apt/apt.conf.d/*; do
        if grep -qE '^[[:space:]]*Acquire::(http|https|Check)' "$file"; then
            cp "$file" "$1/etc/apt/apt.conf.d/"
        fi
    done
    cp -L /etc/resolv.conf "$1/etc/resolv.conf" 2>/dev/null || true
    cp -L /etc/hosts "$1/etc/hosts" 2>/dev/null || true
}

# Runs a command in a root with /proc, /sys and /dev. The process of "${enter_root[@]}" ROOT COMMAND... becomes the
# command, so its number and signals are those of the command.
# shellcheck disable=SC2016 # for the inner shell
enter_root=(unshare --mount bash -euc '
    mount --bind "$0" "$0"
    mount --rbind /proc "$0/proc"
    mount --rbind /sys "$0/sys"
    mount --rbind /dev "$0/dev"
    root=$0
    exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"')

# The same in process numbers of its own: whatever the command leaves running ends with it.
in_root() { # ROOT COMMAND...
    unshare --pid --fork --kill-child --mount-proc "${enter_root[@]}" "$@"
}
