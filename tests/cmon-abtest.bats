load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# aa [OPTION...] - totals by key of cohorts dealt at random; they start at $start.
aa() { "$CMON_UNIT/../aa" "$@"; }
start=1795737600	# 2026-11-27, a week after aa's first row
end=1796947200		# 2026-12-11

# field FILE ROW NAME - by the header.
field() {
	awk -F'\t' -v row="$2" -v name="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; if (!c) print "no column " name }
		NR == row + 1 { print $c }' "$1"
}

# share FILE CONDITION - percent of the rows for which it holds, by column names as p["diff"].
share() {
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
		{ for (i = 1; i <= NF; i++) p[name[i]] = $i; n++; if ('"$2"') k++ } END { printf "%.1f\n", 100 * k / n }' "$1"
}

# experiments [COLUMN VALUE]... - one that runs on aa's rows, as -x wants it.
experiments() {
	local names="name	cohorts	start	duration	status" row="1	control:50:5m,treatment:50:10m	$start	14d	running"
	while [ $# -gt 0 ]; do
		names+="	$1"
		row+="	$2"
		shift 2
	done
	printf '%s\n%s\n' "$names" "$row" >x.tsv
}

# totals < "cohort key time requests hits" lines - as cmon-agg writes them.
totals() {
	tsv experiment cohort key time window requests hits
	awk -v OFS='\t' '{ print "e", $1, $2, $3, 60, $4, $5 }'
}

# refuses TEXT COMMAND... - exit 2, the text in the message, and nothing whole on stdout.
refuses() {
	local want=$1
	shift
	run -2 --separate-stderr "$@"
	[[ $stderr == *"$want"* ]] || { echo "$stderr"; return 1; }
	[ -z "$output" ]
}

better() { aa --experiments 1 --pinned 20 --treated 600; }	# treatment truly is
alike() { aa --experiments 1 --pinned 20; }

# --- what is right ---

@test "cmon-abtest: known results hold through the whole program, each at its own tolerance" {
	run -0 "$ROOT/tests/abtest-truth.py" "$ROOT/tests/data/stats/cases.tsv"
	[ "$output" = "newcombe:20 quantile_diff_cluster:5 ratio_cluster:33 srm:3 two_prop_z:54 welch:30" ]
}

@test "cmon-abtest: equal cohorts differ in 3 to 7 % of experiments, with the heaviest keys pinned" {
	aa --experiments 300 --pinned 20 >rows
	cmon-abtest --start $start --rounds 499 rows >auto
	cmon-abtest --start $start --method delta rows >by_key
	for f in auto by_key; do
		run -0 share $f 'p["p"] <= 0.05'
		awk -v x="$output" 'BEGIN { exit !(x >= 3 && x <= 7) }'
	done
}

@test "cmon-abtest: and without, where a t test would fail, by permutation" {
	aa --experiments 300 --keys 500 >rows
	cmon-abtest --start $start --rounds 499 --min-keys 0 rows >auto
	cmon-abtest --start $start --method delta --min-keys 0 rows >by_key
	run -0 share auto 'p["p"] <= 0.05'
	awk -v x="$output" 'BEGIN { exit !(x >= 3 && x <= 7) }'
	run -0 share by_key 'p["p"] <= 0.05'
	awk -v x="$output" 'BEGIN { exit !(x > 8) }'
}

@test "cmon-abtest: a crossover of equal cohorts differs in 3 to 7 % as well, and sees 10 % more TTL" {
	experiments period 1d washout 0s
	awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "endpoint"; next }
		{ for (i = 1; i <= 300; i++) { $1 = i; print $0, "e" i } }' x.tsv >y.tsv
	aa --crossover --experiments 300 --pinned 20 --seed 2 | cmon-abtest -x y.tsv --rounds 499 >same
	aa --crossover --experiments 50 --pinned 20 --treated 330 | cmon-abtest -x y.tsv --rounds 499 >longer
	run -0 share same 'p["p"] <= 0.05'
	awk -v x="$output" 'BEGIN { exit !(x >= 3 && x <= 7) }'
	run -0 share longer 'p["experiment"] <= 50 && p["status"] == "treatment"'
	awk -v x="$output" 'BEGIN { exit !(x > 0.9 * 100 * 50 / 300) }'
}

@test "cmon-abtest: request-z calls nearly all equal cohorts different, and would promote many" {
	aa --experiments 200 >rows
	cmon-abtest --start $start --method request-z --min-keys 0 rows >z
	run -0 share z 'p["p"] <= 0.05'
	awk -v x="$output" 'BEGIN { exit !(x > 95) }'
	run -0 share z 'p["confidence"] > 95 && p["diff"] > 2 && p["n_c"] > 1000 && p["n_t"] > 1000'
	awk -v x="$output" 'BEGIN { exit !(x > 30) }'
}

# hits - hit ratio since the start of the rows on stdin, in percent.
hits() { awk -F'\t' '$4 == '$start' && $2 != "(pinned)" { h += $7; n += $6 } END { printf "%.17g\n", 100 * h / n }'; }

@test "cmon-abtest: the truth is in 9 of 10 intervals and more, and the pre-period narrows them" {
	aa --experiments 60 --pinned 20 --treated 600 >rows
	for m in delta auto; do cmon-abtest --start $start --method $m --rounds 499 --exact rows >by_$m; done
	# What both TTLs give for the same arrivals: everybody in one cohort.
	truth=$(for s in 0 100; do aa --experiments 1 --pinned 20 --treated 600 --share $s | hits; done |
		paste -sd' ' | awk '{ printf "%.17g", $2 - $1 }')
	for m in delta auto; do
		run -0 share by_$m "p[\"lo\"] < $truth && $truth < p[\"hi\"]"
		awk -v x="$output" 'BEGIN { exit !(x >= 90) }'
	done
	awk -v a="$(field by_delta 1 se)" -v b="$(field by_auto 1 se)" 'BEGIN { exit !(b < a / 3) }'
}

