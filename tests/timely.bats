# With examples/crontab an alert is out within 15 minutes of the breach: each rule of
# examples/rules.tsv, time being an argument.
#
# A breach is that the figure stands 2 % or more over its threshold (of a quantile: 7 % more than
# its share of the requests are slow, or 3000 requests need not show it).  It may begin at any second
# of the five minutes of a run, and then shows in the first window that lies in it wholly; one
# that misses at most LATE of its 300 seconds is over the threshold, too, hence the 2 %.
load helper
load servers
load cron

T=1795176000	# 2026-11-20 12:00:00
MOST=900	# seconds from the breach to the mail
LATE=5		# seconds from the minute of a run to its mail

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }
teardown() { stop_servers; }

# rule ID COLUMN - of examples/rules.tsv.
rule() {
	awk -F'\t' -v id="$1" -v c="$2" '/^#/ { next }
		!("id" in at) { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == id { print $at[c] }' "$ROOT/examples/rules.tsv"
}
all_rules() { awk -F'\t' '!/^#/ && n++ { print $1 }' "$ROOT/examples/rules.tsv"; }

# How often the crontab runs the alerts and reads gauges, and how wide its windows are.
crontab_says() {
	PERIOD=$(sed -n 's|^\*/\([0-9]*\) .*cmon-alert.*|\1|p' "$ROOT/examples/crontab")
	WINDOW=$(sed -n 's|.*\$AGG -w \([0-9]*\)m .*|\1|p' "$ROOT/examples/crontab")
	GAUGES=$(sed -n 's|^#\([0-9]*\)-59/5 .*gauges --.*|\1|p' "$ROOT/examples/crontab")
}

# worst KIND FOR - the longest time from a breach to its mail, over all seconds in which it may begin.
worst() {
	awk -v kind="$1" -v hold="$2" -v P=$((PERIOD * 60)) -v W=$((WINDOW * 60)) -v G=$((GAUGES * 60)) -v R=$LATE '
		function up(x, m) { return int((x + m - 1) / m) * m }
		BEGIN {
			more = up(hold - (hold < P ? hold : P) / 10, P)	# cmon-alert(1): a tenth may be missing
			for (s = 0; s < P; s++) {
				if (kind == "window") shown = up(up(s > R ? s - R : 0, W) + W, P)
				if (kind == "gauge") shown = up(up(s > G ? s - G : 0, P) + G, P)
				if (kind == "age") shown = up(s, P)
				took = shown + more + R - s
				if (took > most) most = took
			}
			print most
		}'
}

# What a rule looks at: rows of windows, gauges, or the age of something.
kind() {
	case $(rule "$1" condition) in
	age\(* | lag\(* | exit_status*) echo age ;;
	queue_depth* | kv_bytes* | db_connection_errors*) echo gauge ;;
	*) echo window ;;
	esac
}

# job_failing is like job_stale: that it has lasted so long is the breach itself.
hold() { case $1 in job_failing) echo 0 ;; *) seconds "$(rule "$1" for)" ;; esac; }
seconds() { awk -v d="${1:-0}" 'BEGIN { n = d + 0; print d ~ /m$/ ? 60 * n : d ~ /h$/ ? 3600 * n : n }'; }

@test "by calculation: every rule, a breach at every second" {
	crontab_says
	[ "$PERIOD $WINDOW $GAUGES" = "5 5 4" ]
	n=0
	for id in $(all_rules); do
		most=$(worst "$(kind "$id")" "$(hold "$id")")
		echo "$id: $most s at most"
		[ "$most" -le $MOST ]
		n=$((n + 1))
	done
	[ $n -eq 17 ]
	# The calculation can say no.
	[ "$(worst window 600)" -gt $MOST ]
}

# traffic FROM TO ARGS... - more of the log, from and to in seconds after T.
traffic() { nginx_lines $((T + $1)) $((T + $2)) "${@:3}" >>all; }

