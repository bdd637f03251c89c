#!/usr/bin/env bash
# Checks that replaced names and phrases do not come back: identifiers in sources, tests and build files, and phrases in
# comments, texts and documents. Each line of a table: an extended regular expression for whole words, and what to write
# instead.
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
[Hh]ousehold|onlooker|Farm|manners                  TestEnvironment, observer, PrinterFleet, behaviour
patience|slowness                                   test_timeout, timeout_factor
'

phrases='
told|hears                                          reported, published, received, informed
anew                                                again
deeds?                                              action
wish|wishes|wished                                  request
likewise                                            also
in vain                                             without success
at hand                                             available
goes on                                             continues
says so                                             name what is reported
merely                                              only
stands (under|at)                                   is published on, is
for want of                                         without
in the midst                                        during
(came|becomes|became) of                            result, outcome
farewell                                            shutdown
patience                                            timeout
under way                                           in progress, in flight, pending
somebody|whoever|everybody                          name the client, the user or the process
keeps silent|silently keeps                         does not reply, times out
knows nothing of                                    is independent of
breaks off                                          cancels, aborts
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
while IFS= read -r line; do
    expression=${line%%  *}
    [ -n "$expression" ] || continue
    if git grep -niwE "$expression" -- src include tests docs scripts config examples cmake '*.md' '*CMakeLists.txt' \
        ':!tests/golden' ':!tests/fixtures' ':!tests/fuzz/corpus' ':!docs/schemas' ':!scripts/check-names.sh'; then
        printf '  write %s\n' "${line##*  }"
        status=1
    fi
done <<<"$phrases"
[ "$status" -ne 0 ] || echo "names: ok"
exit "$status"