@test "cmon-abtest: events and totals of them by key give the same verdict, byte for byte" {
	awk 'BEGIN { srand(3); OFS = "\t"; print "time", "experiment", "cohort", "key", "cache", "status", "bytes", "latency_ms", "weight"
		for (i = 0; i < 20000; i++) { k = int(exp(rand() * 5)); arm = k % 2 ? "control" : "treatment"
			u = rand(); print 1795737000 + int(i / 10), "e", arm, "/o/" k, u < .6 ? "hit" : u < .7 ? "stale" : u < .9 ? "miss" : u < .95 ? "pass" : "",
			rand() < .01 ? 503 : 200, int(rand() * 1e5), int(rand() * 1e5) / 1000, rand() < .1 ? 3 : "" } }' >ev
	m=hit_pct,miss_pct,byte_hit_pct,offload_pct,error_pct,coverage_pct,latency_ms_avg
	cmon-abtest --start 1795737600 --metrics $m --min-keys 1 --rounds 199 ev >one
	cmon-agg -w 1m -g experiment,cohort,key -c requests,hits,misses,passes,synths,cache_errors,origin,errors,bytes,hit_bytes,miss_bytes,latency_ms_n,latency_ms_sum -T ev |
		cmon-abtest --start 1795737600 --now "$(field one 1 time)" --metrics $m --min-keys 1 --rounds 199 >two
	diff one two
	[ "$(wc -l <one)" -eq 8 ]
	[ "$(share one 'p["status"] == "invalid"')" = 0.0 ]
}

@test "cmon-abtest: Welch's t by sums of squares is that of the values, also of large values that hardly differ" {
	for around in 12 10000000; do
		awk -v x=$around 'BEGIN { srand(2); OFS = "\t"; print "time", "experiment", "cohort", "key", "x"
			for (i = 0; i < 400; i++) printf "1\te\t%s\t%d\t%d.%02d\n", i % 2 ? "control" : "treatment", i, x, rand() * 5 }' >ev
		cmon-agg -w 1m -g experiment,cohort,key -c requests,x_n,x_sum,x_sumsq ev >tot
		for f in ev tot; do cmon-abtest --exact --method welch --metrics x_avg $f >$f.got; done
		for c in est_c diff se p; do
			awk -v a="$(field ev.got 1 $c)" -v b="$(field tot.got 1 $c)" -v c=$c 'BEGIN { d = a - b; d = d < 0 ? -d : d
				if (d > 1e-5 * (a < 0 ? -a : a)) { print c ": " a " is not " b; exit 1 } }'
		done
	done
}

@test "cmon-abtest: the order of rows and keys changes nothing; another seed moves p a little" {
	alike | grep -v pinned >rows
	{ head -n 1 rows; tail -n +2 rows | grep -v "	$start	" | sort -R; tail -n +2 rows | grep "	$start	" | sort -R; } >mixed
	cmon-abtest --start $start --method perm --rounds 499 rows >a
	cmon-abtest --start $start --method perm --rounds 499 mixed >b
	cmon-abtest --start $start --method perm --rounds 499 --seed 2 rows >c
	diff a b
	run ! cmp -s a c
	awk -v a="$(field a 1 p)" -v c="$(field c 1 p)" 'BEGIN { d = a - c; exit !(d < .1 && d > -.1) }'
	[ "$(field c 1 seed) $(field c 1 rounds)" = "2 499" ]
}

@test "cmon-abtest: several metrics and treatments: p_adj is Holm's, Hochberg's, Bonferroni's, Benjamini and Hochberg's" {
	aa --experiments 1 --pinned 20 | awk -F'\t' -v OFS='\t' 'NR > 1 && $2 != "(pinned)" { $2 = substr("abc", 1 + $3 % 3, 1) } 1' >rows
	for how in none holm hochberg bonferroni bh; do
		cmon-abtest --start $start --control a --metrics hit_pct,+miss_pct --adjust $how --method delta --exact rows >by_$how
		[ "$(wc -l <by_$how)" -eq 5 ]
		for i in 1 2 3 4; do field by_$how $i p_adj; done >$how.p
	done
	cut -f3-5 by_none | tail -n +2 | diff - <(tsv hit_pct a b; tsv hit_pct a c; tsv miss_pct a b; tsv miss_pct a c)
	python3 - <<-'END'
		p = [float(x) for x in open('none.p')]
		m = len(p)
		order = sorted(range(m), key=lambda i: p[i])
		holm, bh, hoch, top, low, least = [0] * m, [0] * m, [0] * m, 0, 1, 1
		for r, i in enumerate(order):
		    top = max(top, min(1, (m - r) * p[i])); holm[i] = top
		for r, i in reversed(list(enumerate(order))):
		    low = min(low, m / (r + 1) * p[i]); bh[i] = low
		    least = min(least, (m - r) * p[i]); hoch[i] = least
		for name, want in (('holm', holm), ('hochberg', hoch), ('bh', bh), ('bonferroni', [min(1, m * x) for x in p])):
		    for got, w in zip(open(name + '.p'), want):
		        assert abs(float(got) - w) <= 1e-12, (name, got, w)
	END
}

@test "cmon-abtest: percentiles go by key: of many equal experiments 3 to 8 % differ" {
	awk 'BEGIN { srand(5); OFS = "\t"; print "time", "experiment", "cohort", "key", "latency_ms"
		for (e = 1; e <= 150; e++) { for (k = 0; k < 100; k++) { arm = rand() < .5 ? "control" : "treatment"; slow = exp(rand())
			n = 1 + int(10 * rand()); for (i = 0; i < n; i++) print i, e, arm, k, int(1000 * slow * exp(rand() * 2)) / 1000 } } }' >ev
	cmon-abtest --metrics latency_ms_p90 --rounds 499 ev >got
	run -0 share got 'p["p"] != "" && p["p"] <= 0.05'
	awk -v x="$output" 'BEGIN { exit !(x >= 3 && x <= 8) }'
	[ "$(field got 1 method)" = quantile+perm ]
}

