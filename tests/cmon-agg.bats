load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# events N SEED SPAN_S - rows as cmon-parse might write them.
events() {
	awk -v n="$1" -v seed="$2" -v span="$3" '
	function pick(list,   a, k) { k = split(list, a, " "); return a[1 + int(rand() * k)] }
	BEGIN {
		OFS = "\t"; srand(seed)
		print "time", "url", "status", "bytes", "latency_ms", "tier", "cache", "client", "ttfb_s"
		for (i = 0; i < n; i++) {
			word = pick("hit hit hit hit hit miss miss stale reval pass synth error -")
			tier = pick("edge edge edge kv kv r2_cold origin -")
			lat = rand() < .03 ? "" : sprintf("%.3f", exp(3 * (rand() + rand() + rand()) - 3))
			printf "%.3f\t/obj/%d\t%d\t%s\t%s\t%s\t%s\t10.0.0.%d\t%s\n",
			    1795176000 + int(i * span * 1000 / n) / 1000, exp(rand() * 7),
			    pick("200 200 200 206 301 304 404 500 503 101 0"),
			    rand() < .02 ? "" : int(exp(rand() * 16)), lat,
			    tier == "-" ? "" : tier, word == "-" ? "" : word, rand() * 250,
			    rand() < .5 ? "" : sprintf("%.6f", rand() / 100)
		}
	}'
}

# field FILE ROW NAME - by the header.
field() {
	awk -F'\t' -v row="$2" -v name="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i }
		NR == row + 1 { print $c }' "$1"
}

every=requests,hits,stale,reval,misses,passes,synths,cache_errors,hit_pct,miss_pct,byte_hit_pct
every+=,offload_pct,coverage_pct,share_pct,errors,error_pct,s1xx,s2xx,s3xx,s4xx,s5xx,bytes,hit_bytes,miss_bytes,origin,rps
every+=,latency_ms_n,latency_ms_sum,latency_ms_sumsq,latency_ms_min,latency_ms_max,latency_ms_avg
every+=,latency_ms_p0,latency_ms_p1,latency_ms_p50,latency_ms_p95,latency_ms_p99.9,latency_ms_p100
every+=,bytes_avg,bytes_p50,bytes_sumsq,ttfb_s_avg,ttfb_s_p50,ttfb_s_p99,ttfb_s_sum

@test "cmon-agg: a plain case, by hand" {
	{
		tsv time tier cache status bytes latency_ms
		tsv 1795176001 edge hit 200 300 1.5
		tsv 1795176059.999 edge miss 200 100 20
		tsv 1795176060 kv hit 500 0 ''
	} | cmon-agg -w 1m -g tier -T -a latency_ms:avg,p50,max >got
	{
		tsv tier time window requests share_pct hit_pct byte_hit_pct error_pct coverage_pct bytes \
			latency_ms_avg latency_ms_p50 latency_ms_max
		tsv '' 1795176000 60 2 100 50 75 0 100 400 10.75 1.5 20
		tsv edge 1795176000 60 2 100 50 75 0 100 400 10.75 1.5 20
		tsv '' 1795176060 60 1 100 100 '' 100 100 0 '' '' ''
		tsv kv 1795176060 60 1 100 100 '' 100 100 0 '' '' ''
	} >want
	diff got want
}

@test "cmon-agg: every figure agrees with fractions and sorting, with windows, labels and totals" {
	events 3000 1 7200 >ev
	cmon-agg -c "$every" -g tier,cache -T -w 10m ev >got
	"$ROOT/tests/agg-truth.py" ev got tier cache
}

@test "cmon-agg: every figure agrees for the input as one window, and the weight multiplies all" {
	events 3000 2 900 | awk -F'\t' -v OFS='\t' '
		{ print $0, NR == 1 ? "weight" : NR % 7 == 0 ? "" : NR % 5 }' >ev
	cmon-agg -c "$every" ev >got
	"$ROOT/tests/agg-truth.py" ev got
}

@test "cmon-agg: the order of the input does not matter" {
	events 5000 3 86400 >ev
	{ head -n 1 ev; tail -n +2 ev | sort -t"$(printf '\t')" -k2,2 -k3,3; } >shuffled
	cmon-agg -w 5m -g tier -T -u client ev >a
	cmon-agg -w 5m -g tier -T -u client shuffled >b
	cmp a b
}

