#!/bin/sh
# How many jobs wait in Redis lists?  For the rules queue_critical and queue_warning.
#
# usage: queue.sh LIST...			needs redis-cli
#
# A row for each list, and one with an empty label: their sum, which those rules judge.
set -eu
[ $# -gt 0 ] || { echo "usage: queue.sh LIST..." >&2; exit 2; }
now=$(date +%s) sum=0 rows=
for list; do
	depth=$(redis-cli --raw LLEN "$list")
	case $depth in ''|*[!0-9]*) echo "queue.sh: $list: redis-cli says: $depth" >&2; exit 2 ;; esac
	sum=$((sum + depth))
	rows="$rows$(printf '%s\t%s\t0\t%s' "$list" "$now" "$depth")
"
done
printf 'queue\ttime\twindow\tqueue_depth\n%s\t%s\t0\t%s\n' "$rows" "$now" "$sum"
