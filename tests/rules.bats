# examples/rules.tsv, each rule tried against logs in which it must fire and in which it must not.
load helper

T=1795176000	# 2026-11-20 12:00:00

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; : >log; cp "$ROOT/examples/rules.tsv" r; }

# log FROM TO NAME=VALUE... - the requests of these minutes, spread evenly.
#   n		requests a minute
#   edge kv r2	how many in 1000 come from there; the rest from the origin; edge=- is a site
#		with one layer, of which kv in 1000 miss
#   err		how many in 1000 of those at the end of the line fail
#   ms slow slowms	milliseconds; slow in 1000 take slowms
#   oms		milliseconds of the origin
log() {
	local from=$1 to=$2
	shift 2
	awk -v a=$((T + 60 * from)) -v b=$((T + 60 * to)) -v args="$*" 'BEGIN {
		p["n"] = 600; p["edge"] = 800; p["kv"] = 120; p["r2"] = 20; p["err"] = 0
		p["ms"] = 10; p["slow"] = 0; p["slowms"] = 0; p["oms"] = 90
		n = split(args, w, " ")
		for (k = 1; k <= n; k++) { split(w[k], x, "="); p[x[1]] = x[2] }
		total = p["n"] * (b - a) / 60
		for (i = 0; i < total; i++) {
			u = i * 377 % 1000; v = int(i / 7) * 613 % 1000
			ms = v < p["slow"] ? p["slowms"] : p["ms"]
			if (p["edge"] == "-") cache = u < p["kv"] ? "miss" : "hit"
			else if (u < p["edge"]) cache = "edge_hit"
			else if (u < p["edge"] + p["kv"]) cache = "kv_hit"
			else if (u < p["edge"] + p["kv"] + p["r2"]) cache = "r2_rehydrated"
			else { cache = "api_miss"; ms = p["oms"] }
			printf("{\"time\":%.3f,\"status\":%d,\"latency_ms\":%s,\"cache\":\"%s\",\"url\":\"/%d\",\"bytes\":100}\n",
			    a + i * (b - a) / total, (u >= 1000 - p["err"]) ? 503 : 200, ms, cache, i % 50)
		}
	}' >>log
}

# metrics MINUTE - what cron would have handed on at that minute.
metrics() {
	local tiers=()
	grep -q 'edge_hit\|kv_hit' log && tiers=(-g tier -T --expect "tier=edge,kv,r2_cold,origin")
	cmon-parse -q -f json log | awk -F'\t' -v now=$((T + 60 * $1)) 'NR == 1 || $1 < now' |
		cmon-agg -w 5m "${tiers[@]}" -c requests,errors,hit_pct,miss_pct,share_pct,error_pct -a latency_ms:p95,p99
}

# loud MINUTE... - the alerts that sound after runs at these minutes, by name.
loud() {
	local m
	for m; do
		{ metrics "$m"; [ ! -e gauges ] || cat gauges; } >in
		cmon-alert -r r -s state --now $((T + 60 * m)) in >out
	done
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["state"] == "firing" && $at["muted_by"] == "" { print $at["rule"] }' out | paste -sd ' '
}

# gauge NAME VALUE - as examples/collect would have printed it every 5 minutes.
gauge() {
	tsv time window "$1"
	for m in 0 5 10 15 20; do tsv $((T + 60 * m)) 0 "$2"; done
}