@test "cmon-agg: the default leaves out what the input has not; asking for it by name is an error" {
	{ tsv time status; tsv 1 200; } >ev
	cmon-agg ev >got
	diff got <(tsv time window requests share_pct error_pct; tsv 1 1 1 100 0)
	run -2 cmon-agg -c hit_pct ev
	[[ $output == 'cmon-agg: column "hit_pct": the input has not what it comes from, "cache"' ]]
	run -2 cmon-agg -a latency_ms ev
	[[ $output == *'column "latency_ms_avg"'* ]]
	run -2 cmon-agg -g tier ev
	[[ $output == *'label "tier": the input has no such column: cmon-parse --tier gives it' ]]
}

@test "cmon-agg: a later header may bring columns, and take them away" {
	{
		tsv time status; tsv 1 200
		tsv time latency_ms cache; tsv 2 4 hit
		tsv cache time; tsv miss 3
	} >ev
	cmon-agg -c requests,hit_pct,error_pct,latency_ms_max ev >got
	diff got <(tsv time window requests hit_pct error_pct latency_ms_max; tsv 1 3 3 50 0 4)
	cmon-agg -a latency_ms:max ev >all
	[ "$(field all 1 hit_pct)" = 50 ]
	[ "$(field all 1 latency_ms_max)" = 4 ]
}

@test "cmon-agg: header only gives header only" {
	tsv time cache latency_ms | cmon-agg -w 1m -g cache -T >got
	[ "$(wc -l <got)" -eq 1 ]
	[ "$(cut -f 1-4 got)" = "$(tsv cache time window requests)" ]
}

@test "cmon-agg: a label that an event lacks is (none)" {
	{ tsv time tier; tsv 1 ''; tsv 2 edge; tsv time; tsv 3; } | cmon-agg -g tier -c requests >got
	diff got <(tsv tier time window requests; tsv '(none)' 1 3 2; tsv edge 1 3 1)
}

@test "cmon-agg: an unknown cache word is counted, reported, and lowers coverage" {
	{ tsv time cache; tsv 1 hit; tsv 1 WEIRD; tsv 1 ''; tsv 1 miss; } >ev
	run -0 --separate-stderr cmon-agg -c requests,hit_pct,coverage_pct ev
	[ "${lines[1]}" = "$(tsv 1 1 4 50 50)" ]
	[[ $stderr == *'1 requests with a word that is no outcome, the first "WEIRD"'* ]]
}

@test "cmon-agg: without a tier, miss and pass are the origin's; with one, the tier says it" {
	{ tsv time cache; tsv 1 hit; tsv 1 miss; tsv 1 pass; tsv 1 synth; } >ev
	cmon-agg -c offload_pct ev >got
	[ "$(field got 1 offload_pct)" = 33.3333 ]
	{ tsv time cache tier; tsv 1 hit origin; tsv 1 miss r2_cold; tsv 1 pass kv; } >ev
	cmon-agg -c offload_pct ev >got
	[ "$(field got 1 offload_pct)" = 66.6667 ]
}

@test "cmon-agg: the combined hit ratio of application caches is edge and kv" {
	{
		tsv time cache tier
		for i in 1 2 3 4 5 6; do tsv $i hit edge; done
		tsv 7 hit kv; tsv 7 hit kv; tsv 8 miss r2_cold; tsv 9 miss origin
	} | cmon-agg -c hit_pct,offload_pct >got
	[ "$(field got 1 hit_pct)" = 80 ]
	[ "$(field got 1 offload_pct)" = 90 ]
}

@test "cmon-agg: expected groups have rows of zeros where they were silent" {
	{ tsv time tier cache; tsv 60 edge hit; tsv 240 kv miss; } >ev
	cmon-agg -w 1m -g tier --expect tier=edge,kv -c requests,share_pct,hit_pct ev >got
	diff got - <<-'EOF'
	tier	time	window	requests	share_pct	hit_pct
	edge	60	60	1	100	100
	kv	60	60	0	0	
	edge	240	60	0	0	
	kv	240	60	1	100	0
	EOF
	cmon-agg -w 1m -g tier --expect tier=edge -S 60 -U 180 -c requests ev >got
	diff got <(tsv tier time window requests; tsv edge 60 60 1; tsv edge 120 60 0)
}

