# man/cmon-cohort.1 and man/cmon-experiments.5, sentence by sentence.
load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

# experiments ROW... - the file x.tsv; a row's fields are name, endpoint,
# cohorts, start, duration, status, then "column=value".
experiments() {
	python3 - "$@" >x.tsv <<'PY'
import sys
first = ['name', 'endpoint', 'cohorts', 'start', 'duration', 'status']
rows = [r.split(' ') for r in sys.argv[1:]]
more = sorted({f.split('=', 1)[0] for r in rows for f in r[6:] if f})
print(*first, *more, sep='\t')
for r in rows:
    have = dict(f.split('=', 1) for f in r[6:] if f)
    print(*['' if f == '-' else f for f in r[:6]], *[have.get(m, '') for m in more], sep='\t')
PY
}

plain='ttl-items - control:50:5m,treatment:50:10m 2026-11-20 14d running'
start=1795132800

events() { tsv time status key; for k; do tsv $((start + 100)) 200 "$k"; done; }

cohort() { cmon-cohort -x x.tsv "$@"; }

@test "events get experiment and cohort at the end" {
	experiments "$plain"
	events product:42 a >in
	run -0 cohort in
	[ "${lines[0]}" = "$(tsv time status key experiment cohort)" ]
	[ "${lines[1]}" = "$(tsv $((start + 100)) 200 product:42 ttl-items treatment)" ]
	[ "${lines[2]}" = "$(tsv $((start + 100)) 200 a ttl-items treatment)" ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "metrics get them left of time" {
	experiments "$plain"
	{ tsv key time window requests; tsv product:42 $start 60 7; } >in
	run -0 cohort in
	[ "${lines[0]}" = "$(tsv key experiment cohort time window requests)" ]
	[ "${lines[1]}" = "$(tsv product:42 ttl-items treatment $start 60 7)" ]
	{ tsv time window key; tsv $start 60 product:42; } >in
	run -0 cohort in
	[ "${lines[1]}" = "$(tsv ttl-items treatment $start 60 product:42)" ]
}

@test "rows in no experiment: both columns empty, in metrics (none), totals stay totals" {
	experiments 'x e control:1,treatment:1 2026-11-20 1d running'
	{ tsv time endpoint key; tsv $start f a; tsv $((start + 86400)) e a; tsv $start e ''; tsv $start e '(none)'; } >in
	run -0 cohort in
	[ "${lines[1]}" = "$(tsv $start f a '' '')" ]
	[ "${lines[2]}" = "$(tsv $((start + 86400)) e a '' '')" ]
	[ "${lines[3]}" = "$(tsv $start e '' '' '')" ]
	[ "${lines[4]}" = "$(tsv $start e '(none)' '' '')" ]
	{ tsv endpoint key time window; tsv f a $start 60; tsv e '' $start 60; tsv e '(none)' $start 60; } >in
	run -0 cohort in
	[ "${lines[1]}" = "$(tsv f a '(none)' '(none)' $start 60)" ]
	[ "${lines[2]}" = "$(tsv e '' '' '' $start 60)" ]
	[ "${lines[3]}" = "$(tsv e '(none)' '(none)' '(none)' $start 60)" ]
}

@test "nothing but a header, and no experiment that runs: a header" {
	experiments "${plain/running/draft}"
	run -0 cohort <(tsv time key)
	[ "$output" = "$(tsv time key experiment cohort)" ]
	run -0 cohort <(events a)
	[ "${lines[1]}" = "$(tsv $((start + 100)) 200 a '' '')" ]
}

@test "a header that comes again binds again" {
	experiments "$plain"
	{ events product:42; tsv key time; tsv product:42 $start; } >in
	run -0 cohort in
	[ "${lines[2]}" = "$(tsv key time experiment cohort)" ]
	[ "${lines[3]}" = "$(tsv product:42 $start ttl-items treatment)" ]
}

@test "rows before the start are assigned, with the control's TTL; rows after the end are not" {
	experiments "$plain"
	{ tsv time key; tsv $((start - 1)) product:42; tsv $start product:42
	  tsv $((start + 14 * 86400 - 1)) product:42; tsv $((start + 14 * 86400)) product:42; } >in
	run -0 cohort -c cohort,ttl_s,ttl in
	[ "${lines[1]}" = "$(tsv $((start - 1)) product:42 treatment 300 5m)" ]
	[ "${lines[2]}" = "$(tsv $start product:42 treatment 600 10m)" ]
	[ "${lines[3]}" = "$(tsv $((start + 14 * 86400 - 1)) product:42 treatment 600 10m)" ]
	[ "${lines[4]}" = "$(tsv $((start + 14 * 86400)) product:42 '' '' '')" ]
}

@test "before or after cmon-agg, the totals of each cohort are the same" {
	cmon-parse -q -c time,url,bytes "$ROOT/examples/edge.log" >events 2>/dev/null
	experiments "x - control:25:1m,treatment:25:2m,other:50 2026-11-20 14d running coverage=80"
	totals() { awk -F'\t' 'NR > 1 { n[$1] += $(NF - 1); b[$1] += $NF } END { for (c in n) print c, n[c], b[c] }' | sort; }
	cohort --key url -c cohort events | cmon-agg -w 1m -g cohort -c requests,bytes | totals >before
	cmon-agg -w 1m -g url -c requests,bytes events | cohort --key url -c cohort | cut -f2- | totals >after
	diff before after
	[ "$(cut -d' ' -f1 before | tr '\n' ' ')" = '(none) (unexposed) control other treatment ' ]
	[ "$(awk '{ n += $2 } END { print n }' before)" -eq "$(sed 1d events | wc -l)" ]
}

@test "-c: which columns, in which order; any column of the file" {
	experiments "$plain owner=ops"
	events product:42 >in
	run -0 cohort -c hash,bucket,owner,experiment,status,start <(cut -f1,3 in)
	[ "${lines[0]}" = "$(tsv time key hash bucket owner experiment status start)" ]
	[ "${lines[1]}" = "$(tsv $((start + 100)) product:42 84e210f2554dcf58 0.5190744964250406 ops ttl-items running 2026-11-20)" ]
	run -2 cohort -c nobody in
	[[ $output == *'--columns: nobody knows "nobody"'* ]]
	run -2 cohort -c cohort,cohort in
	[[ $output == *'"cohort" stands twice'* ]]
}

@test "a column that is there already is trouble: path:line" {
	experiments "$plain"
	{ tsv time key cohort; tsv $start a b; } >in
	run -2 cohort in
	[[ $output == 'cmon-cohort: in:1: column "cohort" is there already: --from-field'* ]]
}

@test "the hashed key is the bytes behind the escapes" {
	experiments "$plain"
	{ tsv time key; tsv $start 'caf\xC3\xA9'; tsv $start 'café'; tsv $start 'a\tb\\c\x00d'; } >in
	run -0 cohort -c hash in
	[ "$(cut -f3 <<<"${lines[1]}")" = "$(cut -f3 <<<"${lines[2]}")" ]
	[ "$(cut -f3 <<<"${lines[1]}")" = "$(printf 'ttl-items\0caf\xc3\xa9' | sha256sum | cut -c1-16)" ]
	[ "$(cut -f3 <<<"${lines[3]}")" = "$(printf 'ttl-items\0a\tb\\c\0d' | sha256sum | cut -c1-16)" ]
	printf 'time\tkey\n%s\ta\\q\n' $start >in
	run -2 cohort in
	[[ $output == *'in:2: column "key": a bad escape: "a\q"'* ]]
}

@test "cmon1, coverage and phase: as hashlib and exact integers say, 3000 keys" {
	experiments "x - a:889,b:101,c:10 2026-11-20 14d running coverage=30" \
	    "y f control:1,treatment:1 2026-12-20 14d draft period=1d salt=y:2 washout=0"
	for i in {1..3000}; do tsv $((start + i * 397)) f "k/$i"; done >rows
	{ tsv time endpoint key; cat rows; } >in
	cohort -c cohort,bucket in >ours
	cohort --only y -c cohort in >ours2
	python3 - <<'PY' >truth
import hashlib
def x(salt, key): return int.from_bytes(hashlib.sha256(salt + b'\0' + key).digest()[:8], 'big')
for line in open('rows'):
    t, e, k = line.rstrip('\n').split('\t')
    h, b = x(b'x', k.encode()), x(b'x.exposure', k.encode())
    n = h * 1000 >> 64
    c = 'a' if n < 889 else "b" if n < 990 else 'c'
    if (b * 10 >> 64) >= 3: c = '(unexposed)'
    odd = int(t) // 86400 + (x(b'y:2.phase', b'') >> 63) & 1
    print(c, repr((h >> 11) / 2 ** 53), ['control', 'treatment'][(x(b'y:2', k.encode()) >> 63) ^ odd], sep='\t')
PY
	cmp <(paste <(sed 1d ours | cut -f4,5) <(sed 1d ours2 | cut -f4)) truth
	for c in a b c '(unexposed)'; do grep -q "^$c" truth; done
}

@test "pinned keys: (pinned), with the control's TTL, whatever the hash says" {
	experiments "$plain pins=sub/pins.tsv"
	mkdir sub
	{ tsv key time window requests; tsv product:42 1 2 3; tsv '' 1 2 3; tsv '(other)' 1 2 3; } >sub/pins.tsv
	run -0 cohort -c cohort,ttl_s <(events product:42 product:43 | cut -f1,3)
	[ "${lines[1]}" = "$(tsv $((start + 100)) product:42 '(pinned)' 300)" ]
	[[ ${lines[2]} != *pinned* ]]
	rm sub/pins.tsv
	run -2 cohort </dev/null
	[[ $output == *'sub/pins.tsv: No such file'* ]]
}

@test "a period exchanges cohorts; rows too soon after it are (washout)" {
	experiments 'ttl-items - control:1:10s,treatment:1:20s 1000 10000s running period=1000s'
	tsv time key >in
	for t in 999 1000 1019 1020 1999 2000 2020 10999; do tsv $t product:42 >>in; done
	run -0 cohort -c cohort,ttl_s in
	[ "$(cut -f3,4 <<<"${lines[1]}")" = "$(tsv control 10)" ]
	[ "$(cut -f3,4 <<<"${lines[2]}")" = "$(tsv '(washout)' 20)" ]
	[ "$(cut -f3,4 <<<"${lines[3]}")" = "$(tsv '(washout)' 20)" ]
	[ "$(cut -f3,4 <<<"${lines[4]}")" = "$(tsv treatment 20)" ]
	[ "$(cut -f3,4 <<<"${lines[5]}")" = "$(tsv treatment 20)" ]
	[ "$(cut -f3,4 <<<"${lines[6]}")" = "$(tsv '(washout)' 10)" ]
	[ "$(cut -f3,4 <<<"${lines[7]}")" = "$(tsv control 10)" ]
	[ "$(cut -f3,4 <<<"${lines[8]}")" = "$(tsv control 10)" ]
}

@test "a window of metrics that contains a change is trouble: path:line" {
	experiments 'x - control:1:10s,treatment:1:20s 1000 9000s running period=1000s'
	window() { { tsv key time window; tsv a "$@"; } >in; cohort in; }
	for w in '0 1000' '1020 980' '9020 980' '10000 1000' '20000 9000'; do run -0 window ${w% *} ${w#* }; done
	run -2 window 500 501
	[[ $output == *'in:2: this window contains a change of "x" at 1970-01-01T00:16:40Z: assign events, or take shorter windows' ]]
	run -2 window 1000 21
	run -2 window 1020 981
	run -2 window 9020 981
	run -2 window 0 x
	[[ $output == *'in:2: column "window": not a length in seconds: "x"' ]]
}

@test "(other) among keys is trouble: it is many keys" {
	experiments "$plain"
	run -2 cohort <(events '(other)')
	[[ $output == *':2: column "key": "(other)" is many keys: assign cohorts before keys are folded' ]]
}

@test "the key column missing is trouble; --key and --endpoint name others" {
	experiments 'ttl-items title control:1,treatment:1 2026-11-20 14d running'
	{ tsv time url kind; tsv $start product:42 title; } >in
	run -2 cohort in
	[[ $output == *'in:1: no column "key": run cmon-key before, or name the column with --key' ]]
	run -2 cohort --key url in
	[[ $output == *'in:1: no column "endpoint": run cmon-key before, or name the column with --endpoint' ]]
	run -0 cohort --key url --endpoint kind in
	[ "${lines[1]}" = "$(tsv $start product:42 title ttl-items treatment)" ]
}

@test "--from-field takes what was logged, in place" {
	experiments "$plain" 'old - a:1,b:1 2026-01-01 1d completed'
	{ tsv time url cohort; tsv $((start + 1)) /a treatment; tsv $((start + 2)) /b ''; tsv $((start + 3)) /c '(pinned)'; } >in
	run -0 cohort --from-field cohort -c experiment,cohort,ttl_s,hash in
	[ "${lines[0]}" = "$(tsv time url cohort experiment ttl_s hash)" ]
	[ "${lines[1]}" = "$(tsv $((start + 1)) /a treatment ttl-items 600 '')" ]
	[ "${lines[2]}" = "$(tsv $((start + 2)) /b '' ttl-items 300 '')" ]
	[ "${lines[3]}" = "$(tsv $((start + 3)) /c '(pinned)' ttl-items 300 '')" ]
	{ tsv time experiment arm; tsv $start ttl-items control; tsv $start old a; tsv $start '' treatment; } >in
	run -0 cohort --from-field arm in
	[ "${lines[0]}" = "$(tsv time experiment arm cohort)" ]
	[ "${lines[1]}" = "$(tsv $start ttl-items control control)" ]
	[ "${lines[2]}" = "$(tsv $start '' a '')" ]
	[ "${lines[3]}" = "$(tsv $start ttl-items treatment treatment)" ]
	run -2 cohort --from-field colour in
	[[ $output == *'in:1: no column "colour"'* ]]
}

@test "--from-field: a row in the washout is (washout), whatever the server logged, as by the key" {
	experiments 'x - control:50:5m,treatment:50:10m 2026-11-20 14d running washout=1h scheme=nginx'
	{ tsv time key arm; for t in -1 0 3599 3600; do tsv $((start + t)) a "$(cohort --lookup a --now $((start + 7200)) | sed -n 2p | cut -f4)"; done
	  tsv $((start + 9)) b '(pinned)'; } >in
	cohort --from-field arm -c experiment,cohort,ttl_s in | cut -f1,2,4- | head -n 5 >logged
	cut -f1,2 in | cohort -c experiment,cohort,ttl_s | head -n 5 >computed
	diff logged computed
	[ "$(grep -c '(washout)' logged)" -eq 2 ]
	[ "$(cohort --from-field arm -c cohort in | tail -n 1 | cut -f4)" = '(pinned)' ]
}

@test "--from-field: a word that is no cohort is (unknown), counted; 1" {
	experiments "$plain"
	{ tsv time cohort; tsv $start treatment; tsv $start $'treat\\x1Bment'; tsv $start x; } >in
	run -1 --separate-stderr cohort --from-field cohort in
	[ "${lines[2]}" = "$(tsv $start '(unknown)' ttl-items)" ]
	[[ $stderr == 'cmon-cohort: 2 rows with a cohort that their experiment does not have: the first, in line 3, is "treat\x1Bment"' ]]
}

@test "--only: one experiment, whatever its status; a draft without a start is all pre-period" {
	experiments 'old - a:1:1s,b:1:2s 2026-11-20 14d completed salt=ttl-items' 'new - c:1:1s,d:1:2s - - draft salt=ttl-items'
	events product:42 >in
	run -0 cohort in
	[ "$(cut -f4,5 <<<"${lines[1]}")" = "$(tsv '' '')" ]
	run -0 cohort --only old -c experiment,cohort,ttl_s in
	[ "$(cut -f4- <<<"${lines[1]}")" = "$(tsv old b 2)" ]
	run -0 cohort --only new -c experiment,cohort,ttl_s in
	[ "$(cut -f4- <<<"${lines[1]}")" = "$(tsv new d 1)" ]
	run -2 cohort --only nobody in
	[[ $output == *'x.tsv: no experiment "nobody"' ]]
}

@test "--lookup: a row for each experiment in use; 1 if there is none" {
	experiments "$plain" 'e2 title a:1,b:1 2027-01-01 1d running'
	run -0 cohort --lookup product:42 --now $start
	[ "${lines[0]}" = "$(tsv time experiment endpoint cohort ttl_s bucket hash status start duration)" ]
	[ "${lines[1]}" = "$(tsv $start ttl-items '' treatment 600 0.5190744964250406 84e210f2554dcf58 running 2026-11-20 14d)" ]
	[[ ${lines[2]} == "$start"$'\te2\ttitle\t'* ]]
	[ "${#lines[@]}" -eq 3 ]
	experiments "${plain/running/draft}"
	run -1 cohort --lookup product:42 --now $start
	[ "${#lines[@]}" -eq 1 ]
}

@test "--check says every mistake with its line, and reads no input" {
	experiments "$plain"
	run -0 cohort --check ./no-such-file
	[ -z "$output" ]
	experiments 'a - control:50,treatment:60 2026-11-20 14d running' 'b - control:1,treatment:1 yesterday 14d running' 'c - x:1,y:1 2026-11-20 - running'
	run -2 cohort --check
	[ "${lines[0]}" = 'cmon-cohort: x.tsv:2: column "cohorts": the weights add up to 110, not to 1, 100 or another power of ten, nor are they all the same' ]
	[[ ${lines[1]} == 'cmon-cohort: x.tsv:3: column "start": not a time'* ]]
	[ "${lines[2]}" = 'cmon-cohort: x.tsv:4: column "duration": empty: how long does it run?' ]
	[ "${lines[3]}" = 'cmon-cohort: x.tsv: the experiments have mistakes: nothing was assigned' ]
	[ "${#lines[@]}" -eq 4 ]
}

@test "--check knows the metrics that cmon-abtest knows, in both columns, whatever the status" {
	experiments "$plain metrics=hit_pct,zebra,rps guardrails=latency_ms_p95<=+5%,latency_ms_p100<=+1%"
	run -2 cohort -s st --now $((start + 1)) --check
	[[ ${lines[0]} == 'cmon-cohort: x.tsv:2: column "metrics": "zebra": no such metric: hit_pct, '* ]]
	[[ ${lines[1]} == 'cmon-cohort: x.tsv:2: column "metrics": "rps": it is no share, mean or percentile: '* ]]
	[ "${lines[2]}" = 'cmon-cohort: x.tsv:2: column "guardrails": "latency_ms_p100": the least and the greatest value cannot be compared' ]
	[ "${lines[3]}" = 'cmon-cohort: x.tsv: the experiments have mistakes' ]
	[ ! -e st ]
	# cmon-abtest has the same words.
	run -2 cmon-abtest -x x.tsv </dev/null
	[[ $output == *'"zebra": no such metric: hit_pct, '* ]]
	experiments "${plain/running/draft} metrics=zebra"
	run -2 cohort --check
	# Of those that run together one metric has one better side; a draft is by itself.
	experiments "a a control:50,treatment:50 2026-11-20 14d running metrics=shown_avg" \
	    "b b control:50,treatment:50 2026-11-20 14d draft metrics=+shown_avg"
	run -0 cohort --check
	sed -i 's/draft/running/' x.tsv
	run -2 cohort --check
	[[ ${lines[0]} == *':3: column "metrics": "shown_avg": in one place more of it is better, in another less' ]]
}

@test "-s: an experiment that runs may not change; --allow-change begins anew" {
	local on=$((start + 100)) out
	experiments "$plain"
	events product:42 >in
	run -0 cohort -s st --now $on in
	[ "${#lines[@]}" -eq 2 ]
	cp st was
	run -0 cohort -s st --now $((on + 5)) in
	cmp st was
	experiments "${plain/50:10m/50:20m}"
	run -2 cohort -s st --now $on in
	[ "${lines[0]}" = 'cmon-cohort: x.tsv:2: "ttl-items" runs, and had cohorts=control:50:300s,treatment:50:600s when it began, not cohorts=control:50:300s,treatment:50:1200s: keys would change their TTL: start another experiment, or cmon-cohort --allow-change' ]
	[ "${lines[1]}" = 'cmon-cohort: x.tsv: experiments that run have changed: nothing was assigned' ]
	[ "${#lines[@]}" -eq 2 ]
	for change in '2026-11-19 14d running' '2026-11-20 14d running salt=x' '2026-11-20 14d running scheme=nginx' \
	    '2026-11-20 14d running period=1d' '2026-11-20 14d running washout=1h'; do
		experiments "ttl-items - control:50:5m,treatment:50:10m $change"
		run -2 cohort -s st --now $on in
	done
	experiments "${plain/50:5m,treatment:50/40:5m,treatment:60}"
	run -2 cohort -s st --now $on --check
	cmp st was
	run -0 cohort -s st --now $on --check --allow-change
	[ -z "$output" ]
	run -0 cohort -s st --now $on in
	experiments "$plain"
	run -2 cohort -s st --now $on in
}

@test "-s: what is not judged by may change: metrics, notes; a larger coverage and a later end too" {
	local on=$((start + 100))
	events a >in
	experiments "$plain coverage=10 note=one"
	run -0 cohort -s st --now $on in
	experiments "${plain/14d/21d} coverage=20 note=two metrics=error_pct"
	run -0 cohort -s st --now $on in
	experiments "$plain coverage=10"
	run -2 cohort -s st --now $on in
	[ "${lines[0]}" = 'cmon-cohort: x.tsv:2: "ttl-items" runs, and had a coverage of 20 %, which can only grow: start another experiment, or cmon-cohort --allow-change' ]
}

@test "-s: an end may be put off, not brought forward, nor moved once it has come, unless it is said" {
	local on=$((start + 100)) end=$((start + 21 * 86400))
	events a >in
	experiments "$plain"
	run -0 cohort -s st --now $on in
	experiments "${plain/14d/7d}"
	run -2 cohort -s st --now $on in
	[ "${lines[0]}" = 'cmon-cohort: x.tsv:2: "ttl-items" was to end at 2026-12-04T00:00:00Z, not at 2026-11-27T00:00:00Z: to decide as soon as the result pleases is to find what is not there: keep the duration, start another experiment, or cmon-cohort --allow-change' ]
	experiments "${plain/14d/21d}"
	run -0 cohort -s st --now $on --check
	experiments "$plain"
	run -2 cohort -s st --now $on --check
	experiments "${plain/14d/28d}"
	run -2 cohort -s st --now $end --check
	[[ $output == *'was to end at 2026-12-11T00:00:00Z, not at 2026-12-18T00:00:00Z: it is over'* ]]
	run -0 cohort -s st --now $end --check --allow-change
	run -0 cohort -s st --now $end --check
}

@test "-s: pins may not change while it runs" {
	echo 'key' >pins.tsv
	echo 'a' >>pins.tsv
	experiments "$plain pins=pins.tsv"
	run -0 cohort -s st --now $((start + 1)) --check
	echo 'b' >>pins.tsv
	run -2 cohort -s st --now $((start + 1)) --check
	[[ $output == *'had pins=1:'*', not pins=2:'* ]]
}

@test "-s: before the start by the clock, and as a draft, an experiment may change" {
	experiments "$plain"
	run -0 cohort -s st --now $((start - 1)) --check
	[ ! -e st ]
	experiments "${plain/running/draft}"
	run -0 cohort -s st --now $((start + 1)) --check
	[ ! -e st ]
}

@test "-s: a state that is not ours or was damaged is not believed; a busy one: 75" {
	experiments "$plain"
	echo 'hello' >st
	run -2 cohort -s st --now $start --check
	[[ $output == *'st: '* ]]
	rm st
	: >st.lock
	exec 8<>st.lock
	flock 8
	run -75 cohort -s st --now $start --check
	[ "$output" = 'cmon-cohort: st: another run writes it now' ]
	flock -u 8
	run -0 cohort -s st --now $start --check
	flock 8
	run -0 cohort -s st --now $start --check
}

@test "the example's experiments have no mistake" {
	run -0 cmon-cohort -x "$ROOT/examples/experiments.tsv" --check
	[ -z "$output" ]
}

@test "experiments of one endpoint may not run at the same time" {
	experiments 'a e x:1,y:1 2026-11-20 14d running' 'b e x:1,y:1 2026-12-03 1d running' 'c - x:1,y:1 2026-12-04 1d running'
	run -2 cohort --check
	[ "${lines[0]}" = 'cmon-cohort: x.tsv:3: "b" runs at the same time and for the same endpoint as "a" of line 2: a key can keep one TTL only' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "no experiments file, none named, a strange option value: 2" {
	run -2 cmon-cohort </dev/null
	[[ $output == *'--experiments: which file'* ]]
	run -2 cmon-cohort -x ./no-such-file </dev/null
	[[ $output == *'./no-such-file: No such file'* ]]
	experiments "$plain"
	run -2 cohort --emit apache
	[[ $output == *'--emit: nginx or js, not "apache"'* ]]
	run -2 cohort --now yesterday --lookup a
	[[ $output == *'--now: not a time (2026-11-20T12:00Z, 1795176000, -1h): "yesterday"'* ]]
	run -2 cohort --emit nginx --variable 'a b'
	[[ $output == *'--variable: no name of a variable of nginx'* ]]
}

@test "largest and smallest: a key of 1 MB, times at both ends, 16 cohorts" {
	experiments "x - $(for i in {1..15}; do printf 'c%d:0.000000001,' $i; done)c16:* 1970-01-02 14d running"
	head -c 1000000 /dev/zero | tr '\0' k >key
	{ tsv time key; tsv -9223372036854 a; tsv 9223372036854 a; tsv 0 "$(cat key)"; tsv 0.000001 a; } >in
	cohort -c cohort,hash in >out
	[ "$(cut -f3 out | sed 1d)" = $'c16\n\nc16\nc16' ]
	[ "$(sed -n 4p out | cut -f4)" = "$({ printf 'x\0'; cat key; } | sha256sum | cut -c1-16)" ]
}

@test "-o replaces the file as a whole; -F writes what it has" {
	experiments "$plain"
	events a >in
	run -0 cohort -o out in
	diff out <(cohort in)
	run -0 cohort -F in
	diff <(echo "$output") out
	printf 'time\tkey\n1\ta' >short
	run -2 cohort -o out short
	diff out <(cohort in)
}

# Keys that a server may meet: plain ones, and any byte that a header can hold.
keys() {
	python3 - <<'PY'
import random
random.seed(42)
for i in range(9000): print(('/title?q=%d&p=%d' % (i, i % 7)).encode().hex())
for i in range(1000): print(bytes(random.choice(range(0x21, 0x100)) for _ in range(random.randrange(1, 40))).replace(b'\x7f', b'x').hex())
PY
}

# in_stream TIME ENDPOINT <hex - rows with such keys, escaped.
in_stream() {
	tsv time endpoint key
	sed 's/../\\x&/g' | awk -v OFS='\t' -v t="$1" -v e="$2" '{ print t, e, $0 }'
}

# 286 of the keys, some with a case of their own.
pins() { echo key; { sed -n 's/../\\x&/g; 1~35p' hex; echo '/TITLE?q=1&p=1'; } }

@test "--emit nginx: the real nginx says the same of 10,000 keys" {
	PATH=$PATH:/usr/sbin
	for need in nginx python3; do command -v $need || skip "no $need"; done
	{ keys; printf k8zlr32 | od -An -tx1 | tr -d ' \n'; echo; } >hex
	pins >pins.tsv
	local rows=() names=() ends=() scheme cohorts more n=0
	for scheme in nginx nginx-pre1.31.2; do
		for cohorts in control:50:5m,treatment:50:10m a:33.33,b:33.33,c:33.34 a:10:1m,b:*:2m; do
			for more in '' 'coverage=25.5 pins=pins.tsv'; do
				n=$((n + 1))
				rows+=("my.exp-$n e$n $cohorts 2026-11-20 14d running scheme=$scheme $more")
				names+=("cmon_my_exp_$n" "cmon_my_exp_${n}_ttl_s")
				ends+=("e$n")
			done
		done
	done
	experiments "${rows[@]}"
	cohort --emit nginx --variable '$http_x_key' -o conf
	python3 "$ROOT/tests/nginx-cohorts.py" conf http_x_key "${names[@]}" <hex >theirs
	for e in "${ends[@]}"; do in_stream $start $e <hex >in; cohort -c cohort,ttl_s in | sed 1d | cut -f4,5 >ours.$e; done
	paste "${ends[@]/#/ours.}" >ours
	[ "$(wc -l <ours)" -eq 10001 ]
	cmp ours theirs
	in_stream $start '' <hex >in
	experiments "my.exp - control:50,treatment:50 2026-11-20 14d running salt=(none) scheme=nginx-pre1.31.2"
	run -0 cohort -c hash,cohort in
	[ "$(tail -n 1 <<<"$output")" = "$(tsv $start '' '\x6b\x38\x7a\x6c\x72\x33\x32' 4294967295 '')" ]
}

@test "--emit nginx: request_uri is what the log has as url" {
	PATH=$PATH:/usr/sbin
	for need in nginx python3; do command -v $need || skip "no $need"; done
	experiments "x - control:50,treatment:50 2026-11-20 14d running scheme=nginx"
	keys | head -n 1000 >hex
	cohort --emit nginx -o conf
	python3 "$ROOT/tests/nginx-cohorts.py" conf request_uri cmon_x cmon_x_ttl_s <hex | cut -f1 >theirs
	in_stream $start '' <hex >in
	cmp <(cohort -c cohort in | sed 1d | cut -f4) theirs
}

@test "--emit nginx: what it cannot do is refused, with the line" {
	experiments "$plain"
	run -2 cohort --emit nginx
	[[ $output == *'x.tsv:2: "ttl-items": nginx cannot compute this scheme: the experiment needs the scheme nginx, or --emit js' ]]
	experiments "$plain scheme=nginx period=1d"
	run -2 cohort --emit nginx
	[[ $output == *'x.tsv:2: "ttl-items": nginx cannot exchange cohorts by the clock: take --emit js' ]]
	experiments "a.b e control:1,x:1 2026-11-20 14d running scheme=nginx" "A-b f control:1,x:1 2026-11-20 14d running scheme=nginx"
	run -2 cohort --emit nginx
	[[ $output == *'x.tsv:3: "A-b": its variable in nginx would be that of another experiment: take another name' ]]
	experiments "a e default:1,x:1 2026-11-20 14d running scheme=nginx"
	run -2 cohort --emit nginx
	[[ $output == *'take other names than default'* ]]
	experiments "a e control:1,x:1 2026-11-20 14d running scheme=nginx pins=pins.tsv"
	{ echo key; head -c 1500 /dev/zero | sed 's/\x00/\\x00/g'; echo; } >pins.tsv
	run -2 cohort --emit nginx
	[[ $output == *'a pinned key is too long'* ]]
}

@test "--emit js: Node says the same of 10,000 keys by all schemes, at all times" {
	for need in node python3; do command -v $need || skip "no $need"; done
	keys >hex
	pins >pins.tsv
	day=$((start / 86400 * 86400))
	local rows=() scheme
	for scheme in cmon1 doc255-lt doc255-le nginx nginx-pre1.31.2; do
		rows+=("$scheme $scheme control:50:5m,treatment:50:10m 2026-11-20 14d running scheme=$scheme coverage=60 pins=pins.tsv period=1d")
	done
	experiments "${rows[@]}" 'three x a:33.33:1m,b:33.33,c:33.34:2m 2026-11-20 1d running' 'then x d:989:1m,e:1:2m,f:10:3m 2026-11-23 14d running washout=1h'
	cohort --emit js -o cohorts.mjs
	for e in cmon1 doc255-lt doc255-le nginx nginx-pre1.31.2 x; do
		awk -v OFS='\t' -v e=$e -v t=$day 'NR % 6 < (e == "x" ? 2 : 1) { print t + (NR * 971 % (17 * 86400)) - 86400, e, $0 }' hex
	done >rows
	[ "$(wc -l <rows)" -ge 10000 ]
	node "$ROOT/tests/node-cohorts.mjs" cohorts.mjs <<<"$(sed 's/\t/000\t/' rows)" >theirs
	{ tsv time endpoint key; awk -F'\t' -v OFS='\t' '{ gsub(/../, "\\x&", $3); print }' rows; } >in
	cohort -c experiment,cohort,ttl_s in | sed 1d | cut -f4- >ours
	cmp ours theirs
	for c in control treatment a b c d f '(pinned)' '(unexposed)' '(washout)'; do cut -f2 ours | grep -qxF -- "$c" || { echo "no $c"; false; }; done
}

@test "--emit js: 10,000 keys by cmon1, as strings and as bytes" {
	for need in node python3; do command -v $need || skip "no $need"; done
	keys >hex
	experiments "$plain"
	cohort --emit js -o cohorts.mjs
	node "$ROOT/tests/node-cohorts.mjs" cohorts.mjs <<<"$(sed "s/^/${start}000\t\t/" hex)" | cut -f2 >theirs
	in_stream $start '' <hex >in
	cohort -c cohort in | sed 1d | cut -f4 >ours
	cmp ours theirs
	[ "$(wc -l <ours)" -eq 10000 ]
}