@test "the files of examples are valid, and each rule says what it means, whence, and what to do" {
	run -0 cmon-alert --check -r "$ROOT/examples/rules.tsv" -i 2m; [ -z "$output" ]
	# With the interval of the crontab there is a note: a "for" of 2 minutes takes 5.
	run -0 cmon-alert --check -r "$ROOT/examples/rules.tsv" -i 5m; [ "${#lines[@]}" -eq 1 ]
	run -0 cmon-alert --check -r "$ROOT/examples/targets.tsv"; [ -z "$output" ]
	grep -v '^#' r | awk -F'\t' 'NR > 1 && ($(NF - 2) == "" || $(NF - 1) == "" || $NF == "" || NF != 17) { print; bad = 1 }
		END { exit bad }'
}
@test "three tiers in health: nothing sounds" {
	log 0 20; run -0 loud 5 10 15 20; [ "$output" = "" ]
	# That is no lack of data: the figures were judged.
	[ "$(awk -F'\t' '$2 == "inactive" && $16 == "" { print $4 }' out | paste -sd ' ')" = \
	    "edge_share error_critical log_silent log_silent.nodata log_stale miss_critical miss_warning origin_slow p95_warning p99_critical slo_page" ]
}
@test "one tier in health: nothing sounds" {
	log 0 20 edge=- kv=80; run -0 loud 5 10 15 20; [ "$output" = "" ]
}
@test "a small site, whose few requests miss, fail and dawdle: nothing sounds" {
	log 0 20 n=8 edge=- kv=400 ms=900 err=100; run -0 loud 5 10 15 20; [ "$output" = "" ]
	log 20 40 n=8 edge=300 kv=100 ms=900 err=100; run -0 loud 25 30 35 40; [ "$output" = "" ]
}
@test "miss_pct over 15: critical after 5 minutes, and the warning is muted" {
	log 0 5; log 5 20 edge=760 kv=40
	run -0 loud 5 10; [ "$output" = "" ]
	run -0 loud 15; [ "$output" = "miss_critical" ]
	grep -q '	firing	warning	miss_warning	.*	rule:miss_critical	' out
	log 20 35; run -0 loud 20 25 30; [ "$output" = "" ]
}
@test "miss_pct over 15 of one tier" {
	log 0 10 edge=- kv=160; run -0 loud 5 10; [ "$output" = "miss_critical" ]
}
@test "miss_pct from 10 to 15: a warning" {
	log 0 10 edge=760 kv=110; run -0 loud 5 10; [ "$output" = "miss_warning" ]
	: >log; rm state; log 0 10 edge=- kv=90; run -0 loud 5 10; [ "$output" = "" ]
}
@test "p99 over 500 ms: critical; 500 ms are not" {
	log 0 10 slow=20 slowms=600; run -0 loud 5 10; [ "$output" = "p99_critical" ]
	: >log; rm state; log 0 10 slow=20 slowms=490; run -0 loud 5 10; [ "$output" = "" ]
	: >log; rm state; log 0 10 slow=5 slowms=5000; run -0 loud 5 10; [ "$output" = "" ]
}
@test "p95 over 100 ms: a warning, muted by the critical" {
	log 0 10 slow=80 slowms=150; run -0 loud 5 10; [ "$output" = "p95_warning" ]
	: >log; rm state; log 0 10 slow=80 slowms=600; run -0 loud 5 10; [ "$output" = "p99_critical" ]
}
@test "an origin that takes over 2000 ms for 5 minutes: critical, though few requests reach it" {
	log 0 10 n=3000 edge=830 kv=150 r2=16 oms=2500; run -0 loud 5; [ "$output" = "" ]
	run -0 loud 10; [ "$output" = "origin_slow" ]
}
@test "error_pct over 5 for 5 minutes: critical; for less: nothing" {
	log 0 10 err=60; run -0 loud 5; [ "$output" = "" ]
	run -0 loud 10; [ "$output" = "error_critical" ]
	: >log; rm state; log 0 5 err=60; log 5 15; run -0 loud 5 10 15; [ "$output" = "" ]
	: >log; rm state; log 0 10 err=45; run -0 loud 5 10; [ "$output" = "" ]
}
@test "a dead edge: its share is 0, not missing" {
	log 0 5; log 5 15 edge=0 kv=930 r2=20
	run -0 loud 5 10 15; [ "$output" = "edge_share" ]
	grep -q '	firing	warning	edge_share		0	75	' out
}
@test "an edge that serves under 75 %: a warning" {
	log 0 10 edge=740 kv=190; run -0 loud 5 10; [ "$output" = "edge_share" ]
}
@test "queue_depth over 1000: a warning at once, critical after 5 minutes" {
	log 0 20; gauge queue_depth 1001 >gauges
	run -0 loud 5; [ "$output" = "queue_warning" ]
	run -0 loud 10; [ "$output" = "queue_critical" ]
	gauge queue_depth 1000 >gauges; rm state; run -0 loud 5 10; [ "$output" = "" ]
}
@test "kv_bytes over 1 GB: a warning" {
	log 0 20; gauge kv_bytes 1000000001 >gauges; run -0 loud 5; [ "$output" = "kv_size" ]
	gauge kv_bytes 1000000000 >gauges; rm state; run -0 loud 5; [ "$output" = "" ]
}
@test "more than 10 database connection errors for 2 minutes: critical" {
	log 0 20; gauge db_connection_errors 11 >gauges
	run -0 loud 5; [ "$output" = "" ]
	run -0 loud 10; [ "$output" = "db_connections" ]
	gauge db_connection_errors 10 >gauges; rm state; run -0 loud 5 10; [ "$output" = "" ]
}
# past - what the rules would have said of all of the log, with the rows that burn.sh adds or without.
past() {
	metrics 100000 >figures
	{ cat figures; NOW=$((T + 6000000)) "$ROOT/examples/collect/burn.sh" -a <figures; } |
		cmon-alert -r r --backfill --now $((T + 6000000)) 2>/dev/null >full
	cmon-alert -r r --backfill --now $((T + 6000000)) figures 2>/dev/null >bare
	awk -F'\t' -v T=$T 'FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["rule"] ~ /^log/ { print $at["rule"], $at["state"], ($at["time"] - T) / 60 }' full bare
}
@test "a log that stands still: critical after 15 minutes, until it goes on; no rows at all: at once" {
	log 0 360 n=40 edge=-; log 480 500 n=40 edge=-
	run -0 past
	[ "$output" = "$(printf 'log_stale firing 380\nlog_stale resolved 485')" ]
	# As by runs of cron.
	mv log all; head -n 14400 all >log
	for m in 375 380 425 470; do
		metrics $m >figures
		NOW=$((T + 60 * m)) "$ROOT/examples/collect/burn.sh" <figures >burnt
		cat figures burnt >in
		cmon-alert -r r -s state --now $((T + 60 * m)) in >out
		awk -F'\t' '$4 ~ /^log/ && $2 == "firing" { print $4 }' out
	done >o
	[ "$(paste -sd ' ' o)" = "log_stale log_stale log_stale" ]
	tsv time window requests >in
	cmon-alert -r r -s state2 --now $((T + 1800)) in >out
	grep -q '	firing	critical	log_silent.nodata	' out
}
@test "a log of a quiet site that stands still for a while: nothing; for six hours: critical" {
	# Six requests an hour, one after the other or all at once.
	for i in $(seq 0 8); do log $((60 * i + i)) $((60 * i + i + 7 * i)) n=$((i ? 1 : 6)) edge=-; done
	run -0 past; [ "$output" = "" ]
	: >log; for m in $(seq 0 10 480); do log $m $((m + 1)) n=1 edge=-; done
	run -0 past; [ "$output" = "" ]
	# A visit of 60 requests each quarter of an hour or so, and in the night a crawler.
	: >log; for m in 0 11 31 48 55 80 102 140 144 170 204 220 222 260 300 306 330 351 390; do log $m $((m + 2)) n=30 edge=-; done
	log 420 430 n=400 edge=-; log 480 482 n=30 edge=-
	run -0 past; [ "$output" = "" ]
	log 900 905 n=10 edge=-
	run -0 past
	[ "$output" = "$(printf 'log_silent firing 850\nlog_silent resolved 905\nlog_silent firing 850\nlog_silent resolved 905')" ]
}
@test "errors that last burn the objective: a page, or a ticket; a spark does neither" {
	# 2 % for an hour: below error_critical, above 14.4 times 0.1 %.
	log 0 60 n=60 err=20; NOW=$((T + 3600))
	{ metrics 60; metrics 60 | NOW=$NOW "$ROOT/examples/collect/burn.sh"; } >in
	cmon-alert -r r -s state --now $NOW in | awk -F'\t' '$2 == "firing" { print $4, $15 }' >o
	[ "$(cat o)" = "$(printf 'slo_page \nslo_ticket rule:slo_page')" ]
	# 0.8 %: a ticket alone.
	: >log; rm state; log 0 60 n=120 err=8
	{ metrics 60; metrics 60 | NOW=$NOW "$ROOT/examples/collect/burn.sh"; } >in
	cmon-alert -r r -s state --now $NOW in | awk -F'\t' '$2 == "firing" { print $4, $15 }' >o
	[ "$(cat o)" = "slo_ticket " ]
	# All of it in the first ten minutes of the hour.
	: >log; rm state; log 0 10 n=60 err=200; log 10 60 n=60
	{ metrics 60; metrics 60 | NOW=$NOW "$ROOT/examples/collect/burn.sh"; } >in
	cmon-alert -r r -s state --now $NOW in | awk -F'\t' '$2 == "firing" { print $4, $15 }' >o
	[ ! -s o ]
}
# each SITUATION... - rows of "alerts|log": the log of ten minutes with SITUATION makes these sound.
each() {
	local want args
	while IFS='|' read -r want args; do
		: >log; rm -f state*
		# shellcheck disable=SC2086
		log 0 10 "$@" $args
		run -0 loud 5 10
		[ "$output" = "$want" ] || { echo "$* $args: \"$output\", not \"$want\""; return 1; }
	done
}
@test "one tier: each rule sees there what it sees with three" {
	each edge=- <<-END
	|kv=80
	miss_critical|kv=160
	miss_warning|kv=120
	p99_critical|kv=80 slow=20 slowms=600
	p95_warning|kv=80 slow=80 slowms=150
	error_critical|kv=80 err=60
	error_critical miss_critical p99_critical|kv=200 err=60 slow=100 slowms=700
	END
}
@test "a dead edge behind which more goes wrong: each rule goes on" {
	each edge=0 kv=930 r2=20 <<-END
	edge_share|
	edge_share miss_critical|kv=830
	edge_share p99_critical|slow=20 slowms=600
	edge_share p95_warning|slow=80 slowms=150
	edge_share error_critical|err=60
	edge_share origin_slow|n=3000 kv=975 r2=20 oms=2500
	END
}
@test "a small site: no rule fires on what a few requests say, and it says so" {
	for tiers in edge=- edge=300; do
		each n=8 $tiers <<-END
		|kv=400
		|kv=600 ms=900
		|kv=80 slow=80 slowms=900
		|kv=80 err=200
		|kv=580 oms=5000
		END
	done
	[ "$(awk -F'\t' '$16 == "few" { print $4 }' out | paste -sd ' ')" = "error_critical miss_critical miss_warning origin_slow p95_warning p99_critical" ]
	# With ten times as many it is no small site.
	each n=80 edge=- <<<"error_critical|kv=80 err=200"
}
@test "a small site is not paged for one error in 40 requests; if they last, there is a ticket" {
	log 0 60 n=8 edge=- kv=80 err=30; NOW=$((T + 3600))
	{ metrics 60; metrics 60 | NOW=$NOW "$ROOT/examples/collect/burn.sh"; } >in
	cmon-alert -r r -s state --now $NOW in >out
	[ "$(awk -F'\t' '$2 == "firing" { print $4 }' out)" = slo_ticket ]
	# It is over the thresholds all the same.
	[ "$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		/^#/ { next } $at["rule"] == "slo_page" { print ($at["value"] > 1.44), $at["flags"] }' out)" = "1 few" ]
}
@test "a job that has not succeeded for 26 hours: a warning; one that has, or that never ran: nothing" {
	log 0 10
	cmon-job -s jobs --now $((T - 26 * 3600 + 600)) report -- true
	cp jobs gauges; run -0 loud 5 10; [ "$output" = "" ]
	cmon-job -s jobs --now $((T + 600)) report -- false || :
	cmon-job -s jobs --now $((T + 600)) figures -- true
	cp jobs gauges; run -0 loud 15; [ "$output" = "job_stale" ]
	grep -q 'job_stale	job="report"' out
	cmon-job -s jobs --now $((T + 900)) report -- true
	cp jobs gauges; run -0 loud 20; [ "$output" = "" ]
}
@test "a job that fails from its first day on: a warning after 26 hours; one that failed once: nothing" {
	rows() { { metrics 10; cat jobs; } >in; cmon-alert -r r -s state --now "$1" in | awk -F'\t' '$2 == "firing" && $4 ~ /^job/ { print $4, $5, $15 }'; }
	log 0 10
	cmon-job -s jobs --now $((T - 27 * 3600)) report -- true
	for h in $(seq 0 30); do
		# Each morning, and each hour.
		[ $((h % 24)) -ne 0 ] || cmon-job -s jobs --now $((T + 3600 * h)) never -- false 2>/dev/null || :
		[ $h -ne 0 ] || cmon-job -s jobs --now $T once -- false 2>/dev/null || :
		[ $h -ne 24 ] || cmon-job -s jobs --now $((T + 86400)) once -- true
		cmon-job -s jobs --now $((T + 3600 * h)) report -- false 2>/dev/null || :
		rows $((T + 3600 * h + 10)) >o.$h
	done
	# What job_stale tells of, job_failing does not tell again.
	[ "$(cat o.25)" = 'job_stale job="report" ' ]
	[ "$(cat o.26)" = "$(printf 'job_failing job="never" \njob_failing job="report" rule:job_stale\njob_stale job="report" ')" ]
	cmon-job -s jobs --now $((T + 31 * 3600)) never -- true
	[ "$(rows $((T + 31 * 3600 + 10)) | grep -c never)" -eq 0 ]
}
@test "the numbers are those that were asked for" {
	awk -F'\t' '!/^#/ { print $1, $2, $3, $4, $6 }' r | sed 's/  */ /g; s/ $//' >o
	for row in 'miss_critical critical miss_pct > 15% 5m' 'miss_warning warning miss_pct > 10% 5m' \
	    'p99_critical critical latency_ms_p99 > 500ms 5m' 'p95_warning warning latency_ms_p95 > 100ms 5m' \
	    'origin_slow critical latency_ms_p99{tier=origin} > 2000ms 5m' 'error_critical critical error_pct > 5% 5m' \
	    'edge_share warning share_pct{tier=edge} < & requests >= 200 75% 5m' \
	    'queue_critical critical queue_depth > 1000 5m' 'queue_warning warning queue_depth > 1000' \
	    'kv_size warning kv_bytes > 1GB' 'db_connections critical db_connection_errors > 10 2m' \
	    'log_stale critical lag(requests) > & requests{window=1h} >= 2000 & requests{window=6h} >= 12000 15m' \
	    'log_silent critical lag(requests) > 6h' 'job_stale warning age(last_success{job=*}) > 26h' \
	    'job_failing warning exit_status{job=*} != 0 26h' \
	    'slo_page critical error_pct{window=1h} > & error_pct{window=5m} > 1.44%' \
	    'slo_ticket warning error_pct{window=6h} > & error_pct{window=30m} > 0.6%'; do
		grep -qxF "$row" o || { echo "$row"; cat o; false; }
	done
	awk -F'\t' '!/^#/ { print $1, $3, $4 }' "$ROOT/examples/targets.tsv" >o
	for row in 'hit hit_pct < 95%' 'edge share_pct{tier=edge} < 80%' 'p95 latency_ms_p95 > 50ms' \
	    'errors error_pct > 1%' 'uptime uptime_pct < 99.9%'; do
		grep -qxF "$row" o
	done
}
@test "targets: each can be met and missed" {
	# missed ARGS... - the targets that are, on such a log.
	missed() {
		: >log; rm -f t*
		log 0 5 "${@:2}"
		{ metrics 5; tsv time window uptime_pct; tsv $((T + 300)) 0 "$1"; } >in
		cmon-alert -r "$ROOT/examples/targets.tsv" -s t --now $((T + 300)) in |
			awk -F'\t' '$2 == "firing" { print $4 }' | paste -sd ' '
	}
	[ "$(missed 99.9 edge=900 kv=80 r2=10)" = "" ]
	[ "$(missed 99.89 edge=900 kv=80 r2=10)" = uptime ]
	[ "$(missed 100 edge=900 kv=40 r2=10)" = hit ]
	[ "$(missed 100 edge=790 kv=190 r2=10)" = edge ]
	[ "$(missed 100 edge=900 kv=80 r2=10 ms=60)" = p95 ]
	[ "$(missed 100 edge=900 kv=80 r2=10 err=11)" = errors ]
}
@test "targets: what is missed fires, what is met does not" {
	log 0 5; metrics 5 >in
	cmon-alert -r "$ROOT/examples/targets.tsv" -s state --now $((T + 300)) in |
		awk -F'\t' 'NR > 1 { print $4, $2, $16 }' >o
	[ "$(paste -sd, o)" = "edge inactive ,errors inactive ,hit firing ,p95 firing ,uptime inactive nodata" ]
}