@test "cmon-agg: labels that are not expected take what occurs" {
	{ tsv time host tier; tsv 60 a edge; tsv 61 b kv; } |
		cmon-agg -w 1m -g host,tier --expect tier=edge,kv -c requests >got
	diff got - <<-'EOF'
	host	tier	time	window	requests
	a	edge	60	60	1
	a	kv	60	60	0
	b	edge	60	60	0
	b	kv	60	60	1
	EOF
}

@test "cmon-agg: beyond --max-groups all is (other), and that is said" {
	{ tsv time url; tsv 1 /a; tsv 2 /b; tsv 3 /c; tsv 4 /d; tsv 5 /a; } >ev
	run -0 --separate-stderr cmon-agg -g url -T --max-groups 2 -c requests ev
	[ "$output" = "$(tsv url time window requests; tsv '' 1 5 5
		tsv '(other)' 1 5 2; tsv /a 1 5 2; tsv /b 1 5 1)" ]
	[[ $stderr == *'more than 2 groups'* ]]
}

@test "cmon-agg: days of a place have 23 and 25 hours" {
	# 23:59 on 28 March 2026, midnight, and both ends of 25 October.
	{ tsv time; tsv 1774738740; tsv 1774738800; tsv 1792879200; tsv 1792969199; } |
		cmon-agg -w 1d --tz Europe/Berlin -c requests >got
	diff got - <<-'EOF'
	time	window	requests
	1774652400	86400	1
	1774738800	82800	1
	1792879200	90000	2
	EOF
	{ tsv time; tsv 1774738740; tsv 1774738800; tsv 1792879200; tsv 1792969199; } |
		cmon-agg -w 1h -p | cmon-agg -m -w 1d --tz Europe/Berlin -c requests | cmp - got
}

@test "cmon-agg: --since and --until cut, and --now is what they count from" {
	{ tsv time; for t in 100 200 300 400; do tsv $t; done; } >ev
	cmon-agg -S 200 -U 400 -c requests ev >got
	diff got <(tsv time window requests; tsv 200 200 2)
	cmon-agg -w 1m -S -3m --now 400 -c requests ev >got
	diff got <(tsv time window requests; tsv 300 60 1; tsv 360 60 1)
	# One window is of whole seconds, and has no end that is still to come.
	{ tsv time; tsv 200.4; tsv 399.9; tsv 400.1; } | cmon-agg -S -200s -U now --now 400.5 -c requests >got
	diff got <(tsv time window requests; tsv 200 200 2)
}

@test "cmon-agg: a fraction of a weight is rounded up as often as it says, always the same way" {
	{ tsv time url weight; for i in $(seq 2000); do tsv 1 "/$i" 2.5; done; } >ev
	cmon-agg -c requests ev >a
	n=$(field a 1 requests)
	[ "$n" -gt 4900 ] && [ "$n" -lt 5100 ]
	{ tsv time url weight; tail -n +2 ev | sort -r; } | cmon-agg -c requests | cmp - a
}

@test "cmon-agg: different values are counted to 2.5 %" {
	{ tsv time client; seq 1 20000 | awk -v OFS='\t' '{ print 1, $1; print 1, $1 }'; } |
		cmon-agg -u client -c requests >got
	n=$(field got 1 uniq_client)
	[ "$n" -gt 19500 ] && [ "$n" -lt 20500 ]
}

# --- partials ---

@test "cmon-agg -p | cmon-agg -m gives what one run over the events gives" {
	events 4000 5 7200 >ev
	cmon-agg -w 5m -g tier,cache -p -a latency_ms -a bytes -a ttfb_s -u client ev |
		cmon-agg -m -T -c "$every,uniq_client" >a
	cmon-agg -w 5m -g tier,cache -T -c "$every,uniq_client" ev >b
	cmp a b
	cmon-agg -w 5m -p ev | cmon-agg -m >a
	cmon-agg -w 5m ev >b
	cmp a b
}

@test "cmon-agg -m: random parts, orders and trees give the bytes of one run" {
	events 3000 6 7200 >ev
	cmon-agg -w 1m -g tier -p -u client ev >one
	for seed in 1 2 3; do
		rm -f part.*
		awk -v seed=$seed 'BEGIN { srand(seed) }
			NR == 1 { for (i = 0; i < 6; i++) print > ("part." i); next }
			{ print > ("part." int(rand() * 6)) }' ev
		for i in 0 1 2 3 4 5; do cmon-agg -w 1m -g tier -p -u client part.$i >p.$i; done
		mapfile -t order < <(shuf -e p.? --random-source=<(yes $seed))
		cat "${order[@]}" | cmon-agg -m -p >flat
		cmp flat one
		cmon-agg -m -p p.0 p.3 >q.0
		cmon-agg -m -p p.5 p.1 >q.1
		cmon-agg -m -p q.1 p.4 >q.2
		cmon-agg -m -p p.2 q.2 q.0 >tree
		cmp tree one
	done
}

