#!/bin/sh
# Errors over the last half hour, hour and six hours, for the rules slo_page and slo_ticket.
#
# usage: cmon-agg -m -w 5m -c requests,errors store/*.tsv | burn.sh [MINUTES]...
#
# Reads the total rows of windows of 5 minutes, with the columns requests and errors, and
# writes one row for each length, ending where the newest window that is over ends.  A window
# without a row counts as one without requests.  NOW in the environment replaces the clock.
set -eu
[ $# -gt 0 ] || set -- 30 60 360
awk -F'\t' -v now="${NOW:-$(date +%s)}" -v minutes="$*" '
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
	}
	END {
		if (failed) exit 2
		print "time\twindow\trequests\terrors\terror_pct"
		n = split(minutes, m, " ")
		for (k = 1; newest && k <= n; k++) {
			r = e = 0
			for (end in requests)
				if (end > newest - 60 * m[k]) { r += requests[end]; e += errors[end] }
			printf "%d\t%d\t%d\t%d\t%s\n", newest - 60 * m[k], 60 * m[k], r, e, r ? 100 * e / r : ""
		}
	}'
