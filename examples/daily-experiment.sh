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
#	ended.tsv	what ended without a promotion, or invalid, and why: told once
#
# A day is one of UTC, and is counted anew whenever its night is run again: run late, twice or
# after a crash it does no harm.  For a night that was left out, say when it was with NOW.
#
# From the environment, each some words:
#	TELL	how people hear of a promotion or an end; it gets the subject and the rows
#	WRITE	forms for caches: --write nginx:title=/etc/nginx/cmon/title.conf
#	RELOAD	what makes the caches read them
#	NOW	the time instead of the clock's: Unix seconds
set -eo pipefail
[ $# -ge 2 ] || { echo 'usage: daily-experiment.sh folder log ...' >&2; exit 2; }
folder=$1
case $folder in /*) ;; *) folder=./$folder ;; esac	# awk takes a=b for a setting
[ -f "$folder/experiments.tsv" ] || { echo "daily-experiment.sh: $folder has no experiments.tsv" >&2; exit 2; }
shift
x=$folder/experiments.tsv
now=${NOW:-$(date +%s)}
day=$((now / 86400 * 86400 - 86400))
TZ=UTC printf -v date '%(%Y-%m-%d)T' "$day"
[ ! -f "$folder/log.format" ] || set -- -f "$(cat "$folder/log.format")" "$@"
mkdir -p "$folder/totals"

# The longest window that ends where an experiment begins or its cohorts change places.
times=$(awk -F'\t' '
	/^#/ || NF == 0 { next }
	!n { n = NF; for (i = 1; i <= NF; i++) col[$i] = i; next }
	$col["status"] == "running" {
		s = $col["start"]
		print s ~ /^[0-9.]+$/ ? "@" s : s
		if ("period" in col && $col["period"] != "") {
			split("s 1 m 60 h 3600 d 86400", unit, " ")
			for (i = 1; i < 8; i += 2)
				if (sub(unit[i] "$", "", $col["period"])) {
					print "@" $col["period"] * unit[i + 1]
					break
				}
		}
	}' "$x" | date -u -f - +%s)
for window in 86400 43200 21600 10800 3600 1800 900 300 60 1; do
	for t in $times; do
		[ $((t % window)) -eq 0 ] || continue 2
	done
	break
done

cmon-parse -q -S "$day" -U $((day + 86400)) -c time,url,status,bytes,latency_ms,cache "$@" |
	cmon-key -r "$folder/keys.tsv" |
	cmon-cohort -x "$x" -s "$folder/experiments.state" --now "$now" |
	cmon-agg -w "${window}s" -g experiment,cohort,key -o "$folder/totals/$date.tsv" \
		-c requests,hits,misses,errors,bytes,hit_bytes,latency_ms_n,latency_ms_sum

cmon-abtest -x "$x" --decide -o "$folder/results.tsv" "$folder"/totals/*.tsv >"$folder/verdicts.tsv"

tell() {
	${TELL:-cmon-mail --server smtp://localhost:25 --no-tls --from cmon@example.org --to ops@example.org} \
		--subject "$1" --now "$now" "$2"
}

# names FILE - of the experiments in its rows.
names() {
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "experiment") c = i; next }
		!seen[$c]++ { printf "%s%s", sep, $c; sep = ", " }' "$1"
}

# What is promoted stays to be told until it was told.
status=0
# shellcheck disable=SC2086 # options are words
cmon-promote --config "$folder/ttl.tsv" -x "$x" --now "$now" $WRITE "$folder/verdicts.tsv" \
	>>"$folder/promoted.todo" || status=$?
[ $status -le 1 ] || exit $status
if grep -q '^promote' "$folder/promoted.todo"; then
	${RELOAD:-true}
	tell "A TTL was promoted: $(names "$folder/promoted.todo")" "$folder/promoted.todo"
	mv "$folder/promoted.todo" "$folder/promoted-$date.tsv"
else
	rm "$folder/promoted.todo"
fi

# An experiment that is over and promotes nothing would be silent for ever.
touch "$folder/ended.tsv"
awk -F'\t' -v OFS='\t' '
	FNR == 1 { for (i = 1; i <= NF; i++) col[$i] = i }
	{ id = $col["experiment"] OFS $col["treatment"] OFS $col["definition"] }
	FILENAME != ARGV[2] { told[id]; next }
	$col["decision"] == "promote" { won[$col["experiment"]] }
	FNR == 1 || ($col["decision"] == "no" && $col["reason"] !~ /it (runs until|has not begun)/ && !(id in told)) {
		of[++n] = $col["experiment"]
		row[n] = $col["time"] OFS $col["experiment"] OFS $col["treatment"] OFS $col["metric"] OFS $col["status"] OFS \
			$col["diff"] OFS $col["lo"] OFS $col["hi"] OFS $col["reason"] OFS $col["definition"]
	}
	END { for (i = 1; i <= n; i++) if (!(of[i] in won)) print row[i] }' \
	"$folder/ended.tsv" "$folder/verdicts.tsv" >"$folder/ended.todo"
if [ "$(wc -l <"$folder/ended.todo")" -gt 1 ]; then
	awk -F'\t' -v OFS='\t' '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == "definition") c = i }
		{ $c = NR == 1 ? "next" : "set it completed in experiments.tsv, and take it out of the servers"; print }' \
		"$folder/ended.todo" >"$folder/ended.told"
	tell "An experiment ended without a promotion: $(names "$folder/ended.told")" "$folder/ended.told"
	cat "$folder/ended.todo" >>"$folder/ended.tsv"
	rm "$folder/ended.told"
fi
rm "$folder/ended.todo"
