#!/bin/bash
# The night's work on experiments: yesterday's log becomes totals by key, all days so far are
# judged, a treatment that won goes into the TTLs of the caches, and people hear of it.
#
# usage: daily-experiment.sh folder log ...
#
# The folder holds
#	experiments.tsv	the experiments, and beside it their pins: cmon-experiments(5)
#	keys.tsv	which URL is which endpoint and key: cmon-keys(5)
#	ttl.tsv		the TTLs in force: cmon-promote(1)
#	log.format	how the logs are read, unless cmon-parse sees it by itself
# and gets
#	totals/DATE.tsv	a day's totals; those of before a pre-period are of no more use
#	results.tsv	every verdict there ever was, with its reason
#	promoted-DATE.tsv	what was promoted, and the command that undoes it
#
# A day is one of UTC, and is counted anew whenever its night is run again: run late, twice or
# after a crash it does no harm.  For a night that was left out, say when it was with NOW.
#
# From the environment, each some words:
#	TELL	how people hear of a promotion; it gets the subject and the rows
#	WRITE	forms for caches: --write nginx:title=/etc/nginx/cmon/title.conf
#	RELOAD	what makes the caches read them
#	NOW	the time instead of the clock's: Unix seconds
set -eo pipefail
[ $# -ge 2 ] || { echo 'usage: daily-experiment.sh folder log ...' >&2; exit 2; }
folder=$1
shift
x=$folder/experiments.tsv
now=${NOW:-$(date +%s)}
day=$((now / 86400 * 86400 - 86400))
TZ=UTC printf -v date '%(%Y-%m-%d)T' "$day"
[ ! -f "$folder/log.format" ] || set -- -f "$(cat "$folder/log.format")" "$@"
mkdir -p "$folder/totals"

cmon-parse -q -S "$day" -U $((day + 86400)) -c time,url,status,bytes,latency_ms,cache "$@" |
	cmon-key -r "$folder/keys.tsv" |
	cmon-cohort -x "$x" -s "$folder/experiments.state" --now "$now" |
	cmon-agg -w 1d -g experiment,cohort,key -o "$folder/totals/$date.tsv" \
		-c requests,hits,misses,errors,bytes,hit_bytes,latency_ms_n,latency_ms_sum

cmon-abtest -x "$x" --decide -o "$folder/results.tsv" "$folder"/totals/*.tsv >"$folder/verdicts.tsv"

# What is promoted stays to be told until it was told.
status=0
# shellcheck disable=SC2086 # options are words
cmon-promote --config "$folder/ttl.tsv" -x "$x" --now "$now" $WRITE "$folder/verdicts.tsv" \
	>>"$folder/promoted.todo" || status=$?
[ $status -le 1 ] || exit $status
if grep -q '^promote' "$folder/promoted.todo"; then
	${RELOAD:-true}
	${TELL:-cmon-mail --server smtp://localhost:25 --no-tls --from cmon@example.org --to ops@example.org} \
		--subject 'A TTL was promoted' --now "$now" "$folder/promoted.todo"
	mv "$folder/promoted.todo" "$folder/promoted-$date.tsv"
else
	rm "$folder/promoted.todo"
fi
