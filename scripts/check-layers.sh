#!/usr/bin/env bash
# Checks includes between folders: each folder may include itself and the folders in its line of the table below, and
# nothing else. The order is from low to high, so there are no cycles. A header in include/ is for other folders, a header
# beside its source only for its own folder.
#   scripts/check-layers.sh            prints violations; exit code 1 if there are any
#   scripts/check-layers.sh --graph    prints the includes between folders, with the number of lines
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# FOLDER: folders it may include
layers='
base:
texts:         base
printer:       base
recording:     base printer
topic:         base printer
file:          base
port:          base
entity:        base texts printer
command:       base printer file port entity
state:         base texts printer entity
homeassistant: base texts printer topic port entity command
gateway:       base texts printer topic file port entity command state homeassistant
metrics:       base printer entity state gateway
feature:       base texts printer topic file port entity command state homeassistant gateway
doctor:        base printer port entity command state gateway
config:        base texts printer topic command
io:            base printer recording topic file port state gateway doctor config
cli:           base texts printer recording topic file port entity command state homeassistant gateway metrics feature doctor config io
'

# Prints "FILE FOLDER INCLUDED KIND" for each include of one of our headers; KIND is "public" or "private".
includes() {
    grep -rHoE '^#include [<"][a-z_0-9/]+/[a-z_0-9]+\.hpp[>"]' src include --include='*.cpp' --include='*.hpp' |
        awk -F: '{
            file = $1; folder = file
            sub(/^(src|include\/bambu2mqtt)\//, "", folder); sub(/\/.*/, "", folder)
            included = $2; sub(/^#include [<"]/, "", included); sub(/[>"]$/, "", included)
            kind = sub(/^bambu2mqtt\//, "", included) ? "public" : "private"
            header = included; sub(/\/.*/, "", included)
            if (kind == "private" && system("test -e src/" header) != 0) next # a library
            print file, folder, included, kind
        }'
}

if [ "${1:-}" = --graph ]; then
    includes | awk '$2 != $3 { count[$2 " -> " $3]++ } END { for (edge in count) print edge, count[edge] }' | sort
    exit
fi

includes | awk -v layers="$layers" '
    BEGIN {
        lines = split(layers, line, "\n")
        for (i = 1; i <= lines; i++) {
            if (split(line[i], word, /[: ]+/) < 1 || word[1] == "") continue
            known[word[1]] = 1; allowed[word[1] " " word[1]] = 1
            for (j = 2; j in word; j++) {
                if (word[j] == "") continue
                if (!(word[j] in known)) { print "table: " word[1] " may include " word[j] ", which is not below it"; bad = 1 }
                allowed[word[1] " " word[j]] = 1
            }
            delete word
        }
    }
    !($2 in known) { print $1 ": the folder " $2 " is not in the table of layers"; bad = 1; next }
    !(($2 " " $3) in allowed) { print $1 ": " $2 " may not include " $3; bad = 1 }
    $4 == "private" && $2 != $3 { print $1 ": includes a private header of " $3; bad = 1 }
    { seen++ }
    END { if (seen < 100) { print "only " seen + 0 " includes found: the check sees nothing"; bad = 1 } exit bad }'
echo "layers: ok"