# ties EXPERIMENTS KEYS REQUESTS CONTROL TREATMENT [HITS_C HITS_T] - events whose latencies come in steps.
ties() { "$ROOT/tests/ties.py" "$@"; }

@test "cmon-abtest: percentiles in whole milliseconds: equal cohorts differ in no more than 7 %, and none contradicts itself" {
	for mean in 3 40; do
		ties 150 100 20 $mean $mean >ev
		for q in 50 95; do
			cmon-abtest --metrics latency_ms_p$q --rounds 499 ev >got
			run -0 share got 'p["status"] != "inconclusive"'
			awk -v x="$output" 'BEGIN { exit !(x <= 7) }'
			[ "$(share got '(p["p"] <= 0.05) != (p["lo"] > 0 || p["hi"] < 0)')" = 0.0 ]
			[ "$(share got 'p["status"] == "invalid"')" = 0.0 ]
		done
	done
}

@test "cmon-abtest: percentiles in whole milliseconds: the worse cohort is found, and never called the better" {
	ties 60 100 40 20 30 >ev
	for q in 50 95; do
		cmon-abtest --metrics latency_ms_p$q --rounds 499 ev >got
		[ "$(share got 'p["status"] == "treatment"')" = 0.0 ]
		run -0 share got 'p["status"] == "control" && p["diff"] > 0'
		awk -v x="$output" 'BEGIN { exit !(x >= 70) }'
	done
	# Both 95th percentiles are 20, whatever else differs: nobody is better at them.
	for who in 10:.8,20:.952,40:1/10:.949,20:.9995,40:1 10:.949,20:.9995,40:1/10:.8,20:.952,40:1; do
		ties 20 800 20 "${who%/*}" "${who#*/}" | cmon-abtest --metrics latency_ms_p95 --rounds 499 >got
		run -0 share got 'p["status"] != "inconclusive"'
		awk -v x="$output" 'BEGIN { exit !(x <= 5) }'
	done
}

# --- decisions ---

@test "--decide: a treatment that truly is better is promoted; one that equals control is not" {
	experiments min_gain 1
	better >rows
	run -0 cmon-abtest -x x.tsv --decide --exit-status rows
	[[ ${lines[1]} == *"	promote	"* ]]
	alike >rows
	run -1 cmon-abtest -x x.tsv --decide --exit-status rows
	[[ ${lines[1]} == *"no difference is seen"*"	no	"* ]]
	run -0 cmon-abtest -x x.tsv --decide rows
}

@test "--decide: every condition has its words" {
	better >rows
	experiments
	why() { cmon-abtest -x x.tsv --decide "$@" rows >got; field got 1 decision; field got 1 reason; }
	run -0 why --min-gain 50
	[ "${lines[0]}" = no ]
	[[ ${lines[1]} == "a gain of "*" is less than the 50 that are asked for" ]]
	run -0 why --min-requests 100000000
	[[ ${lines[1]} == *"requests: more than 1e+08 are needed in each cohort"* ]]
	run -0 why --min-keys 5000
	[[ ${lines[1]} == *"few keys"*"pin the heaviest"* ]]
	run -0 why --now $((end - 1))
	[[ ${lines[1]} == "it runs until 2026-12-11T00:00:00Z, and now is 2026-12-10T23:59:59Z"* ]]
	run -0 why --method newcombe
	[[ ${lines[1]} == *"takes requests as independent, and keys have several"* ]]
	run -0 why --metrics miss_pct
	[ "${lines[0]}" = promote ]
	run -0 why --metrics +miss_pct
	[[ ${lines[1]} == *"control is better"* ]]
}

@test "--decide: a day without any row is missed" {
	experiments
	better | awk -F'\t' -v OFS='\t' -v s=$start 'NR == 1 || $4 < s { print; next }
		{ for (d = 0; d < 14; d++) if (d != 5) { $4 = s + 86400 * d; $5 = 86400; print } }' | (IFS= read -r h; echo "$h"; sort -t$'\t' -k4,4n) >rows
	cmon-abtest -x x.tsv --decide rows >got
	[[ $(field got 1 reason) == "rows on 13 of 14 days only: give all since the start"* ]]
}

@test "--decide: a day with a few rows only is a hole, and no decision is made beside it" {
	experiments
	better | awk -F'\t' -v OFS='\t' -v s=$start 'NR == 1 || $4 < s { print; next }
		{ for (d = 0; d < 14; d++) if (d != 5 || ($3 > 1000 && n++ < 2)) { $4 = s + 86400 * d; $5 = 86400; print } }' | (IFS= read -r h; echo "$h"; sort -t$'\t' -k4,4n) >rows
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[ "$(field got 1 status) $(field got 1 decision)" = "treatment no" ]
	[[ $(field got 1 reason) == "a hole: "*" requests on 2026-12-02, "*" on the median day: give all rows of that day" ]]
}

@test "--decide: rows of an experiment on one day of fourteen are no two weeks, though others have rows every day" {
	experiments
	better | awk -F'\t' -v OFS='\t' -v s=$start 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; print; next } $4 < s { print; next }
		{ $4 = s; $5 = 86400; print; $c["experiment"] = "other"; for (d = 0; d < 14; d++) { $4 = s + 86400 * d; print } }' |
		(IFS= read -r h; echo "$h"; sort -t$'\t' -k4,4n) >rows
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[ "$(field got 1 status) $(field got 1 decision)" = "treatment no" ]
	[[ $(field got 1 reason) == "a hole: 0 requests on "* ]]
}

@test "--decide: a guardrail holds by no method that takes a key's requests as independent" {
	better | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "errors"; next } { print $0, $2 == "treatment" ? int($6 / 50) : int($6 / 40) }' >rows
	experiments guardrails 'error_pct<=+1'
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[[ $(field got 2 reason) == *"guardrail error_pct<=+1 holds"* ]]
	cmon-abtest -x x.tsv --decide --min-gain 1 --method newcombe rows >got
	[[ $(field got 2 reason) == *"guardrail error_pct<=+1 cannot be judged, and so does not hold"* ]]
}

