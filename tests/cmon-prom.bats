load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	data=$ROOT/tests/data/alerting
}

# The samples alone, without those of the file itself.
samples() { grep -v '^#' "$@" | grep -v -e _build_info -e _newest_timestamp; }
need() { type "$1" >/dev/null 2>&1 || skip "$1 is not installed"; }
exporter() {
	need python3
	type prometheus-node-exporter >/dev/null 2>&1 || type node_exporter >/dev/null 2>&1 ||
		skip "node_exporter is not installed"
}
truth() { python3 "$ROOT/tests/prom_truth.py" "$@"; }

# Two windows of two tiers and their total.
metrics() {
	tsv tier time window requests hit_pct latency_ms_p95
	tsv '' 1795176000 300 1000 90 42.1
	tsv edge 1795176000 300 900 100 12.5
	tsv kv 1795176000 300 100 0 100
	tsv '' 1795176300 300 500 80 50
	tsv edge 1795176300 300 400 100 12
}

# refuses MESSAGE ARGS... - of standard input: 2, that message, no output.
refuses() {
	local want=$1 rc=0
	shift
	cmon-prom "$@" >out 2>err || rc=$?
	[ $rc -eq 2 ] && [ ! -s out ] && grep -qF -- "$want" err && return
	echo "$rc, not \"$want\":"
	cat err
	return 1
}
# column NAME... - refused because of those value columns.
column() { local want=$1; shift; { tsv tier time window "$@"; tsv a 1 0 "${@//*/1}"; } | refuses "$want"; }

@test "the newest row of each series, as gauges in base units" {
	metrics | cmon-prom >out
	diff out - <<-EOF
	# HELP cmon_build_info Version of cmon that wrote the file; always 1.
	# TYPE cmon_build_info gauge
	cmon_build_info{version="$(cmon-prom -V | cut -d' ' -f2)"} 1
	# HELP cmon_hit_ratio Hits over hits and misses in the window, 0 to 1.
	# TYPE cmon_hit_ratio gauge
	cmon_hit_ratio{tier="edge",window="5m"} 1
	cmon_hit_ratio{tier="kv",window="5m"} 0
	# HELP cmon_latency_quantile_seconds Time from request to last byte: quantile q over the window, not to be averaged.
	# TYPE cmon_latency_quantile_seconds gauge
	cmon_latency_quantile_seconds{tier="edge",window="5m",q="0.95"} 0.012
	cmon_latency_quantile_seconds{tier="kv",window="5m",q="0.95"} 0.1
	# HELP cmon_newest_timestamp_seconds Unix time at which the newest window ends.
	# TYPE cmon_newest_timestamp_seconds gauge
	cmon_newest_timestamp_seconds 1795176600
	# HELP cmon_requests Requests in the window.
	# TYPE cmon_requests gauge
	cmon_requests{tier="edge",window="5m"} 400
	cmon_requests{tier="kv",window="5m"} 100
	EOF
}

