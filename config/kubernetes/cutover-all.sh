#!/bin/sh
# One gate for many migrations: waits until each of the Jobs is ready, then lets all of them swap, and says how each
# ended. Ends with 0 if all have swapped. Can be run again: what has swapped is left out by not naming it.
#
#   cutover-all.sh JOB...
#
# CONFIG: the migration's file in the pods (default /config/change.yaml). PAUSE: seconds between two looks (default 10).
set -u
config=${CONFIG:-/config/change.yaml}
pause=${PAUSE:-10}
[ $# -gt 0 ] || { echo "usage: cutover-all.sh JOB..." >&2; exit 2; }

in_pod() {  # JOB WORD...: pgwraith in the pod of that Job
    job=$1
    shift
    kubectl exec "job/$job" -c pgwraith -- pgwraith "$@"
}
# "ready"; "ready connecting" of a process that carries on and has not come to that phase yet.
phase() {
    in_pod "$1" status "$config" --json 2>/dev/null |
        sed -n -e 's/^ *"phase": "\([a-z_]*\)".*/\1/p' -e 's/^ *"waits": "server".*/connecting/p' | paste -s -d ' ' -
}

# All of them in one pass: a pod that was ready may have been replaced meanwhile.
while :; do
    waiting=
    for job in "$@"; do
        now=$(phase "$job")
        [ "$now" = ready ] || waiting="$waiting $job (${now:-no answer})"
    done
    [ -n "$waiting" ] || break
    echo "waits for:$waiting"
    sleep "$pause"
done

echo "all are ready: $*"
pids=
for job in "$@"; do
    in_pod "$job" cutover "$config" </dev/null &
    pids="$pids $!"
done
failed=0
for pid in $pids; do
    job=$1
    shift
    status=0
    wait "$pid" || status=$?
    if [ $status = 0 ]; then
        echo "$job: swapped"
    else
        echo "$job: not known to have swapped (cutover ended with $status): ask \`pgwraith status\`"
        failed=1
    fi
done
exit $failed