@test "a confidence next to nothing leaves no place among the rounds, and reads none" {
	alike | head -n 41 >rows
	run -0 cmon-abtest --metrics hit_pct --method perm --confidence 0.00000000000002 --start $start rows
}

@test "a header without rows: no verdict and no time of 1970, which is said; no input at all: of standard input" {
	experiments
	better | head -n 1 >rows
	run -0 --separate-stderr cmon-abtest -x x.tsv --decide rows
	[ "${#lines[@]}" -eq 1 ]
	[ "$stderr" = "cmon-abtest: no rows, and so no time as of which to judge: nothing is (--now would say when)" ]
	run -1 cmon-abtest -x x.tsv --exit-status rows
	run -2 --separate-stderr cmon-abtest </dev/null
	[ "$stderr" = "cmon-abtest: standard input: no input, not even a header: the program before this one has failed" ]
}

@test "request-z says at once that it is untrue: in the row, and to people" {
	alike >rows
	cmon-abtest --start $start --method request-z rows >got
	[ "$(field got 1 reason)" = "request-z takes requests as independent, and keys have several: p is far too small" ]
	run -0 cmon-abtest --start $start --method request-z --explain rows
	[[ $output == *"which would be so if requests were independent"* && $output != *"of all such experiments"* ]]
}

@test "--decide: guardrails hold by the whole interval, and where nothing happened" {
	better | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "errors"; next } { print $0, 0 }' >rows
	experiments guardrails 'error_pct<=+0.1,miss_pct<=+1%'
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[ "$(field got 1 decision)" = promote ]
	[[ $(field got 2 reason) == *"guardrail error_pct<=+0.1 holds" ]]
	[[ $(field got 3 reason) == "guardrail miss_pct<=+1% holds; "* ]]
	better | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "errors"; next } { print $0, $2 == "treatment" ? int($6 / 50) : int($6 / 60) }' >rows
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[ "$(field got 1 decision)" = no ]
	[[ $(field got 1 reason) == "error_pct: guardrail error_pct<=+0.1 does not hold; +0."*" is still possible" ]]
	cut -f1-8 rows | cmon-abtest -x x.tsv --decide --min-gain 1 >got
	[[ $(field got 1 reason) == *'error_pct: no column "errors"'* ]]
}

# promoted MARGIN KEYS REQUESTS CONTROL TREATMENT - of 60 experiments that gain hits, by a guardrail of latency.
promoted() {
	start=1795132800 experiments guardrails "latency_ms_p95$1"
	awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "endpoint"; next }
		{ sub("14d", "2d"); for (i = 1; i <= 60; i++) { $1 = i; print $0, "e" i } }' x.tsv >y.tsv
	ties 60 "${@:2}" 0.3 0.6 | cmon-abtest -x y.tsv --decide --now 2026-11-22 --rounds 499 >got
	share got 'p["decision"] == "promote"' | awk '{ print $1 * 2 }'	# half of the rows are guardrails
}

@test "--decide: a guardrail of a percentile in steps is passed by less than 5 % of treatments that are worse" {
	# The true 95th percentile of treatment is 40, of which the sample shows 20 every other time.
	run -0 promoted '<=+5%' 200 20 10:.8,20:.999,40:1 10:.8,20:.949,40:1
	awk -v x="$output" 'BEGIN { exit !(x <= 5) }'
	run -0 promoted '<=+5%' 200 20 40 42.5
	awk -v x="$output" 'BEGIN { exit !(x <= 5) }'
	# What is alike, and surely so, passes.
	run -0 promoted '<=+5%' 200 20 10:.8,20:.999,40:1 10:.8,20:.999,40:1
	[ "$output" = 100 ]
}

@test "--decide: a guardrail that cannot be judged does not hold: too few values, too few keys" {
	start=1795132800 experiments guardrails 'latency_ms_p99.9<=+5%'
	sed -i 's/14d/2d/' x.tsv
	ties 1 1000 3 10:.8,20:1 10:.8,20:.9985,4000:1 .3 .6 | cmon-abtest -x x.tsv --decide --now 2026-11-22 >got
	[ "$(field got 1 status) $(field got 1 decision) $(field got 2 status)" = "treatment no invalid" ]
	[ "$(field got 1 reason)" = "latency_ms_p99.9: $(field got 2 reason)" ]
	[ "$(field got 2 reason)" = "too few values for this quantile; guardrail latency_ms_p99.9<=+5% cannot be judged, and so does not hold" ]
	# Only few keys have a latency at all.
	start=1795132800 experiments guardrails 'latency_ms_p50<=+5%'
	sed -i 's/14d/2d/' x.tsv
	ties 1 1000 20 10:1 10:1 .3 .6 | awk -F'\t' -v OFS='\t' 'NR > 1 && $6 > 10 { $2 = "" } 1' | cmon-abtest -x x.tsv --decide --now 2026-11-22 >got
	[ "$(field got 1 decision)" = no ]
	[[ $(field got 2 reason) == "few keys: "*"cannot be judged, and so does not hold" ]]
}

@test "--decide: a guardrail does not hold where nobody counted" {
	experiments guardrails 'error_pct<=+0.1'
	better | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "errors"; next } { print $0, "" }' >rows
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[ "$(field got 1 decision)" = no ]
	[[ $(field got 1 reason) == *"error_pct: "* ]]
	better | awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "errors"; next } { print $0, $2 == "treatment" ? "" : 0 }' >rows
	cmon-abtest -x x.tsv --decide --min-gain 1 rows >got
	[ "$(field got 1 decision)" = no ]
	# The same in events: a log without statuses has no errors to show.
	better | awk -F'\t' -v OFS='\t' '
		NR == 1 { print "time", "experiment", "cohort", "key", "cache", "status", "weight"; next }
		{ if ($7) print $4, $1, $2, $3, "hit", st, $7; if ($6 - $7) print $4, $1, $2, $3, "miss", st, $6 - $7 }' st= >events
	cmon-abtest -x x.tsv --decide --min-gain 1 events >got
	[ "$(field got 1 decision)" = no ]
	[[ $(field got 1 reason) == *"error_pct: "* ]]
	awk -F'\t' -v OFS='\t' 'NR > 1 { $6 = 200 } { print }' events | cmon-abtest -x x.tsv --decide --min-gain 1 >got
	[[ $(field got 1 reason) != *error_pct* && $(field got 2 reason) == *holds ]]
}