@test "cmon-agg -m: wider windows and fewer labels are as if asked of the events" {
	events 3000 7 7200 >ev
	cmon-agg -w 1m -g tier,cache -p ev >p
	cmon-agg -m -w 10m -g cache -T p >a
	cmon-agg -w 10m -g cache -T ev >b
	cmp a b
	cmon-agg -m -p -w 1h -g '' p >a
	cmon-agg -p -w 1h ev >b
	cmp a b
}

@test "cmon-agg -m: a window that does not fit, and a label that is not there, are errors" {
	{ tsv time tier; tsv 100 edge; } | cmon-agg -w 1m -g tier -p >p
	run -2 cmon-agg -m -w 90s p
	[[ $output == *'p:2: the window of 60 s from 60 is not inside one of those asked for'* ]]
	run -2 cmon-agg -m -g host p
	[[ $output == *'p:1: the partial has no label "host"'* ]]
	run -2 cmon-agg -m -c hit_pct p
	[[ $output == *'column "hit_pct"'* ]]
	run -2 cmon-agg p
	[[ $output == *'this is a partial: merge it with --merge'* ]]
	{ tsv time tier; tsv 100 edge; } >ev
	run -2 cmon-agg -m ev
	[[ $output == *'ev:1: no partial: '* ]]
}

@test "cmon-agg -m: parts of different columns merge, in either order" {
	{ tsv time latency_ms; tsv 1 5; } | cmon-agg -p -w 1m >a
	{ tsv time cache ttfb_ms; tsv 2 hit 7; tsv 3 miss 8; } | cmon-agg -p -w 1m -a ttfb_ms >b
	cmon-agg -m -p a b >ab
	cmon-agg -m -p b a >ba
	cmp ab ba
	cmon-agg -m -c requests,hit_pct,latency_ms_max,ttfb_ms_min,ttfb_s_max b a >got
	diff got <(tsv time window requests hit_pct latency_ms_max ttfb_ms_min ttfb_s_max; tsv 0 60 3 50 5 7 0.008)
}

@test "cmon-agg -m: an empty partial is valid, and adds nothing" {
	events 500 8 600 >ev
	head -n 1 ev | cmon-agg -p -w 1m -g tier >none
	cmon-agg -p -w 1m -g tier ev >p
	cmon-agg -m -p none p none | cmp - p
	cmon-agg -m none >got
	[ "$(wc -l <got)" -eq 1 ]
}

@test "cmon-agg -m: a partial cut at any byte is refused, by name" {
	{ tsv time tier cache latency_ms; tsv 1 a hit 1; tsv 70 b miss 2; } | cmon-agg -p -w 1m -g tier >p
	size=$(wc -c <p)
	[ "$size" -gt 300 ]
	for ((n = 0; n < size; n++)); do
		head -c $n p >short
		cmon-agg -m short p >got 2>e && { echo "$n bytes pass"; false; }
		grep -q '^cmon-agg: short:' e
		[ ! -s got ]
	done
	cmon-agg -m p p >got
}

@test "cmon-agg -m: a changed, lost or doubled row is refused" {
	{ tsv time; tsv 1; tsv 70; } | cmon-agg -p -w 1m >p
	sed 's/requests\t0\t1/requests\t0\t2/' p >changed
	sed 2d p >lost
	sed '2{p}' p >doubled
	for f in changed lost doubled; do
		run -2 cmon-agg -m $f
		[[ $output == "cmon-agg: $f: the partial's trailer does not fit its rows"* ]]
	done
	{ cat p; tsv 1 60 requests 0 1; } >after
	run -2 cmon-agg -m after
	[[ $output == *"a row after the partial's trailer"* ]]
}

