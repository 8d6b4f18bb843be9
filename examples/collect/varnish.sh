#!/bin/sh
# What Varnish says of itself, as gauges: objects, storage, threads, what it had to refuse.
#
# usage: varnish.sh [OPTION OF varnishstat]...	as in varnish.sh -n /var/lib/varnish/edge
#
# Counters are since the child's start; varnish_uptime_s says how long that is.
set -eu
stat=$(varnishstat -1 "$@")
printf '%s\n' "$stat" | awk -v now="$(date +%s)" '
	$1 == "MAIN.uptime" { uptime = $2 }
	$1 == "MAIN.n_object" { objects = $2 }
	$1 == "MAIN.n_lru_nuked" { nuked = $2 }
	$1 == "MAIN.threads" { threads = $2 }
	$1 == "MAIN.thread_queue_len" { queue = $2 }
	$1 == "MAIN.sess_dropped" { dropped = $2 }
	$1 == "MAIN.backend_fail" { fails = $2 }
	$1 ~ /^SM[AF]\..*\.g_bytes$/ && $1 !~ /Transient/ { used += $2 }
	$1 ~ /^SM[AF]\..*\.g_space$/ && $1 !~ /Transient/ { free += $2 }
	END {
		if (uptime == "") {
			print "varnish.sh: varnishstat says nothing of MAIN.uptime" >"/dev/stderr"
			exit 2
		}
		print "time\twindow\tvarnish_uptime_s\tvarnish_objects\tvarnish_nuked\tvarnish_threads" \
		    "\tqueue_depth\tvarnish_dropped\tvarnish_backend_fails\tvarnish_used_bytes\tvarnish_used_pct"
		printf "%s\t0\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.0f\t%s\n", now, uptime, objects, nuked, threads,
		    queue, dropped, fails, used, used + free ? 100 * used / (used + free) : ""
	}'