@test "rows may come in any order; of one time the last holds" {
	{ tsv tier time window hits; tsv a 600 60 7; tsv a 660 60 8; tsv a 660 60 9; tsv a 600 60 5; } | cmon-prom | samples >out
	[ "$(cat out)" = 'cmon_hits{tier="a",window="1m"} 9' ]
}
@test "newest is what ends last, not what starts last; each length is its own series" {
	{ tsv time window hits; tsv 0 7200 1; tsv 3600 3600 2; tsv 3660 60 3; } | cmon-prom >out
	[ "$(samples out | sort)" = 'cmon_hits{window="1h"} 2
cmon_hits{window="1m"} 3
cmon_hits{window="2h"} 1' ]
	grep -qx 'cmon_newest_timestamp_seconds 7200' out
}
@test "an empty field is no sample, also where an older row had one" {
	{ tsv tier time window hits misses; tsv a 0 60 1 2; tsv a 60 60 '' 3; } | cmon-prom | samples >out
	[ "$(cat out)" = 'cmon_misses{tier="a",window="1m"} 3' ]
}
@test "rows under another header are other columns of the same series" {
	{ metrics; tsv time window queue_depth; tsv 1795176601.5 0 17; tsv host tier time window hit_pct; tsv h kv 1795176300 300 5; } |
		cmon-prom >out
	grep -qx 'cmon_queue_depth 17' out
	grep -qx 'cmon_newest_timestamp_seconds 1795176601.5' out
	grep -qx 'cmon_hit_ratio{host="h",tier="kv",window="5m"} 0.05' out
	grep -qx 'cmon_hit_ratio{tier="kv",window="5m"} 0' out
}
@test "the order of label columns does not matter" {
	{ tsv b a time window hits; tsv 1 2 0 0 5; tsv a b time window hits; tsv 2 1 1 0 6; } | cmon-prom | samples >out
	[ "$(cat out)" = 'cmon_hits{a="2",b="1"} 6' ]
}
@test "totals are written with -T, and rows without any label column always" {
	metrics | cmon-prom -T | samples | grep requests >out
	[ "$(cat out)" = 'cmon_requests{tier="edge",window="5m"} 400
cmon_requests{tier="kv",window="5m"} 100
cmon_requests{window="5m"} 500' ]
	metrics | cut -f2- | cmon-prom | grep -qx 'cmon_requests{window="5m"} 400'
}
@test "rows of totals alone: a word about -T" {
	metrics | sed 3,4d | sed '$d' | cmon-prom 2>err | samples >out || true
	[ ! -s out ]
	grep -q 'nothing but totals in 2 rows: --total' err
}
@test "-c chooses value columns; one that no header has is trouble" {
	metrics | cmon-prom -c hit_pct,requests | samples >out
	[ "$(wc -l <out)" -eq 4 ]
	run ! grep -q latency out
	metrics | refuses '--columns: no value column "hits"' -c requests,hits
	metrics | refuses '--columns: no value column "tier"' -c tier
}
@test "-S leaves out windows that had ended, -U those that end later" {
	metrics | cmon-prom -S -5m --now 1795176600 | samples | grep requests >out
	[ "$(cat out)" = 'cmon_requests{tier="edge",window="5m"} 400' ]
	metrics | cmon-prom -U now --now 1795176599 >out
	grep -qx 'cmon_requests{tier="edge",window="5m"} 900' out
	grep -qx 'cmon_newest_timestamp_seconds 1795176300' out
	metrics | cmon-prom -U 2026-11-20T12:08:00Z | grep -qx 'cmon_newest_timestamp_seconds 1795176300'
	metrics | refuses '--since: not a time' -S yesterday
}
@test "--label is on every sample, --prefix before every name" {
	metrics | cmon-prom --label dc=a --label 'note=x"y' --prefix web_ >out
	[ "$(grep -v '^#' out | grep -cv '^web_[a-z_]*{.*dc="a",.*note="x\\"y"')" -eq 0 ]
	grep -q '^web_build_info{dc="a",note="x\\"y",version=' out
	for l in '=x' x 9=x __x=y le=x quantile=x version=2 'a"=x'; do
		metrics | refuses '--label' --label "$l"
	done
	metrics | refuses 'both become the label "tier"' --label tier=x
	metrics | refuses '--prefix' --prefix 9_
}
@test "-o names the file in what the file says of itself, so that two do not clash" {
	metrics | cmon-prom -o a.prom
	{ tsv time window queue_depth; tsv 1 0 5; } | cmon-prom -o b.prom
	grep -q '^cmon_build_info{file="a.prom",version=' a.prom
	grep -qx 'cmon_newest_timestamp_seconds{file="b.prom"} 1' b.prom
	cmon-prom --check a.prom b.prom
}
@test "no rows: build_info alone" {
	tsv tier time window requests | cmon-prom >out
	[ "$(grep -vc '^#' out)" -eq 1 ]
}

@test "every column of the manual's table has the name that stands there" {
	{ tsv time window requests hits s2xx s5xx hit_pct byte_hit_pct share_pct offload_pct bytes hit_bytes rps \
		latency_ms_p95 latency_ms_avg latency_ms_sum latency_ms_sumsq bytes_avg uniq_client cost_usd queueDepth last_success
	tsv 1 300 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; } | cmon-prom | samples >out
	diff <(sort out) <(sort <<-'EOF'
	cmon_requests{window="5m"} 1
	cmon_hits{window="5m"} 2
	cmon_responses{window="5m",code="2xx"} 3
	cmon_responses{window="5m",code="5xx"} 4
	cmon_hit_ratio{window="5m"} 0.05
	cmon_byte_hit_ratio{window="5m"} 0.06
	cmon_share_ratio{window="5m"} 0.07
	cmon_offload_ratio{window="5m"} 0.08
	cmon_response_bytes{window="5m"} 9
	cmon_hit_bytes{window="5m"} 10
	cmon_requests_per_second{window="5m"} 11
	cmon_latency_quantile_seconds{window="5m",q="0.95"} 0.012
	cmon_latency_avg_seconds{window="5m"} 0.013
	cmon_latency_sum_seconds{window="5m"} 0.014
	cmon_latency_sumsq_square_seconds{window="5m"} 1.5e-05
	cmon_response_avg_bytes{window="5m"} 16
	cmon_uniq_client{window="5m"} 17
	cmon_cost_usd{window="5m"} 18
	cmon_queue_depth{window="5m"} 19
	cmon_last_success_timestamp_seconds{window="5m"} 20
	EOF
	)
}
@test "a column that Prometheus cannot say is trouble, by name" {
	column 'column "mem_mb": Prometheus wants base units' mem_mb
	column 'column "uptime_h": Prometheus wants base units' uptime_h
	column 'column "queue_gauge": a name should not say' queue_gauge
	column 'column "größe": Prometheus' größe
	column 'column "a{b": Prometheus' 'a{b'
	column 'column "x\ny": Prometheus' 'x\ny'
	column 'the name is too long' "$(head -c 300 /dev/zero | tr '\0' x)"
	{ tsv __x time window hits; tsv a 1 0 1; } | refuses 'column "__x": a label that starts with "__" kills'
	{ tsv le time window hits; tsv a 1 0 1; } | refuses 'column "le"'
	{ tsv größe time window hits; tsv a 1 0 1; } | refuses 'column "größe"'
}
@test "columns that become one name are trouble, and both are named" {
	column 'columns "queue_depth" and "queueDepth" both become cmon_queue_depth' queue_depth queueDepth
	column 'columns "wait_ms" and "wait_s" both become cmon_wait_seconds' wait_ms wait_s
	{ tsv time window build_info; tsv 1 0 1; } | refuses 'columns "build_info" and "(of the file itself)" both'
	column 'columns of different meaning become cmon_responses' s2xx responses
	{ tsv a-b a.b time window hits; tsv 1 2 1 0 1; } | refuses '"a-b" and "a.b" both become the label "a_b"'
	{ tsv q time window latency_ms_p95; tsv 1 1 0 1; } | refuses '"q" becomes the label "q", which column "latency_ms_p95"'
	{ tsv Window time window hits; tsv 1 1 0 1; } | refuses '"Window" becomes the label "window"'
	{ tsv time window hits; tsv 1 0 1; tsv time window Hits; tsv 1 0 1; } | refuses '-:3: columns "hits" and "Hits"'
}
@test "label values: escapes undone, controls and what is no UTF-8 become U+FFFD, long ones are cut" {
	{ tsv url time window hits; tsv 'a\\b"c\n\x01\x7F\xFFé' 1 0 1; } | cmon-prom | samples >out
	[ "$(cat out)" = 'cmon_hits{url="a\\b\"c����é"} 1' ]
	long=$(head -c 1023 /dev/zero | tr '\0' x)
	{ tsv url time window hits; tsv "${long}é" 1 0 1; } | cmon-prom | samples >out
	[ "$(cat out)" = "cmon_hits{url=\"$long\"} 1" ]
	{ tsv url time window hits; tsv 'a\q' 1 0 1; } | refuses '-:2: column "url": not escaped'
}
@test "series that can no longer be told apart are trouble" {
	{ tsv url time window hits; tsv 'a\x01' 1 0 1; tsv 'a\x02' 1 0 1; } | refuses 'two series become cmon_hits{url="a'
	long=$(head -c 1024 /dev/zero | tr '\0' x)
	{ tsv url time window hits; tsv "${long}1" 1 0 1; tsv "${long}2" 1 0 1; } | refuses 'two series become cmon_hits'
}
@test "more than --max-series is trouble" {
	many() { tsv key time window hits misses; seq 6000 | awk '{ print "k" $1 "\t1\t0\t1\t2" }'; }
	many | refuses '-:5002: more than 10000 series: group by fewer labels'
	many | cmon-prom --max-series 12002 | samples >out
	[ "$(wc -l <out)" -eq 12000 ]
	{ tsv key time window hits; seq 40 | awk '{ print "k" $1 "\t1\t0\t" }'; } | refuses 'more than 7 series' --max-series 7
	metrics | refuses '--max-series' --max-series 0
}
@test "memory does not grow with rows" {
	case $CMON_BIN in */asan/*) skip "sanitizers reserve more than that" ;; esac
	rows() { tsv tier time window hits; seq 400000 | awk '{ print "edge\t" $1 "\t0\t" $1 }'; }
	(ulimit -v 32768; rows | cmon-prom | samples >out)
	[ "$(cat out)" = 'cmon_hits{tier="edge"} 400000' ]
}
@test "windows are said as durations; a negative or endless one is trouble" {
	{ tsv time window hits; for w in 0 1 90 300 3600 5400 86400 604800 0.5 0.000001; do tsv 1 $w 1; done; } |
		cmon-prom | samples | sed 's/.*hits//; s/ 1$//' | sort | tr '\n' ' ' >out
	[ "$(cat out)" = ' {window="1d"} {window="1h"} {window="1s"} {window="1us"} {window="500ms"} {window="5m"} {window="7d"} {window="90m"} {window="90s"} ' ]
	for w in -1 '' x 1e300; do
		{ tsv time window hits; tsv 1 "$w" 1; } | refuses '-:2: column "window": not a number of seconds'
	done
	{ tsv time window hits; tsv 9223372036854 9223372036854 1; } | refuses 'column "window": ends after all time'
	{ tsv time window hits; tsv -1 0 1; } | refuses 'column "time": not a number of seconds'
}
@test "a value that is no number is trouble: path:line, column" {
	for v in x nan inf -nan 0x10 1,5 1_000 1e999 ' 1' -; do
		{ tsv tier time window hits; tsv a 1 0 "$v"; } | refuses '-:2: column "hits": not a number'
	done
	{ tsv tier time window hits; tsv '' 1 0 x; } | refuses '-:2: column "hits"'
	{ tsv time window hits; tsv 1 0 -0; tsv time window misses; tsv 1 0 1e308; } | cmon-prom | samples >out
	[ "$(cat out)" = 'cmon_hits 0
cmon_misses 1e+308' ]
}
@test "events and partials are no metrics" {
	{ tsv time status bytes; tsv 1 200 5; } | refuses 'no column "window" right after "time"'
	{ tsv time hits window; tsv 1 1 5; } | refuses 'no column "window" right after "time"'
	{ tsv tier time window metric bin value; tsv edge 0 300 requests 0 1; } | refuses 'cmon-agg --merge'
}

# The old file stays, nothing else is left beside it, and the exit status is 2.
old_stays() {
	local rc=0
	echo old >x.prom
	cmon-prom -o x.prom 2>/dev/null || rc=$?
	[ $rc -eq 2 ] && [ "$(cat x.prom)" = old ] && [ "$(ls -A)" = x.prom ]
}
@test "bad or cut input leaves the old file" {
	: | old_stays
	{ metrics; tsv edge 1 2; } | old_stays
	{ metrics; tsv edge 1 300 x 1 1; } | old_stays
	{ metrics; printf 'edge\t1'; } | old_stays
	metrics | head -c -1 | old_stays
	metrics | tr r '\001' | old_stays
}
@test "-o has mode 0644 whatever the umask, and no temporary name that a collector reads" {
	umask 077
	metrics | cmon-prom -o x.prom
	[ "$(stat -c %a x.prom)" = 644 ]
	[ "$(ls -A)" = x.prom ]
}
@test "a folder that may not be written, a full disk: 2" {
	metrics | refuses ' No such file' -o no/such/x.prom
	metrics | refuses ': Is a directory' -o .
	metrics >in
	run -2 --separate-stderr bash -c 'cmon-prom in >/dev/full'
	[[ $stderr == *'No space left'* ]]
	run -2 --separate-stderr cmon-prom -o /dev/full in
	[[ $stderr == *'No space left'* ]]
	metrics | refuses '/proc/x.prom: ' -o /proc/x.prom
}

# Every figure that cmon-agg has of a real log.
all_figures() {
	cmon-parse -q "$ROOT/examples/edge.log" 2>/dev/null |
		cmon-agg -w 5m -g cache,status -T -u client -a latency_ms:avg,sum,sumsq,min,max,n,p50,p95,p99.9 -a bytes:avg,n,p50 -c "$(
			printf '%s,' requests hits stale reval misses passes synths cache_errors hit_pct miss_pct \
			    byte_hit_pct offload_pct coverage_pct share_pct errors error_pct s1xx s2xx s3xx s4xx s5xx hit_bytes)bytes,rps"
}
@test "promtool has nothing to say of all figures of a real log, nor of a script's" {
	need promtool
	all_figures | cmon-prom -T >x.prom
	[ "$(grep -vc '^#' x.prom)" -gt 300 ]
	promtool check metrics <x.prom >said 2>&1
	[ ! -s said ]
	{ tsv job instance time window queueDepth errors_total size_count x_sum y_bucket http.status-2xx wait_us_p50 KVStorage_bytes a_percent
	tsv a b 1 0 1 2 3 4 5 6 7 8 9; } | cmon-prom >y.prom
	promtool check metrics <y.prom >said 2>&1
	[ ! -s said ]
}
@test "of any table all is written and right, or nothing" {
	need python3
	truth writes cmon-prom "$(type -P promtool || echo -)" 1 400
}
@test "node_exporter takes every sample, whatever bytes the labels had" {
	exporter
	mkdir d
	all_figures | cmon-prom -T -o d/real.prom
	{
		tsv path time window value
		LC_ALL=C awk 'BEGIN {
			for (i = 1; i < 256; i++)
				if (i != 9 && i != 10 && i != 13 && i != 92)
					printf "%d%c\\x%02X\\\\\\t\\n\\r%c\t1\t60\t%s\n", i, i < 128 && i > 31 ? i : 33, i, i < 127 && i > 31 ? i : 33, (i % 2 ? "-" : "") i "e" (i % 90)
		}'
		tsv other-label time window value; tsv x 1 0 5e-324; tsv y 1 0 1.7976931348623157e308
	} | cmon-prom --prefix hostile_ -o d/hostile.prom
	truth arrives d/real.prom d/hostile.prom
	cmon-prom --check d/*.prom
}

@test "--check: a file of every type and metric that cmon documents is right" {
	run -0 cmon-prom --check "$data/cmon.prom"
	[ -z "$output" ]
	metrics | cmon-prom | cmon-prom --check
}
# The cases with a file "good.prom" beside them, as files of one folder.
write_cases() {
	printf '# HELP good_metric Good.\n# TYPE good_metric gauge\ngood_metric 1\n' >good.prom
	while IFS=$'\t' read -r name verdict _ body; do
		printf '%b' "${body//\\\\/\\0134}" >"$name.prom"
		echo "$name $verdict"
	done < <(tail -n +2 "$data/textfile_cases.tsv") >cases
}
@test "--check refuses all that node_exporter refuses or dies of, and what it drops" {
	write_cases
	while read -r name verdict; do
		rc=0
		cmon-prom --check good.prom "$name.prom" 2>>said || rc=$?
		case $rc in
		0) [ "$verdict" = accepted ] || { echo "$name is let pass"; return 1; } ;;
		1) [ "$verdict" != accepted ] || echo "$name" ;;
		*) echo "$name: $rc"; return 1 ;;
		esac
	done <cases >stricter
	[ "$(wc -l <cases)" -eq 91 ]
	# What it takes, and we refuse: the list in the manual.
	diff <(sort stricter) - <<-'EOF'
	claims_mtime_name
	claims_scrape_error
	dup_sample_identical
	dup_sample_same_file
	help_bad_utf8
	hist_bucket_float
	hist_dup_bucket
	hist_inf_ne_count
	hist_no_count
	hist_no_inf
	hist_not_cumulative
	nan_counter
	negative_counter
	reserved_le_on_gauge
	same_name_as_good_no_help
	same_name_as_good_other_help
	same_name_as_good_other_type
	same_series_as_good
	split_group
	summary_no_count
	summary_only_quantiles
	type_gauge_histogram
	EOF
	# Each says where, what, what comes of it, and what to do.
	run ! grep -vE '^cmon-prom: [a-zA-Z_0-9]+\.prom:[0-9]+: .+: .+; .+' said
}
@test "node_exporter does what the cases say" {
	exporter
	mkdir d
	truth cases "$data/textfile_cases.tsv" d
}
@test "--check agrees with node_exporter on files with random mistakes" {
	exporter
	mkdir d
	run -0 truth fuzz cmon-prom d 1 400
	[[ $output =~ ([0-9]+)' refused by node_exporter, '([0-9]+)' by us, '([0-9]+)' arrived' ]]
	[ "${BASH_REMATCH[1]}" -gt 100 ]
	[ "${BASH_REMATCH[3]}" -gt 50 ]
}
@test "--check refuses the names of node_exporter's own metrics" {
	exporter
	mkdir d
	truth own cmon-prom d
}
@test "--check says file and line, and what to do; notes only with -v" {
	printf '# HELP m h\n# TYPE m gauge\nm 1\nm{__x="1"} 2\n' >a.prom
	printf 'n 1\nm{a="x"} 1 1700000000000\n' >b.prom
	run -1 --separate-stderr cmon-prom --check a.prom b.prom
	[ -z "$output" ]
	[ "$stderr" = 'cmon-prom: a.prom:4: label __x starts with "__": node_exporter dies, and with it all metrics of the host; take another name
cmon-prom: b.prom:2: something after the value: "1700000000000": the whole file is refused; no timestamps, no exemplars: end the line there' ]
	run -0 --separate-stderr cmon-prom --check -v <(printf 'n 1\n')
	[[ $stderr == *':1: note: n has no HELP'* ]]
	run -2 cmon-prom --check ./no-such-file
}
@test "--check shows hostile bytes harmlessly, and not without end" {
	printf 'm{a="\033[31m\377"} 1\n' >a.prom
	run -1 --separate-stderr cmon-prom --check a.prom
	run ! grep -q $'\033' <<<"$stderr"
	yes 'm{' | head -n 5000 >b.prom
	run -1 --separate-stderr cmon-prom --check b.prom
	[ "$(wc -l <<<"$stderr")" -eq 21 ]
	[[ $stderr == *'b.prom: and 4980 more' ]]
}
@test "--check on rows of metrics: one sentence that says what to do" {
	{ tsv tier time window requests; for i in $(seq 30); do tsv edge $((1795176000 + i)) 60 $i; done; } >a.prom
	run -1 --separate-stderr cmon-prom --check a.prom
	[ "$stderr" = "cmon-prom: a.prom:1: rows of metrics, no text of Prometheus': the whole file is refused; without --check cmon-prom makes such text of them" ]
	cmon-parse -q -f nginx-cache "$ROOT/examples/edge.log" >b.prom
	run -1 --separate-stderr cmon-prom --check <b.prom
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	# A metric may be called time.
	printf 'time\t5\n' >c.prom
	run -0 cmon-prom --check c.prom
}
@test "--check: a file that only its owner may read" {
	printf '# HELP m h\n# TYPE m gauge\nm 1\n' >a.prom
	chmod 600 a.prom
	run -1 cmon-prom --check a.prom
	[[ $output == *'a.prom: mode 0600: the whole file is refused; chmod 0644'* ]]
}
