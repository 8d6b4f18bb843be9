#!/bin/bash
# Which URLs cost the users most time by missing the cache?
# The URL's query is cut off, so that one page is one row.
#
# usage: slowest-misses.sh access.log ...
set -o pipefail
cmon-parse -c cache,latency_ms,url "$@" |
	awk -F'\t' '
		NR == 1 { print "url\ttime\tlatency_ms"; next }
		$2 == "miss" { sub(/\?.*/, "", $4); print $4 "\t" $1 "\t" $3 }' |
	cmon-agg -g url -c requests,latency_ms_sum,latency_ms_p95,latency_ms_max |
	{ read -r header; echo "$header"; sort -t "$(printf '\t')" -k5,5nr -k1,1; } |
	awk 'NR <= 21' |
	cmon-table