@test "-s: an experiment whose end was brought forward since it began is not judged, and nothing is written" {
	better >rows
	experiments
	cmon-cohort -x x.tsv -s state --now $((start + 60)) --check
	cp state was
	run -0 cmon-abtest -x x.tsv -s state --decide rows
	# As if it had been decided after a week.
	experiments
	sed -i 's/14d/7d/' x.tsv
	awk -F'\t' -v end=$((start + 7 * 86400)) -v OFS='\t' 'NR > 1 && $4 + $5 > end { $5 = end - $4 } 1' rows >week
	run -0 cmon-abtest -x x.tsv --decide week
	[[ $output == *promote* ]]
	refuses 'x.tsv:2: "1" was to end at 2026-12-11T00:00:00Z, not at 2026-12-04T00:00:00Z: to decide as soon as' \
	    cmon-abtest -x x.tsv -s state --decide -o results week
	[[ $stderr == *"x.tsv: experiments that run have changed: nothing was judged" ]]
	[ ! -e results ]
	cmp state was
	refuses 'none: no such file: cmon-cohort -s writes it' cmon-abtest -x x.tsv -s none --decide rows
	refuses '--only and -s need -x' cmon-abtest -s state rows
}

@test "--decide: what the input can never judge is said at once, on stderr, and not at the end" {
	experiments guardrails 'latency_ms_p95<=+5%'
	better >rows
	run -0 --separate-stderr cmon-abtest -x x.tsv --decide --now $((start + 86400)) rows
	[ "$stderr" = 'cmon-abtest: x.tsv: "1" can promote nothing by this input: guardrail "latency_ms_p95": totals by key have no values of "latency_ms": give events' ]
	[[ ${lines[1]} == *'it runs until'*'latency_ms_p95: totals by key have no values of "latency_ms": give events'* ]]
	run -0 --separate-stderr cmon-abtest -x x.tsv rows
	[ -z "$stderr" ]
}

@test "--decide: of several treatments the one with the largest gain is promoted" {
	{ aa --experiments 1 --pinned 20 --treated 600 | awk -F'\t' 'NR == 1 || $3 % 3 < 2'
	  aa --experiments 1 --pinned 20 --treated 1200 | awk -F'\t' -v OFS='\t' '$3 % 3 == 2 && $2 == "treatment" { $2 = "long"; print }'; } >rows
	experiments
	sed -i 's/control:50:5m,treatment:50:10m/control:40:5m,treatment:40:10m,long:20:20m/' x.tsv
	cmon-abtest -x x.tsv --decide rows >got
	[[ $(field got 1 reason) == *'"long" gains more'* ]]
	[ "$(field got 1 decision) $(field got 2 decision) $(field got 2 ttl_s)" = "no promote 1200" ]
}

@test "--decide: never by request-z, and never without experiments" {
	experiments
	refuses 'request-z never decides' cmon-abtest -x x.tsv --decide --method request-z /dev/null
	refuses '--decide needs -x' cmon-abtest --decide /dev/null
}

# --- what cannot be judged ---

invalid() {	# invalid TEXT ARGUMENT... <rows
	local want=$1
	shift
	cmon-abtest "$@" >got
	if [ "$(field got 1 status)" != invalid ] || [[ $(field got 1 reason) != *"$want"* ]]; then
		cat got
		return 1
	fi
	[ "$(field got 1 p_adj)" = "" ]
}

@test "invalid: one key, one cohort empty, all hits, no requests, no metric's column" {
	printf '%s\n' 'control a 1 9 5' 'treatment b 1 9 5' 'treatment c 1 9 6' | totals | invalid 'one key in control'
	printf '%s\n' 'control a 1 9 5' 'control b 1 9 5' | totals | invalid 'no other cohort than "control"'
	printf '%s\n' 'treatment a 1 9 5' 'treatment b 1 9 4' | totals | invalid 'no keys in control'
	for k in a b c d; do echo "control $k 1 9 9"; echo "treatment $k$k 1 7 7"; done | totals |
		invalid 'no variance: all keys of a cohort have the same value'
	for k in a b; do echo "control $k 1 0 0"; echo "treatment $k$k 1 7 7"; done | totals | invalid 'no keys in control'
	printf '%s\n' 'control a 1 9 5' 'control b 1 9 6' 'treatment c 1 9 5' 'treatment d 1 9 6' | totals >rows
	invalid 'no column "errors"' --metrics error_pct <rows
	invalid 'no column "latency_ms_sum"' --metrics latency_ms_avg <rows
	invalid 'totals by key have no values of "latency_ms": give events' --metrics latency_ms_p95 <rows
	tsv experiment cohort key time window requests hits >rows
	run -0 cmon-abtest rows
	[ "${#lines[@]}" -eq 1 ]
}

@test "one cohort without variance is judged by permutation" {
	{ for k in $(seq 40); do echo "control c$k 1 9 9"; echo "treatment t$k 1 9 $((k % 10))"; done; } | totals |
		cmon-abtest >got
	[ "$(field got 1 method) $(field got 1 status) $(field got 1 est_c)" = "delta+perm control 100" ]
}

@test "invalid: before the start, and no rows since" {
	experiments
	alike | awk -F'\t' -v s=$start 'NR == 1 || $4 < s - 604800 + 1' >rows
	invalid 'no rows since the start, 2026-11-27T00:00:00Z' -x x.tsv <rows
	invalid 'it has not begun: the start is 2026-11-27T00:00:00Z, and now is 2026-11-21' -x x.tsv --now 2026-11-21 <rows
	head -n 1 rows | invalid 'it has not begun' -x x.tsv --now 2026-11-21
}

