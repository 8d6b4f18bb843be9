#!/bin/bash
# Two experiments on a cache, from nginx' log to the decision.  README.md
# beside this says what they are and how the log was made.
#
# usage: examples/experiment/run.sh [folder]    (where what is kept of it goes)
set -eo pipefail
here=$(cd "$(dirname "$0")" && pwd)
x=$here/experiments.tsv
kept=${1:-$(mktemp -d)}
[ $# -gt 0 ] || trap 'rm -rf "$kept"' EXIT
mkdir -p "$kept"
say() { printf '\n== %s\n' "$*"; }

# without NAME - all columns but that one.
without() {
	awk -F'\t' -v name="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) skip = i }
		{ sep = ""; for (i = 1; i <= NF; i++) if (i != skip) { printf "%s%s", sep, $i; sep = "\t" }; print "" }'
}

say 'The log, before the start and after it, and which cohort nginx took each key for'
cmon-cohort -x "$x" --check
gzip -dc "$here"/access.log-*.gz |
	cmon-parse -q -f "$(cat "$here/log.format")" -c url,status,bytes,latency_ms,cache,cohort |
	cmon-key -r "$here/keys.tsv" >"$kept/events.tsv"
cmon-agg -g endpoint,cohort -c requests,hit_pct,error_pct,latency_ms_avg "$kept/events.tsv" | cmon-table

say 'cmon-cohort computes the same from the key alone: lines, and those that differ'
without cohort <"$kept/events.tsv" | cmon-cohort -x "$x" >"$kept/computed.tsv"
cmon-cohort -x "$x" --from-field cohort "$kept/events.tsv" >"$kept/logged.tsv"
names() {
	awk -F'\t' -v OFS='\t' '
		NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i }
		{ print $col["time"], $col["key"], $col["experiment"], $col["cohort"] }' "$1"
}
paste <(names "$kept/computed.tsv") <(names "$kept/logged.tsv") |
	awk -F'\t' 'NR > 1 { n++; bad += $1 FS $2 FS $3 FS $4 != $5 FS $6 FS $7 FS $8 }
		END { print n " lines, " bad + 0 " differ" }'

say 'What is kept of a day: totals by experiment, cohort and key'
cmon-agg -w 1d -g experiment,cohort,key \
	-c requests,hits,misses,errors,latency_ms_n,latency_ms_sum "$kept/computed.tsv" >"$kept/days.tsv"
cmon-table -n 3 "$kept/days.tsv"

say 'Before the start, of the keys that are dealt to cohorts: could 2 points be found?'
cmon-abtest --plan -x "$x" --only ttl-title --effect 2 "$kept/days.tsv" | cmon-table

say 'After it: the verdicts'
cmon-abtest -x "$x" --decide -o "$kept/results.tsv" "$kept/days.tsv" |
	cmon-table -c experiment,metric,est_c,est_t,diff,lo,hi,p,method,status,decision,reason

say 'The same for a person'
cmon-abtest -x "$x" --decide --explain "$kept/days.tsv"
