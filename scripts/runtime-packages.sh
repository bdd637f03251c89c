#!/usr/bin/env bash
# Prints the Debian packages with the shared libraries of a program, one per line, including libraries that it loads at
# run time (libcurl for files, libmicrohttpd for metrics).
# Usage: scripts/runtime-packages.sh PROGRAM
set -euo pipefail

program=${1:?usage: runtime-packages.sh PROGRAM}

{
    ldd "$program" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'
    for name in libcurl.so.4 libmicrohttpd.so.12; do
        ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }'
    done
} | while IFS= read -r library; do
    # dpkg may list a file below /lib or /usr/lib, from before or after the merge.
    name=${library#/usr}
    { dpkg-query -S "$name" 2>/dev/null || dpkg-query -S "/usr$name"; } | cut -d : -f 1
done | sort -u
