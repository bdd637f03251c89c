#!/usr/bin/env bash
# Fills an empty folder with everything the container image contains: the installed program, the shared objects it needs
# (also those it loads when a file is transferred), certificate authorities, the user, its state folder, the licences of what
# is in it, and a list of it (SPDX 2.3). Runs in the build stage of the Dockerfile, on Debian, as root.
# Usage: scripts/image-root.sh PREFIX ROOT     PREFIX: where `cmake --install` put the program (/usr)
# Environment: SOURCE_DATE_EPOCH, the time in the list (default: now).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prefix=${1:?usage: image-root.sh PREFIX ROOT} root=${2:?usage: image-root.sh PREFIX ROOT}
program=$prefix/bin/bambu2mqtt
user=10001

# Compiled in: headers alone, or linked statically.
contained=(libcli11-dev libexpected-dev libfmt-dev libpaho-mqtt-dev libsimdjson-dev libspdlog-dev libtomlplusplus-dev
    nlohmann-json3-dev)

# The paths of the shared objects that a program or library needs, the loader among them.
objects_of() { # FILE
    ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

# The Debian package of a file, which may be listed below /lib or /usr/lib, from before or after the merge.
package_of() { # FILE
    local name=${1#/usr}
    { dpkg-query -S "$name" 2>/dev/null || dpkg-query -S "/usr$name"; } | sed -n '1s/[:,].*//p'
}

install -d "$root"/{usr/bin,usr/share/doc,etc/ssl/certs,usr/lib/ssl,proc,dev,sys}
install -m 755 "$program" "$root/usr/bin/bambu2mqtt"
cp -r "$prefix/share/bambu2mqtt" "$root/usr/share/"
cp -r "$prefix/share/doc/bambu2mqtt" "$root/usr/share/doc/"
install -m 644 LICENSE "$root/usr/share/doc/bambu2mqtt/copyright"

# Those it loads itself: for files, for metrics.
loaded() {
    ldconfig -p | awk '$1 == "libcurl.so.4" || $1 == "libmicrohttpd.so.12" { if (!seen[$1]++) print $NF }'
}
mapfile -t objects < <(
    {
        objects_of "$program"
        loaded
        loaded | while IFS= read -r object; do objects_of "$object"; done
    } | sort -u
)
for object in "${objects[@]}"; do
    install -D -m 755 "$object" "$root$object" # not a link to a longer name
done

# The certificate authorities, where OpenSSL and libcurl look for them, and OpenSSL's settings.
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
install -m 644 /etc/ssl/openssl.cnf "$root/etc/ssl/"
ln -s /etc/ssl/certs/ca-certificates.crt "$root/usr/lib/ssl/cert.pem"
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"
ln -s /etc/ssl/openssl.cnf "$root/usr/lib/ssl/openssl.cnf"

printf 'root:x:0:0:root:/:/\nbambu2mqtt:x:%d:%d:bambu2mqtt:/var/lib/bambu2mqtt:/\n' "$user" "$user" >"$root/etc/passwd"
printf 'root:x:0:\nbambu2mqtt:x:%d:\n' "$user" >"$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
install -d -m 755 "$root/etc/bambu2mqtt"
install -d -m 750 -o "$user" -g "$user" "$root/var/lib/bambu2mqtt"

# --- licences and the list ---

mapfile -t packages < <(
    {
        for object in "${objects[@]}"; do
            package_of "$object"
        done
        printf '%s\n' ca-certificates openssl "${contained[@]}"
    } | sort -u
)
for package in "${packages[@]}"; do
    install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done
cp -rL /usr/share/common-licenses "$root/usr/share/common-licenses"

release=$(. /etc/os-release && echo "$VERSION_ID")
version=$(sed -n 's/^project(bambu2mqtt VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
created=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
hash=$(sha256sum "$program" | cut -d ' ' -f 1)

spdx_package() { # NAME VERSION LICENCE COPYRIGHT-TEXT REFERENCE-OF-PURL
    printf '    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "downloadLocation": "NOASSERTION",
     "filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "licenseDeclared": "%s", "copyrightText": "%s",
     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "%s"}]}' \
        "$(tr -c 'A-Za-z0-9.\n-' - <<<"$1")" "$1" "$2" "$3" "$4" "$5"
}

{
    printf '{\n  "spdxVersion": "SPDX-2.3",\n  "dataLicense": "CC0-1.0",\n  "SPDXID": "SPDXRef-DOCUMENT",\n'
    printf '  "name": "bambu2mqtt-%s",\n  "documentNamespace": "urn:bambu2mqtt:%s:%s",\n' "$version" "$version" "$hash"
    printf '  "creationInfo": {"created": "%s", "creators": ["Tool: image-root.sh"]},\n' "$created"
    printf '  "documentDescribes": ["SPDXRef-bambu2mqtt"],\n  "packages": [\n'
    spdx_package bambu2mqtt "$version" MIT "2026 The bambu2mqtt authors" "pkg:generic/bambu2mqtt@$version"
    for package in "${packages[@]}"; do
        installed=$(dpkg-query -W -f '${Version}\n' "$package" | head -n 1)
        # The licences are in usr/share/doc/PACKAGE/copyright.
        printf ',\n'
        spdx_package "$package" "$installed" NOASSERTION NOASSERTION \
            "pkg:deb/debian/${package//+/%2B}@${installed//+/%2B}?distro=debian-$release"
    done
    printf '\n  ],\n  "relationships": [\n'
    separator=
    for package in "${packages[@]}"; do
        relation=DEPENDS_ON
        if [[ " ${contained[*]} " == *" $package "* ]]; then
            relation=CONTAINS
        fi
        printf '%s    {"spdxElementId": "SPDXRef-bambu2mqtt", "relationshipType": "%s", "relatedSpdxElement": "SPDXRef-%s"}' \
            "$separator" "$relation" "$(tr -c 'A-Za-z0-9.\n-' - <<<"$package")"
        separator=$',\n'
    done
    printf '\n  ]\n}\n'
} >"$root/usr/share/doc/bambu2mqtt/sbom.spdx.json"
