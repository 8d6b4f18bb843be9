#!/bin/bash
# One set of figures over many machines: count where the logs are, move the
# partials, add them up.  The sum is the same, to the byte, as that of all
# logs in one place.
#
# usage: two-machines.sh host:log host:log ...     (ssh to each host)
#        two-machines.sh log log ...               (files here)
set -eo pipefail
[ $# -gt 0 ] || { echo 'usage: two-machines.sh log ...   (or host:log ...)' >&2; exit 2; }
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
count='cmon-parse -c time,status,bytes,latency_ms,cache "$1" | cmon-agg -w 1m -p'
n=0
for source in "$@"; do
	n=$((n + 1))
	case $source in
	*:*) ssh -o BatchMode=yes -- "${source%%:*}" \
		bash -o pipefail -c "$(printf %q "$count")" count "$(printf %q "${source#*:}")" ;;
	*) bash -o pipefail -c "$count" count "$source" ;;
	esac >"$parts/$n"
done
cmon-agg -m -w 5m "$parts"/* | cmon-table