@test "invalid: numbers of keys that do not fit the weights, as the scheme really is" {
	experiments
	sed -i 's/control:50:5m,treatment:50:10m/control:60:5m,treatment:40:10m/' x.tsv
	alike | invalid 'sample ratio mismatch: ' -x x.tsv
	[ "$(awk -v p="$(field got 1 srm_p)" 'BEGIN { print (p < 1e-3) }')" = 1 ]
	# 1 % by one byte is 3 of 256: the effective weights are what counts.
	experiments scheme doc255-le
	sed -i 's/control:50:5m,treatment:50:10m/control:99:5m,treatment:1:10m/' x.tsv
	{ aa --experiments 1 --keys 25600 --requests 300000 | awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = $3 % 256 < 3 ? "treatment" : "control" } 1'; } >rows
	cmon-abtest -x x.tsv --method delta rows >got
	[ "$(field got 1 status)" != invalid ]
	[ "$(awk -v p="$(field got 1 srm_p)" 'BEGIN { print (p > 0.2) }')" = 1 ]
}

@test "invalid: keys in two cohorts, unless they are to be left out, and then nothing is decided" {
	experiments
	better | awk -F'\t' -v OFS='\t' -v s=$start 'NR > 1 && $3 == 77 && $4 == s { $2 = $2 == "control" ? "treatment" : "control" } 1' >rows
	cmon-abtest -x x.tsv --decide rows >got
	[ "$(field got 1 status) $(field got 1 decision)" = "invalid no" ]
	[[ $(field got 1 reason) == "1 keys are in two cohorts: the assignment changed while it ran" ]]
	cmon-abtest -x x.tsv --decide --min-gain 1 --allow-moved rows >got
	[ "$(field got 1 status) $(field got 1 decision)" = "treatment no" ]
	[[ $(field got 1 reason) == "1 keys are in two cohorts and were left out" ]]
}

@test "invalid: rows of a cohort that the experiment does not have" {
	experiments
	alike | awk -F'\t' -v OFS='\t' 'NR > 1 && $3 == 99 { $2 = "other" } 1' | invalid 'rows of a cohort "other" that' -x x.tsv
}

@test "keys (other) are refused: they stand for many" {
	printf '%s\n' 'control a 1 9 5' 'control (other) 1 9 6' | totals >rows
	refuses '-:3: column "key": stands for many; do not fold keys' cmon-abtest <rows
}

@test "columns that are missing are named, with who adds them" {
	{ tsv time cache; tsv 1 hit; } >rows
	refuses '-:1: no column "key": cmon-key(1) adds keys, --key names another column' cmon-abtest <rows
	{ tsv key time window requests; tsv a 1 60 5; } >rows
	refuses '-:1: no label "experiment": group by experiment, cohort and key' cmon-abtest <rows
}

@test "a window on both sides of the start, or counted twice, is refused" {
	printf '%s\n' 'control a 0 9 5' | totals >rows
	refuses '-:2: this window holds the start of "e", 1970-01-01T00:00:30Z' cmon-abtest --start 30 <rows
	printf '%s\n' 'control a 60 9 5' 'control a 60 9 5' | totals >rows
	refuses '-:3: "a": rows of a key come in order of time, each window once' cmon-abtest <rows
}

@test "a window on both sides of a planned start, or of an exchange, spoils that experiment and no other" {
	experiments endpoint a
	{ cat x.tsv; sed -n 2p x.tsv | sed "s/^1/2/; s/$start/$((start + 43200))/; s/a$/b/"; } >y.tsv
	better | awk -F'\t' -v OFS='\t' 'NR == 1 { print; next } { print; $1 = 2; print }' >rows
	run -0 --separate-stderr cmon-abtest -x y.tsv --decide --min-gain 1 rows
	printf '%s\n' "${lines[@]}" >got
	[ "$(field got 1 decision) $(field got 2 decision) $(field got 2 status)" = "promote no invalid" ]
	[[ $(field got 2 reason) == 'this window holds the start of "2", 2026-11-27T12:00:00Z: choose windows that begin there (cmon-agg -w)'* ]]
	experiments period 1d
	{ tsv experiment cohort key time window requests hits; tsv 1 control a $((start + 43200)) 86400 5 3; } |
		invalid 'this window is in two periods of "1"' -x x.tsv
	# Before the start nothing changes places.
	{ tsv experiment cohort key time window requests hits; tsv 1 control a $((start - 86400 - 43200)) 86400 5 3; } |
		invalid 'it has not begun' -x x.tsv
}

@test "numbers that are none, or cannot be, are refused with path:line" {
	printf '%s\n' 'control a 1 9 x' | totals >rows
	refuses '-:2: column "hits": not a number: "x"' cmon-abtest <rows
	printf '%s\n' 'control a 1 9 10' | totals >rows
	refuses '-:2: column "hits": more than requests: "10"' cmon-abtest <rows
	printf '%s\n' 'control a 1 -9 -10' | totals >rows
	refuses '-:2: column "requests": less than 0: "-9"' cmon-abtest <rows
}

@test "overlapping experiments, and experiments that are none, are refused" {
	experiments
	sed 'p; 2s/^1/2/' x.tsv | sed 1d >y.tsv
	refuses 'y.tsv:3: "2" runs at the same time' cmon-abtest -x y.tsv /dev/null
	experiments metrics uniq_client
	refuses 'x.tsv: "uniq_client": it is no share, mean or percentile' cmon-abtest -x x.tsv /dev/null
	experiments
	refuses 'x.tsv: no experiment "zzz"' cmon-abtest -x x.tsv --only zzz /dev/null
}

@test "rows of experiments that nobody knows are left out, and said; none that runs is no trouble" {
	experiments
	{ alike; aa --experiments 2 --keys 5 | tail -n 5; } >rows
	run -0 --separate-stderr cmon-abtest -x x.tsv rows
	[ "${#lines[@]}" -eq 2 ]
	[ "$stderr" = 'cmon-abtest: rows of an experiment "2" that is not in x.tsv were left out' ]
	sed -i 's/running/completed/' x.tsv
	alike >rows
	run -0 --separate-stderr cmon-abtest -x x.tsv --decide rows
	[ "${#lines[@]} $stderr" = "1 " ]
	run -1 cmon-abtest -x x.tsv --decide --exit-status rows
	run -0 cmon-abtest -x x.tsv --only 1 rows
	[ "${#lines[@]}" -eq 2 ]
}

