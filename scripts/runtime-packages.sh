#!/usr/bin/env bash
# Prints the Debian packages that hold the shared libraries a program needs, one per line; with them those of libraries
# that it loads while it runs (libcurl, for files).
# Usage: scripts/runtime-packages.sh PROGRAM
set -euo pipefail

program=${1:?usage: runtime-packages.sh PROGRAM}

{
    ldd "$program" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'
    ldconfig -p | awk '$1 == "libcurl.so.4" { print $NF; exit }'
} | while IFS= read -r library; do
    # dpkg may know a file by its place before or after /lib became /usr/lib.
    name=${library#/usr}
    { dpkg-query -S "$name" 2>/dev/null || dpkg-query -S "/usr$name"; } | cut -d : -f 1
done | sort -u
