#!/bin/sh
# Requests and errors over the last half hour, hour and six hours, for the rules slo_page,
# slo_ticket and log_stale.
#
# usage: cmon-agg -m -w 5m -c requests,errors store/*.tsv | burn.sh [-a] [MINUTES]...
#
# Reads the total rows of windows of 5 minutes, with the columns requests and errors, and
# writes one row for each length, ending where the newest window that is over ends; with -a
# also where each one before it ends, for cmon-alert --backfill.  A window without a row
# counts as one without requests.  NOW in the environment replaces the clock.
set -eu
all=
[ "${1-}" != -a ] || { all=1; shift; }
[ $# -gt 0 ] || set -- 30 60 360
awk -F'\t' -v now="${NOW:-$(date +%s)}" -v minutes="$*" -v all=$all '
	function header(	i) {
		delete at
		for (i = 1; i <= NF; i++) at[$i] = i
		if (!("requests" in at) || !("errors" in at) || !("window" in at)) {
			print "burn.sh: columns requests, errors and window are needed" >"/dev/stderr"
			failed = 1
			exit 2
		}
	}
	NR == 1 || $at["time"] == "time" { header(); next }
	{
		for (i = 1; i < at["time"]; i++)
			if ($i != "") next
		end = $at["time"] + $at["window"]
		if ($at["window"] != 300 || end > now) next
		requests[end] = $at["requests"]
		errors[end] = $at["errors"]
		if (end > newest) newest = end
		if (!oldest || end < oldest) oldest = end
	}
	# The windows that end after start; sums stand where windows end.
	function write_row(end, span,	start, r, e) {
		start = end - span
		if (start > oldest) start -= (start - oldest) % 300
		r = sum[end] - sum[start]
		e = bad[end] - bad[start]
		printf "%d\t%d\t%d\t%d\t%s\n", end - span, span, r, e, r ? 100 * e / r : ""
	}
	END {
		if (failed) exit 2
		print "time\twindow\trequests\terrors\terror_pct"
		if (!newest) exit
		n = split(minutes, m, " ")
		for (end = oldest; end <= newest; end += 300) {
			sum[end] = sum[end - 300] + requests[end]
			bad[end] = bad[end - 300] + errors[end]
			if (!(end == newest || all && requests[end] != "")) continue
			for (k = 1; k <= n; k++) write_row(end, 60 * m[k])
		}
	}'