# told ID AT... - the second after T at which a mail names the rule; AT... are what happens when.
# Runs the crontab at each tick with all of the log and the gauges that are there by then.
told() {
	local id=$1 tick
	for tick in "${TICKS[@]}"; do
		awk -F'\t' -v now=$((T + tick + CRON_LATE)) '$1 < now { print $2 }' all >var/log/nginx/access.log
		[ -z "$GAUGE" ] || sample $((tick - 60 * (PERIOD - GAUGES)))
		run -0 --separate-stderr cron_at $((T + tick))
		[ "$output$stderr" = "" ] || { echo "at $tick: $output$stderr" >&2; return 1; }
		if grep -qs "^\[FIRING [a-z]*\] $id\([^a-z_].*\)\?$" box/*.eml; then echo $((tick + CRON_LATE)); return; fi
	done
	echo "$id was never told" >&2; cat var/lib/cmon/alerts >&2
	return 1
}

# sample SECOND - the gauge that the crontab's line would have written then.
sample() {
	local v=$LOW
	[ "$1" -lt "$BREACH" ] || v=$HIGH
	{ tsv time window "$GAUGE"; tsv $((T + $1)) 0 "$v"; } >var/lib/cmon/test.gauges
}

# check ID BREACH... - a breach at each of these seconds after T, made by make_ID or of a GAUGE, is told in time.
check() {
	local id=$1 most at
	need_aiosmtpd
	crontab_says
	most=$(worst "$(kind "$id")" "$(hold "$id")")
	for BREACH in "${@:2}"; do
		rm -rf var etc box all; mkdir box
		TICKS=(0 300 600 900 1200 1500)
		start_server smtp_sink.py "$PWD/box" notls
		cron_install tab "$port" clock
		: >all
		if [ -n "$GAUGE" ]; then traffic -300 1800 rate=1; else "make_$id" "$BREACH"; fi
		at=$(told "$id") || return 1
		echo "$id: breach at $BREACH, told at $at, $((at - BREACH)) s later; at most $most"
		[ $((at - BREACH)) -ge 0 ] && [ $((at - BREACH)) -le "$most" ] || return 1
		stop_servers
	done
}

# sudden BREACH ARGS... - healthy until then.
sudden() { traffic -600 "$1" rate=10 miss=0.05; traffic "$1" 1800 rate=10 miss=0.05 "${@:2}"; }

make_miss_critical() { sudden "$1" miss=0.153; }
make_miss_warning() { sudden "$1" miss=0.103; }
make_p99_critical() { sudden "$1" slow=0.0107 slowms=600; }
make_p95_warning() { sudden "$1" slow=0.0515 slowms=150; }
make_origin_slow() { sudden "$1" oms=2100; }
make_error_critical() { sudden "$1" err=0.0515; }
make_edge_share() { sudden "$1" miss=0.27; }

# A window that the breach began in shows it only if it began at once.
S="0 5 20 150 299"

GAUGE=
# shellcheck disable=SC2086
@test "miss_critical" { check miss_critical $S; }
@test "miss_warning" { check miss_warning 20 299; }
@test "p99_critical" { check p99_critical 20 299; }
@test "p95_warning" { check p95_warning 20 299; }
@test "origin_slow" { check origin_slow 20 299; }
@test "error_critical" { check error_critical 20 299; }
@test "edge_share" { check edge_share 20 299; }
@test "queue_critical and queue_warning" {
	GAUGE=queue_depth LOW=1000 HIGH=1021
	check queue_warning 0 241 299
	check queue_critical 0 241 299
}
@test "kv_size" { GAUGE=kv_bytes LOW=1000000000 HIGH=1020000000; check kv_size 241; }
@test "db_connections" { GAUGE=db_connection_errors LOW=10 HIGH=11; check db_connections 241; }

# Half of all fail from second 6 on: of an hour, 1.44 % then have after 104 s.
make_slo_page() { traffic -3600 6 rate=2; traffic 6 1800 rate=2 err=0.5; }
@test "slo_page: from when both of its windows are over" { check slo_page 110; }

# 0.55 % fail for six hours, then 1.2 %: the six hours are over 0.6 % after 1662 s, half an hour before.
make_slo_ticket() {
	traffic -21900 6 rate=2 err=0.0055; traffic 6 3600 rate=2 err=0.012
	TICKS=(0 900 1200 1500 1800 2100 2400)
}
@test "slo_ticket: from when both of its windows are over" { check slo_ticket 1668; }

# No line after second 299: the lag of the window that ends at 300 is 15 minutes at 1200.
make_log_stale() { traffic -21600 300 rate=1; }
@test "log_stale: from when the log has stood for 15 minutes" { check log_stale 1200; }

# Of a site with too few requests for log_stale.
make_log_silent() { traffic -300 300 rate=1; TICKS=(0 3300 6300 9300 12300 15300 18300 21300 21600 21900 22200); }
@test "log_silent: from when the log has stood for 6 hours" { check log_silent 21900; }

# The report succeeded 26 hours before second 299.
make_job_stale() {
	traffic -300 1800 rate=1
	cmon-job -s var/lib/cmon/jobs.tsv --now $((T + 299 - 26 * 3600)) report -- true
}
@test "job_stale: from when the last success is 26 hours ago" { check job_stale 299; }

# It never succeeded, and was tried again once a day.
make_job_failing() {
	traffic -300 1800 rate=1
	cmon-job -s var/lib/cmon/jobs.tsv --now $T report -- false 2>/dev/null || :
	mapfile -t TICKS < <(seq 0 3600 93600)
	TICKS+=(93900)
}
@test "job_failing: from when it has failed for 26 hours" { check job_failing 93600; }

@test "a run of the crontab's line takes less than the seconds that are allowed for it" {
	need_aiosmtpd
	mkdir box
	start_server smtp_sink.py "$PWD/box" notls
	cron_install tab "$port" clock
	nginx_lines $((T - 3600)) $T rate=10 err=0.5 | cut -f 2- >var/log/nginx/access.log
	# Of the processor: others may be at work here.
	TIMEFORMAT='%U %S'
	{ time cron_at $T; } 2>took
	grep -q slo_page box/*.eml
	awk -v most=$((LATE - CRON_LATE)) '{ print "took", $1 + $2; exit !($1 + $2 <= most) }' took
}
