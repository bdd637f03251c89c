#!/usr/bin/env bash
# Checks that names which were replaced by the usual ones of the trade do not come back: identifiers in sources, tests and
# build files. Each line of the table: an extended regular expression for whole words, and what to write instead.
#   scripts/check-names.sh    prints each place; exit code 1 if there is any
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

names='
Deed|DeedCall|do_deed|LocalAction|run_local_action  the handler of a row, SessionPort
Whereabouts                                         AddressBook
statements                                          state_messages
control_presence|publish_presence|presence_         availability
Happening                                           PrinterEvent
Journal                                             JobTracker
Wish|wish_of|take_wish                              ControlRequest, parse_control_payload
ReadCall|call_text                                  CommandRequest, parse_command_request
Settled                                             CommandResult
Reach                                               Reachability
Optimism|optimism_                                  OptimisticState
passing_|pass_on                                    transient_messages_, enqueue_transient
duties_|postings_|Agenda                            tick_deadlines_, publish_deadlines_, DeadlineQueue
HearReports|heard_                                  SubscribeReports, retained_
leftovers|unsettled_|clearing_                      retained_cleanup, cleanup_pending_, pending_clears_
Asks                                                ConnectionActions
Patience|patience_of                                Timeouts, timeouts_for
look_at|Look                                        inspect_certificate, PathInfo
SsdpDoors                                           SsdpEndpoints
wants_recycling|tires                               reconnect_reason
News                                                ChangeFilter
say_goodbye|farewell|give_back_memory               shutdown, drain, trim_heap
mistrusts|rumour|teller|forgive                     is_untrusted, unverified_address, notifier, clear_failures
Document|Commander                                  ReportState, CommandRunner
household|onlooker|Farm|manners                     TestEnvironment, observer, PrinterFleet, behaviour
patience|slowness                                   test_timeout, timeout_factor
'

status=0
while read -r expression instead; do
    [ -n "$expression" ] || continue
    word="(^|[^A-Za-z0-9_])($expression)($|[^A-Za-z0-9_])"
    # Comments are prose, not identifiers.
    found=$(git grep -nE "$word" -- src include tests '*.cmake' '*CMakeLists.txt' ':!tests/golden' ':!tests/fixtures' \
        ':!tests/fuzz/corpus' | grep -vE '^[^:]*:[0-9]+: *(//|#)' | sed 's@//.*@@' | sed 's/"[^"]*"//g' |
        grep -E "[:]?$word" || true)
    if [ -n "$found" ]; then
        printf '%s\n  write %s\n' "$found" "$instead"
        status=1
    fi
done <<<"$names"
[ "$status" -ne 0 ] || echo "names: ok"
exit "$status"