@test "no experiment that runs: said, since --explain would else be silent; 0" {
	experiments
	sed -i s/running/completed/ x.tsv
	better >rows
	run -0 --separate-stderr cmon-abtest -x x.tsv --explain rows
	[ "$stderr" = "cmon-abtest: x.tsv: no experiment runs, so none is judged: --only judges one whatever its status" ]
	run -0 --separate-stderr cmon-abtest -x x.tsv --only 1 --explain rows
	[ -z "$stderr" ]
}

@test "totals among the rows, other labels, and rows in no experiment count for nothing" {
	printf '%s\n' 'control a 1 9 5' 'control b 1 9 6' 'treatment c 1 9 5' 'treatment d 1 9 6' | totals >rows
	cmon-abtest rows >one
	{ cat rows; tsv '' '' '' 1 60 1000 1; tsv e control '' 1 60 1000 1; tsv '(none)' '(none)' x 1 60 1000 1
	  tsv tier experiment cohort key time window requests hits; tsv edge e control a 1 60 99 1; } | cmon-abtest >two
	diff one two
}

@test "pinned, unexposed and washed out keys are in no cohort" {
	alike | grep -v '(pinned)' | cmon-abtest --start $start >one
	alike | cmon-abtest --start $start >two
	diff one two
}

@test "tables over --mem are trouble, not a swap storm" {
	aa --experiments 1 --keys 100000 >rows
	refuses 'the keys want more than --mem 2097152 bytes' cmon-abtest --start $start --mem 2M rows
}

# --- options ---

@test "a permutation that would not end is refused, with what to do" {
	alike | awk 'NR < 20001' >rows
	{ cat rows; awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = "b" $3; print; $3 = "c" $3; print; $3 = "d" $3; print; $3 = "e" $3; print; $3 = "f" $3; print }' rows; } >many
	[ "$(cut -f3 many | sort -u | wc -l)" -gt 10001 ]
	cmon-abtest --start $start --method perm --rounds 10000000 many >got
	[ "$(field got 1 status) $(field got 1 p)" = "invalid " ]
	[ "$(field got 1 reason)" = "keys times --rounds are over 10^11, which takes too long: take fewer rounds" ]
	cmon-abtest --start $start --method perm --rounds 99 many >got
	[ "$(field got 1 rounds)" = 99 ]
}

@test "wrong options: the reason, 2" {
	refuses '--method: no such way: "t"' cmon-abtest --method t
	refuses '--adjust: no such way: "x"' cmon-abtest --adjust x
	refuses '--confidence: not between 0 and 100' cmon-abtest --confidence 100
	refuses '--rounds: 99 to 10000000' cmon-abtest --rounds 5
	refuses '--min-gain: not a number from 0 up: "-1"' cmon-abtest --min-gain -1
	refuses '--start: not a time (2026-11-20T12:00Z, 1795176000, -1h): "soon"' cmon-abtest --start soon
	refuses '--metrics: "rps": it is no share, mean or percentile' cmon-abtest --metrics rps
	refuses '--metrics: "zebra": no such metric: hit_pct, error_pct, latency_ms_avg' cmon-abtest --metrics zebra
	refuses '--plan goes without --decide, --explain, -o and -s' cmon-abtest --plan --explain
}

@test "-o appends, keeps what there was, and leaves a damaged file alone" {
	alike >rows
	cmon-abtest --start $start -o log rows >one
	cmp one log
	cmon-abtest --start $start --now 2027-01-01 -o log rows >two
	diff <(cat one; tail -n +2 two) log
	printf 'cut' >>log
	cp log before
	refuses 'log:4: ' cmon-abtest --start $start -o log rows
	cmp log before
}

@test "--exact: the last bit; else six digits" {
	printf '%s\n' 'control a 1 9 5' 'control b 1 9 6' 'treatment c 1 9 5' 'treatment d 1 9 6' | totals >rows
	cmon-abtest rows >six
	cmon-abtest --exact rows >all
	[ "$(field six 1 est_c)" = 61.1111 ]
	python3 -c 'import sys; assert float(sys.argv[1]) == 100 * (11 / 18)' "$(field all 1 est_c)"
}

@test "--prices: what a request costs, by counters and by tier" {
	{ tsv what tier price_usd per note; tsv requests '' 0.5 10; tsv misses origin 2 ''; tsv bytes '' 3 1KB; } >prices
	{ tsv time experiment cohort key cache tier bytes
	  tsv 1 e control a hit edge 1000; tsv 2 e control b miss origin 2000
	  tsv 3 e treatment c miss kv 1000; tsv 4 e treatment d hit edge 3000; } >ev
	cmon-abtest --prices prices --metrics cost_usd_avg ev >got
	# 0.05 + 3 and 0.05 + 2 + 6; 0.05 + 3 and 0.05 + 9
	[ "$(field got 1 est_c) $(field got 1 est_t)" = "5.55 6.05" ]
	{ tsv experiment cohort key time window requests hits bytes; tsv e control a 1 60 5 1 100
	  tsv e treatment b 1 60 5 1 100; } |
		cmon-abtest --prices prices --metrics cost_usd_avg >got
	[[ $(field got 1 reason) == *'totals by key do not say the tier "origin" of a price: give events'* ]]
	tsv storage '' 1 >>prices
	refuses 'prices:5: column "what": not one of requests' cmon-abtest --prices prices /dev/null
	run -0 cmon-abtest --metrics cost_usd_avg ev
	[[ ${lines[1]} == *'no column "cost_usd"'* ]]
}

# --- plans ---