@test "cmon-agg -m: sums of squares beyond 64 bits keep one text" {
	{ tsv time age; for i in 1 2 3; do tsv 1 5000000000000; done; tsv 1 -5; } >ev
	cmon-agg -c age_sum,age_sumsq,age_min,age_avg ev >got
	diff got <(tsv time window age_sum age_sumsq age_min age_avg
		tsv 1 1 14999999999995 75000000000000000000000025 -5 3749999999998.75)
	cmon-agg -p -w 1s -a age ev >one
	{ tsv time age; tsv 1 -5; tsv 1 5000000000000; } | cmon-agg -p -w 1s -a age >a
	{ tsv time age; tsv 1 5000000000000; tsv 1 5000000000000; } | cmon-agg -p -w 1s -a age >b
	cmon-agg -m -p a b | cmp - one
}

# --- memory ---

@test "cmon-agg: what spills to disk is the same to the byte" {
	events 6000 9 7200 >ev
	cmon-agg -w 1m -g url,tier -T -u client ev >want
	for mem in 1k 100k 1M; do
		cmon-agg -w 1m -g url,tier -T -u client --mem $mem ev | cmp - want
	done
	cmon-agg -p -w 1m -g url ev >want
	cmon-agg -p -w 1m -g url --mem 50k ev | cmp - want
	cmon-agg -m -p --mem 50k want | cmp - want
}

@test "cmon-agg: 200,000 groups are counted as sort and uniq count them, on disk or not" {
	awk 'BEGIN { srand(4); print "time\turl"
		for (i = 0; i < 400000; i++) printf "1\t/k/%d\n", rand() * 250000 }' >ev
	tail -n +2 ev | cut -f 2 | sort | uniq -c | awk -v OFS='\t' '{ print $2, 1, 1, $1 }' >want
	[ "$(wc -l <want)" -gt 190000 ]
	cmon-agg -g url -c requests ev | tail -n +2 | cmp - want
	cmon-agg -g url -c requests --mem 4M ev | tail -n +2 | cmp - want
}

@test "cmon-agg: a temporary folder that is not there is named, 2" {
	events 500 10 600 >ev
	TMPDIR=/no/such run -2 cmon-agg -g url --mem 1k ev
	[[ $output == *'temporary file'*'No such file'* ]]
}

# --- following ---

@test "cmon-agg -F: a window is written when the newest event is past its end" {
	mkfifo in
	cmon-agg -F -w 1m -L 10s -c requests <in >got &
	pid=$!		# the <(:) below changes $!
	exec 7>in
	{ tsv time; tsv 61; tsv 129; tsv 100; tsv 130; } >&7
	until [ "$(wc -l <got)" -ge 2 ]; do sleep 0.01; done
	diff got <(tsv time window requests; tsv 60 60 2)
	exec 7>&-
	wait "$pid"
	diff got <(tsv time window requests; tsv 60 60 2; tsv 120 60 2)
}

@test "cmon-agg -F: late events restate their window; the last row holds" {
	{ tsv time tier; tsv 61 a; tsv 121 a; tsv 62 b; tsv 200 a; } >ev
	cmon-agg -F -w 1m -g tier -c requests,share_pct ev >got
	diff got - <<-'EOF'
	tier	time	window	requests	share_pct
	a	60	60	1	100
	a	60	60	1	50
	b	60	60	1	50
	a	120	60	1	100
	a	180	60	1	100
	EOF
	awk -F'\t' 'NR > 1 { last[$1, $2] = $0 } END { for (k in last) print last[k] }' got | sort >a
	cmon-agg -w 1m -g tier -c requests,share_pct ev | tail -n +2 | sort >b
	cmp a b
}

@test "cmon-agg -F: windows long written are given up, and later events of them reported" {
	{ tsv time url; seq 1 400 | awk -v OFS='\t' '{ for (i = 0; i < 20; i++) print 60 * $1, "/" i }'; tsv 61 /x; } |
		cmon-agg -F -w 1m -g url -c requests --mem 100k >got 2>e
	grep -q '1 events came after their window was given up' e
	[ "$(tail -n +2 got | wc -l)" -eq 8000 ]
}

# --- wrong use and bad input ---

