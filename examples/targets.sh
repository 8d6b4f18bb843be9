#!/bin/bash
# Which targets were met, and which were missed?  The answer, then the figures it comes from.
#
# usage: cmon-agg -g tier -T -a latency_ms:p95 ... | targets.sh targets.tsv
#
# The targets are a file of rules, each of which says when its target is missed.  The newest rows
# count, of the last three days.
set -euo pipefail
[ $# -eq 1 ] || { echo 'usage: targets.sh targets.tsv' >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cp "$1" "$dir/targets"	# whose name awk cannot take for something else
cat >"$dir/figures"
cmon-alert -r "$1" -s "$dir/state" -i 1d - <"$dir/figures" >"$dir/alerts"
awk -F'\t' -v OFS='\t' '
	BEGIN {
		print "target", "figure", "value", "wanted", "verdict", "summary", "time"
		split("< >= > <= <= > >= < == != != ==", op, " ")
		for (i = 1; i < 12; i += 2) inverse[op[i]] = op[i + 1]
	}
	FNR == 1 { file++; header = 1 }
	/^#/ || /^$/ { next }
	header { delete at; for (i = 1; i <= NF; i++) at[$i] = i; header = 0; next }
	# hit_pct < 95%: below that it is missed.
	file == 1 {
		c = $at["condition"]
		if (at["threshold"] && $at["threshold"] != "") c = c " " $at["threshold"]
		figure[$at["id"]] = c
		if (c !~ /&/ && match(c, / *[<>=!]+ *[^{}<>=!]+$/)) {
			figure[$at["id"]] = substr(c, 1, RSTART - 1)
			c = substr(c, RSTART)
			match(c, /[<>=!]+/)
			wanted[$at["id"]] = inverse[substr(c, RSTART, RLENGTH)] " " substr(c, RSTART + RLENGTH)
			sub(/  +/, " ", wanted[$at["id"]])
		}
		next
	}
	{
		id = $at["rule"]
		print id ($at["labels"] == "" ? "" : "{" $at["labels"] "}"), figure[id], $at["value"], wanted[id],
		    $at["flags"] ~ /nodata|few/ ? "no data" : $at["state"] ~ /firing|pending/ ? "missed" : "met",
		    $at["summary"], $at["time"]
	}' "$dir/targets" "$dir/alerts"
cat "$dir/figures"