@test "--plan: more days never help where keys differ for good; a pre-period and a crossover do" {
	aa --experiments 1 --pinned 20 --crossover | grep -v pinned >rows
	cmon-abtest --plan --effect 0.5 rows >got
	[ "$(field got 1 method) $(field got 1 days_needed) $(field got 1 days)" = "delta never 14" ]
	awk -v a="$(field got 1 least_effect)" -v b="$(field got 2 least_effect)" -v c="$(field got 3 least_effect)" \
		'BEGIN { exit !(b < a / 2 && c < b) }'
	[ "$(field got 3 days_needed)" -ge 1 ]
}

@test "--plan: its standard errors are those that experiments then have" {
	aa --experiments 1 --pinned 20 --crossover | grep -v pinned >rows
	cmon-abtest --plan rows >plan
	aa --experiments 40 --pinned 20 >many
	cmon-abtest --start $start --method delta many >by_key
	sd=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "diff") c = i; next } { s += $c; q += $c * $c; n++ } END { print sqrt(q / n - (s / n) ^ 2) }' by_key)
	awk -v a="$(field plan 1 se)" -v b="$sd" 'BEGIN { exit !(a / b > 0.7 && a / b < 1.4) }'
}

@test "--plan: one period tells nothing of more days, and says so" {
	{ tsv key time window requests hits; tsv a 0 60 9 3; tsv b 0 60 9 5; } | cmon-abtest --plan --period 1h >got
	[ "$(field got 2 least_effect)$(field got 2 days_needed)" = "" ]
	[[ $(field got 2 reason) == "all rows are in one period: a shorter --period is needed, or rows of more time" ]]
}

daily() { aa --experiments 1 --pinned 20 --crossover; }	# two weeks from $start on

# before < rows - those before the start.
before() { awk -F'\t' -v start=$start 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "time") c = i; print; next } $c < start'; }

@test "--plan -x: pinned keys are left out, and rows since the start: only keys that are dealt count" {
	start=1796342400
	daily >rows
	{ echo key; awk -F'\t' '$2 == "(pinned)" { print $3 }' rows | sort -u; } >pins.tsv
	[ "$(wc -l <pins.tsv)" = 21 ]
	experiments pins pins.tsv
	cmon-abtest --plan -x x.tsv rows >got
	grep -v '(pinned)' rows | before | cmon-abtest --plan >want
	diff <(cut -f2- want) <(cut -f2- got)
	# With them power would be another.
	before <rows | cmon-abtest --plan >all
	[ "$(field all 1 keys)" = $(($(field got 1 keys) + 20)) ]
	awk -v a="$(field all 1 se)" -v b="$(field got 1 se)" 'BEGIN { exit !(a > 1.5 * b) }'
}

@test "--plan -x: keys that are not exposed take no part, nor do other endpoints, and unequal weights count" {
	start=1796342400
	daily | before | cut -f3- >plain
	{ head -n 1 plain | sed 's/^/endpoint\t/'; tail -n +2 plain | sed 's/^/title\t/'; } >rows
	tail -n +2 plain | sed 's/^/other\t/' >>rows
	experiments endpoint title coverage 30
	cmon-abtest --plan -x x.tsv rows >got
	cmon-cohort -x x.tsv rows | awk -F'\t' 'NR == 1 || /\t(control|treatment)\t/' | cmon-abtest --plan >want
	diff <(cut -f2- want) <(cut -f2- got)
	refuses 'no column "endpoint": "1" is of one: run cmon-key before' cmon-abtest --plan -x x.tsv plain
	# One cohort of a tenth: the variance is (1/0.9 + 1/0.1) / 4 times that of halves.
	experiments
	cmon-abtest --plan -x x.tsv plain >halves
	sed -i 's/control:50:5m,treatment:50/control:90:5m,treatment:10/' x.tsv
	cmon-abtest --plan -x x.tsv plain >tenth
	awk -v a="$(field halves 1 se)" -v b="$(field tenth 1 se)" 'BEGIN { r = b / a / sqrt((1 / 0.9 + 10) / 4); exit !(r > 0.9999 && r < 1.0001) }'
	[ "$(field halves 3 se)" = "$(field tenth 3 se)" ]
}

@test "--plan -x: the experiment's own metrics; --only where there are several; no rows before the start" {
	start=1796342400
	experiments metrics hit_pct,miss_pct
	daily >rows
	cmon-abtest --plan -x x.tsv rows >got
	[ "$(cut -f2 got | uniq | paste -sd,)" = metric,hit_pct,miss_pct ]
	tsv 2 control:50,treatment:50 '' '' draft >>x.tsv
	refuses 'x.tsv: several experiments: --only says which one to plan' cmon-abtest --plan -x x.tsv rows
	cmon-abtest --plan -x x.tsv --only 1 rows | diff got -
	refuses 'x.tsv: no experiment "3"' cmon-abtest --plan -x x.tsv --only 3 rows
	awk -F'\t' -v start=$start 'NR == 1 || $4 >= start' rows | cmon-abtest --plan -x x.tsv --only 1 >got
	[ "$(field got 1 keys) $(field got 1 reason)" = "0 no rows of its keys before its start" ]
}

# --- for people ---

@test "--explain: what was compared, found and assumed, and what would make it surer" {
	experiments guardrails 'miss_pct<=+1%'
	better >rows
	run -0 cmon-abtest -x x.tsv --explain --decide --min-gain 1 rows
	for part in "What was compared" "What was found" "What this assumes" "What would make it surer" Decision; do
		[[ $output == *$'\n\n'"$part"$'\n'* ]]
	done
	[[ $output == *"control (control), TTL 5m: "* && $output == *"treatment, TTL 10m: "* ]]
	[[ $output == *"treatment: promote: better by "* ]]
	[ "$(awk 'length($0) > 78' <<<"$output")" = "" ]
	run -0 cmon-abtest --start $start --method newcombe --explain rows
	[[ $output =~ 'control by itself: '[0-9.]+' to '[0-9.]+' (Wilson)' ]]
	run -0 cmon-abtest --method request-z --explain rows
	[[ $output != *Wilson* ]]
	[[ $output == *"--method auto, which compares keys."* ]]
}