@test "cmon-agg: wrong options: the reason, 2" {
	for o in '-p' '-p -w 1m -c requests' '-p -w 1m -T' '-F' '-F -w 1m -p' '-F -m -w 1m' '-L 1m' '-w 1500ms' \
		'-w 0.5' '-c nonsense' '-c requests,requests' '-a latency_ms:p101' '-a latency_ms:px' '-g time' '-g a,a' \
		'-g a,' '-g bytes -c bytes' '--expect tier=a' '-g tier --expect tier=' '-g tier --expect tier' \
		'--tz Mars/Base' '-S yesterday' '--now x' '--mem x' '--max-groups x' '-a a_ms -a a_s' \
		'-m -p -a x'; do
		# shellcheck disable=SC2086
		cmon-agg $o </dev/null >got 2>e && { echo "$o passes"; false; }
		grep -q '^usage: cmon-agg' e || { echo "$o: $(cat e)"; false; }
		[ ! -s got ]
	done
}

@test "cmon-agg: a number that is none is trouble, path:line, and nothing is written" {
	for f in time=x1 time=1e99 status=2xx status=1000 bytes=1.5 bytes=-1 bytes=99999999999999999999 \
		latency_ms=fast latency_ms=1e30 weight=-1 weight=many; do
		{ tsv time status bytes latency_ms weight | sed "s/\b${f%%=*}\b/&/"; tsv 1 200 5 1 1
		  awk -F'\t' -v OFS='\t' -v name="${f%%=*}" -v v="${f#*=}" 'BEGIN {
			n = split("time status bytes latency_ms weight", c, " ")
			for (i = 1; i <= n; i++) printf "%s%s", c[i] == name ? v : 1, i < n ? OFS : "\n" }'; } >ev
		rc=0
		cmon-agg ev >got 2>e || rc=$?
		[ $rc -eq 2 ] || { echo "$f passes"; false; }
		grep -q "^cmon-agg: ev:3: column \"${f%%=*}\": not a" e || { cat e; false; }
		[ ! -s got ]
	done
}

@test "cmon-agg: what passes its width is trouble, not a wrong number" {
	{ tsv time bytes; tsv 1 18446744073709551615; tsv 1 1; } >ev
	run -2 cmon-agg ev
	[[ $output == *'passes the width'* ]]
	{ tsv time weight; tsv 1 18446744073709551615; tsv 1 1; } >ev
	run -2 cmon-agg ev
	{ tsv time bytes weight; tsv 1 4294967296 4294967296; } >ev
	run -2 cmon-agg ev
	{ tsv time age_us; tsv 1 9223372036854775807; tsv 1 9223372036854775807; tsv 1 9223372036854775807; } >ev
	run -2 cmon-agg -a age_us:sumsq ev
	run -0 cmon-agg -a age_us:sum,max,p50 ev
}

@test "cmon-agg: labels that leave a line no room for figures are refused: path:line" {
	printf 'url\ttime\n%s\t1\n' "$(head -c 983040 /dev/zero | tr '\0' x)" >ev
	cmon-agg -p -w 1m -g url ev | cmon-agg -m -c requests >got
	[ "$(tail -n 1 got | cut -f 4)" -eq 1 ]
	printf 'url\ttime\n%s\t1\n' "$(head -c 983041 /dev/zero | tr '\0' x)" >ev
	run -2 cmon-agg -p -w 1m -g url ev
	[[ $output == *'ev:2: labels of 983041 bytes: over 983040' ]]
}

@test "cmon-agg: any bytes in labels pass through and sort bytewise" {
	{ tsv time url; tsv 1 'é'; tsv 1 '\xFF\t'; tsv 1 z; tsv 1 ' '; tsv 1 '"'; } >ev
	cmon-agg -g url -c requests ev | tail -n +2 | cut -f 1 >got
	tail -n +2 ev | cut -f 2 | LC_ALL=C sort | cmp - got
}

@test "cmon-agg: labels up to a line's length" {
	long=$(head -c 300000 /dev/zero | tr '\0' x)
	{ tsv time url tier; tsv 1 "$long" a; tsv 2 "${long}y" a; tsv 3 "$long" a; } >ev
	cmon-agg -g url,tier -c requests ev >a
	[ "$(tail -n +2 a | cut -f 5 | tr '\n' ' ')" = '2 1 ' ]
	cmon-agg -g url,tier -c requests --mem 10k ev | cmp - a
}

@test "cmon-agg: -o replaces the file only when all is well" {
	echo old >out
	{ tsv time; tsv 1; } | cmon-agg -c requests -o out
	[ "$(tail -n 1 out)" = "$(tsv 1 1 1)" ]
	echo old >out
	{ tsv time; tsv x1; } | run -2 cmon-agg -o out
	[ "$(cat out)" = old ]
}
