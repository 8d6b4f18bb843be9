load helper

T=1795176000	# 2026-11-20 12:00:00, a multiple of 5 minutes

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	rule miss critical 'miss_pct > 15' >r
}

# rule ID SEVERITY CONDITION [COLUMN=VALUE]... - a rules file of one rule.
rule() {
	local names=$'id\tseverity\tcondition' values="$1"$'\t'"$2"$'\t'"$3" pair
	shift 3
	for pair; do
		names+=$'\t'${pair%%=*} values+=$'\t'${pair#*=}
	done
	printf '%s\n%s\n' "$names" "$values"
}

# row MINUTE COLUMN VALUE - a window of 5 minutes that ended at that minute.
row() { tsv time window "$2"; tsv $((T + 60 * $1 - 300)) 300 "$3"; }

# gauge MINUTE COLUMN VALUE [LABEL VALUE]
gauge() {
	if [ $# -gt 3 ]; then tsv "$4" time window "$2"; tsv "$5" $((T + 60 * $1)) 0 "$3"
	else tsv time window "$2"; tsv $((T + 60 * $1)) 0 "$3"; fi
}

# at MINUTE [OPTION...] - one run at that minute.
at() { local m=$1; shift; cmon-alert -r r -s state --now $((T + 60 * m)) "$@"; }

# col NAME... - these columns of the rows, blanks between them.
col() {
	awk -F'\t' -v want="$*" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(want, w, " "); next }
		{ for (i = 1; i <= n; i++) printf "%s%s", $at[w[i]], i < n ? " " : "\n" }'
}

# story COLUMN MINUTE=VALUE... - the states over runs, one row each; - is no row.
story() {
	local c=$1 pair
	shift
	for pair; do
		if [ "${pair#*=}" = - ]; then tsv time window "$c"; else row "${pair%%=*}" "$c" "${pair#*=}"; fi |
			at "${pair%%=*}" | col state
	done | paste -sd ' '
}

# --- the table ---

@test "the table has the columns of the manual, in its order" {
	row 0 miss_pct 3 | at 0 >o
	[ "$(head -n 1 o)" = "$(tsv time state severity rule labels value threshold since fired resolved \
	    summary causes runbook channels muted_by flags condition)" ]
	# Each is told of in the manual.
	head -n 1 o | tr '\t' '\n' | while read -r c; do
		grep -qE "^\.It (.*[ ,])?$c([ ,].*)?$" "$ROOT/man/cmon-alert.1" || { echo "$c"; false; }
	done
}
@test "a healthy rule is a row too, with its value" {
	row 0 miss_pct 3 | at 0 >o
	[ "$(col state rule value threshold since <o)" = "inactive miss 3 15 " ]
}
@test "a breach fires at once without for, and resolves at once without keep" {
	[ "$(story miss_pct 0=3 5=16 10=15 15=15.1)" = "inactive firing resolved firing" ]
}
@test "for: pending until the condition has held so long" {
	rule miss critical 'miss_pct > 15' for=10m >r
	[ "$(story miss_pct 0=20 5=20 10=20 15=20)" = "pending pending firing firing" ]
	rm state; [ "$(story miss_pct 0=20 5=3 10=20 15=20)" = "pending inactive pending pending" ]
}
@test "keep: firing until the condition has not held so long" {
	rule miss critical 'miss_pct > 15' keep=10m >r
	[ "$(story miss_pct 0=20 5=3 10=3 15=3)" = "firing firing firing resolved" ]
	rm state; [ "$(story miss_pct 0=20 5=3 10=20 15=3 20=3 25=3)" = "firing firing firing firing firing resolved" ]
}
@test "clear: a figure that swings about the threshold fires once" {
	rule miss critical 'miss_pct >' threshold=15% clear=12% >r
	[ "$(story miss_pct 0=14 5=16 10=14 15=12.1 20=12 25=14)" = "inactive firing firing firing resolved resolved" ]
	rule edge warning 'share_pct <' threshold=75 clear=80 >r
	rm state; [ "$(story share_pct 0=76 5=74 10=79 15=80 20=76)" = "inactive firing firing resolved resolved" ]
}
@test "cron may be a little early: a tenth of the interval does not count" {
	rule miss critical 'miss_pct > 15' for=5m >r
	row 0 miss_pct 20 | cmon-alert -r r -s state --now $((T + 3)) >o
	row 5 miss_pct 20 | cmon-alert -r r -s state --now $((T + 300)).5 >o
	[ "$(col state <o)" = firing ]
	rm state
	row 0 miss_pct 20 | cmon-alert -r r -s state --now $((T + 31)) >o
	row 5 miss_pct 20 | cmon-alert -r r -s state --now $((T + 300)).5 >o
	[ "$(col state <o)" = pending ]
}
@test "since, fired and resolved are the times of the runs" {
	rule miss critical 'miss_pct > 15' for=5m >r
	row 0 miss_pct 20 | at 0 >o; [ "$(col time since fired resolved <o)" = "$T $T  " ]
	row 5 miss_pct 20 | at 5 >o; [ "$(col since fired resolved <o)" = "$T $((T + 300)) " ]
	row 10 miss_pct 2 | at 10 >o; [ "$(col since fired resolved <o)" = "$T $((T + 300)) $((T + 600))" ]
}
@test "what is resolved is shown for a week" {
	row 0 miss_pct 20 | at 0 >/dev/null
	[ "$(story miss_pct 5=1 1450=1 10084=1 10085=1 10090=1)" = "resolved resolved resolved inactive inactive" ]
}
@test "a breach that comes to nothing leaves the episode before as it was" {
	rule miss critical 'miss_pct > 15' for=10m >r
	[ "$(story miss_pct 0=20 5=20 10=20 15=1)" = "pending pending firing resolved" ]
	row 20 miss_pct 20 | at 20 >o
	[ "$(col state since flags <o)" = "pending $((T + 1200)) prev_since=$T,prev_resolved=$((T + 900))" ]
	row 25 miss_pct 1 | at 25 >o
	[ "$(col state since fired resolved flags <o)" = "resolved $T $((T + 600)) $((T + 900)) " ]
}
@test "a new episode names the one before" {
	story miss_pct 0=20 5=1 >/dev/null
	row 10 miss_pct 20 | at 10 >o
	[ "$(col state since flags <o)" = "firing $((T + 600)) prev_since=$T,prev_resolved=$((T + 300))" ]
}
@test "texts and channels of the rule are in the row" {
	rule miss critical 'miss_pct > 15' channels=mail,pager summary='Too many\nmisses' causes=purge runbook=https://x.test/ >r
	row 0 miss_pct 20 | at 0 >o
	[ "$(col severity channels summary causes runbook <o)" = 'critical mail,pager Too many\nmisses purge https://x.test/' ]
}
@test "rows are in order of rule and labels, whatever the order of the input" {
	rule b warning 'x{h=*} > 0' >r; rule a warning 'x{h=*} > 0' | tail -n 1 >>r
	for h in 9 10 ä A a; do gauge 0 x 1 h $h; done | at 0 | col rule labels >o
	LC_ALL=C sort -c o
	[ "$(wc -l <o)" -eq 10 ]
}
@test "the same input gives the same bytes, and running again at the same time changes nothing" {
	rule a warning 'x{h=*} > 0' for=5m >r
	for h in 1 2 3 4 5 6 7 8 9; do gauge 0 x 1 h $h; done >in
	at 0 <in >o1; cp state s1
	at 0 <in >o2; cmp o1 o2; cmp s1 state
	rm state; at 0 <in >o3; cmp o1 o3; cmp s1 state
}
@test "-o writes the table into a file, as a whole or not at all" {
	row 0 miss_pct 20 | at 0 -o table
	[ "$(col state <table)" = firing ]
	cp table before; run -2 at 5 -o table <<<"no header"
	cmp table before
}

# --- which figure ---

@test "the newest row counts, and a row again for the same window holds" {
	{ row 0 miss_pct 20; row 5 miss_pct 1; row 0 miss_pct 30; } | at 5 >o; [ "$(col value <o)" = 1 ]
	{ row 5 miss_pct 1; row 5 miss_pct 40; } | at 5 >o; [ "$(col value <o)" = 40 ]
}
@test "a window that has not ended is not judged" {
	{ row 0 miss_pct 1; row 5 miss_pct 99; } | at 4 >o
	[ "$(col state value <o)" = "inactive 1" ]
}
@test "labels that are not named must be empty" {
	{ tsv tier time window miss_pct; tsv edge $((T - 300)) 300 99; tsv '' $((T - 300)) 300 1; } | at 0 >o
	[ "$(col labels value <o)" = " 1" ]
	rule edge warning 'share_pct{tier=edge} < 75' >r
	{ tsv tier time window share_pct; tsv edge $((T - 300)) 300 70; tsv kv $((T - 300)) 300 30
	  tsv '' $((T - 300)) 300 100; } | at 0 >o
	[ "$(col state value <o)" = "firing 70" ]
}
@test "labels left open make an alert each, and are its labels" {
	rule hosts warning 'miss_pct{host=*,tier=edge} > 15' >r
	{ tsv tier host time window miss_pct; tsv edge b $((T - 300)) 300 20; tsv edge a $((T - 300)) 300 10
	  tsv kv a $((T - 300)) 300 99; tsv edge '' $((T - 300)) 300 99; } | at 0 | col state labels >o
	[ "$(cat o)" = "$(printf 'inactive host="a"\nfiring host="b"')" ]
}
@test "a quote in a label is \\x22, so the field can be cut at its quotes" {
	rule hosts warning 'x{h=*} > 0' >r
	gauge 0 x 1 h 'a"b\\c,d="e' | at 0 >o
	[ "$(col labels <o)" = 'h="a\x22b\\c,d=\x22e"' ]
	gauge 5 x 0 h 'a"b\\c,d="e' | at 5 >o; [ "$(col state <o)" = resolved ]
}
@test "{window=1h} chooses among windows; without it the shortest of the newest counts" {
	two() { tsv time window error_pct; tsv $((T - 3600)) 3600 "$1"; tsv $((T - 300)) 300 "$2"; }
	rule e critical 'error_pct{window=1h} > 5' >r
	two 9 1 | at 0 >o; [ "$(col value <o)" = 9 ]
	rule e critical 'error_pct > 5' >r; rm state
	two 9 1 | at 0 >o; [ "$(col value <o)" = 1 ]
}
@test "& : all terms must hold; one that does not is enough" {
	rule burn critical 'error_pct{window=1h} > & error_pct{window=5m} >' threshold=1.44 >r
	two() { tsv time window error_pct; tsv $((T - 3600)) 3600 "$1"; tsv $((T - 300)) 300 "$2"; }
	for v in 1:1 1:2 2:1 2:2; do rm -f state; two ${v%:*} ${v#*:} | at 0 | col state; done >o
	[ "$(paste -sd ' ' o)" = "inactive inactive inactive firing" ]
	# Known to be false, though the other is not known.
	rm state; row 0 error_pct 1 | at 0 >o; [ "$(col state flags <o)" = "inactive " ]
	rm state; row 0 error_pct 2 | at 0 >o; [ "$(col state flags <o)" = "inactive nodata" ]
}
@test "each operator at, below and above its number" {
	for c in '> firing:3' '>= firing:2,3' '< firing:1' '<= firing:1,2' '== firing:2' '!= firing:1,3'; do
		rule x warning "depth ${c% *} 2" >r
		fires=
		for v in 1 2 3; do
			rm -f state; gauge 0 depth $v | at 0 >o
			[ "$(col state <o)" != firing ] || fires+=,$v
		done
		[ "firing:${fires#,}" = "${c#* }" ] || { echo "$c: $fires"; false; }
	done
}
@test "clear replaces the threshold, and no number that a term has of its own" {
	rule x warning 'a > & b > 5' threshold=10 clear=8 >r
	two() { tsv time window a b; tsv $((T + 60 * $1)) 0 "$2" "$3"; }
	two 0 9 6 | at 0 >o; [ "$(col state <o)" = inactive ]
	two 5 11 6 | at 5 >o; [ "$(col state <o)" = firing ]
	two 10 9 6 | at 10 >o; [ "$(col state <o)" = firing ]
	two 15 9 5 | at 15 >o; [ "$(col state <o)" = resolved ]
	two 20 11 6 | at 20 >o; two 25 8 6 | at 25 >o; [ "$(col state <o)" = resolved ]
}
@test "terms are joined on the labels they leave open; one that leaves none counts for all" {
	rule j warning 'a{h=*} > 1 & b{h=*} > 1 & c > 1' >r
	rows() { tsv h time window a b c; tsv x $T 0 2 2 ''; tsv y $T 0 2 1 ''; tsv z $T 0 1 2 ''; tsv '' $T 0 0 0 "$1"; }
	rows 2 | at 0 >o; [ "$(col labels state <o | paste -sd ' ')" = 'h="x" firing h="y" inactive h="z" inactive' ]
	rm state; rows 1 | at 0 >o; [ "$(col state <o | sort -u)" = inactive ]
}
@test "age() is now minus a time, lag() how long ago the newest row ended" {
	rule job critical 'age(last_success{job=*}) > 20m' >r
	gauge 0 last_success $((T - 1200)) job x | at 0 >o; [ "$(col value state <o)" = "1200 inactive" ]
	gauge 0 last_success $((T - 1201)) job x | at 0 >o; [ "$(col value state <o)" = "1201 firing" ]
	rule log critical 'lag(requests) > 15m' >r; rm state
	{ row 0 requests 5; row 5 requests ''; } | at 15 >o; [ "$(col value state <o)" = "900 inactive" ]
	row 0 requests 5 | at 16 >o; [ "$(col value state <o)" = "960 firing" ]
}
@test "a threshold is in its column's unit, or converts to it" {
	for c in 'latency_ms_p99 > 0.5s' 'latency_ms_p99 > 500'; do
		rule p99 critical "$c" >r
		row 0 latency_ms_p99 500.5 | at 0 >o; [ "$(col threshold state <o)" = "500 firing" ]
	done
	rule kv warning 'kv_bytes > 1GB' >r; rm state
	gauge 0 kv_bytes 1000000001 | at 0 >o; [ "$(col threshold state <o)" = "1000000000 firing" ]
}
@test "condition: of which figure value and threshold are, in words of the rules file; of several terms the first" {
	while IFS='|' read -r condition threshold want; do
		rule x critical "$condition" threshold="$threshold" >r
		tsv time window a | at 0 >o
		[ "$(col condition <o)" = "$want" ] || { echo "$condition"; col condition <o; false; }
	done <<-'EOF'
	latency_ms_p99 > 0.5s||latency_ms_p99 > 500
	 share_pct{tier=edge, host=*}<|75%|share_pct{tier=edge, host=*} < 75
	error_pct{window=1h} > & error_pct{window=5m} >|1.44|error_pct{window=1h} > 1.44
	b >= 3 & a != 1||b >= 3
	age( last_success{job="a b"} )>20m||age( last_success{job="a b"} ) > 1200
	kv_bytes > 1GB||kv_bytes > 1000000000
	EOF
	# The alert on missing data judges none.
	rule x critical 'a > 1' nodata=alert >r; rm state
	tsv time window a | at 0 | col rule condition >o
	[ "$(cat o)" = "$(printf 'x a > 1\nx.nodata ')" ]
}
@test "a value is never shown as that of a figure that the rule judges only since" {
	row 0 miss_pct 20 | at 0 >o; [ "$(col value condition <o)" = "20 miss_pct > 15" ]
	rule miss critical 'miss_pct > 18' >r
	tsv time window x | at 5 >o; [ "$(col value condition <o)" = "20 miss_pct > 18" ]
	for other in 'error_pct > 18' 'miss_pct{tier=edge} > 18' 'miss > 18'; do
		cp state s; rule miss critical "$other" >r
		tsv time window x | at 10 >o; [ "$(col state value condition <o)" = "firing  $other" ]
		mv s state
	done
	# Its rule is gone: the last value, and of what it was, for the day that it is shown.
	rule other info 'x > 1' >r
	tsv time window x | at 15 >o; [ "$(col rule state value condition <o | head -n 1)" = "miss resolved 20 miss_pct > 18" ]
	tsv time window x | at 20 >o; [ "$(col value condition <o | head -n 1)" = "20 miss_pct > 18" ]
}
@test "columns that are labels here, or not there at all, are no data" {
	rule x warning 'depth > 1' >r
	{ tsv depth time window other; tsv 5 $T 0 5; } | at 0 >o
	[ "$(col state flags <o)" = "inactive nodata" ]
}

# --- no data ---

@test "nodata=keep freezes: missing rows resolve nothing, and no timer runs" {
	rule miss critical 'miss_pct > 15' for=10m keep=10m >r
	[ "$(story miss_pct 0=20 5=- 10=- 15=20 20=20)" = "pending pending pending pending firing" ]
	[ "$(story miss_pct 25=1 30=- 35=- 40=- 45=1 50=1)" = "firing firing firing firing firing resolved" ]
	rm state; story miss_pct 0=20 5=20 10=20 >/dev/null
	tsv time window miss_pct | at 15 >o; [ "$(col state flags value <o)" = "firing nodata 20" ]
}
@test "nodata=ok takes missing rows as fine" {
	rule miss critical 'miss_pct > 15' nodata=ok >r
	[ "$(story miss_pct 0=20 5=-)" = "firing resolved" ]
}
@test "nodata=alert raises an alert of its own, and freezes the first" {
	rule miss critical 'miss_pct > 15' nodata=alert for=5m channels=mail >r
	story miss_pct 0=20 5=20 >/dev/null
	tsv time window miss_pct | at 10 | col rule state severity channels flags >o
	[ "$(cat o)" = "$(printf 'miss firing critical mail nodata\nmiss.nodata pending critical mail ')" ]
	tsv time window miss_pct | at 15 | col rule state >o
	[ "$(cat o)" = "$(printf 'miss firing\nmiss.nodata firing')" ]
	row 20 miss_pct 1 | at 20 | col rule state >o
	[ "$(cat o)" = "$(printf 'miss resolved\nmiss.nodata resolved')" ]
}
@test "nodata=alert misses the host that no longer reports, and no other" {
	rule h critical 'x{host=*} > 15' nodata=alert >r
	{ gauge 0 x 1 host a; gauge 0 x 1 host b; } | at 0 >/dev/null
	gauge 5 x 1 host a | at 5 | col rule labels state >o
	[ "$(cat o)" = "$(printf 'h host="a" inactive\nh host="b" inactive\nh.nodata host="a" inactive\nh.nodata host="b" firing')" ]
}
@test "nodata=alert without a single row fires, and resolves when rows come" {
	rule h critical 'x{host=*} > 15' nodata=alert >r
	tsv host time window x | at 0 | col rule labels state >o
	[ "$(cat o)" = "$(printf 'h  inactive\nh.nodata  firing')" ]
	gauge 5 x 1 host a | at 5 | col rule labels state | grep nodata >o
	[ "$(cat o)" = "$(printf 'h.nodata  resolved\nh.nodata host="a" inactive')" ]
}
@test "max_age: an old row is no data; by default 15 minutes or 3 intervals" {
	rule miss critical 'miss_pct > 15' max_age=5m >r
	row 0 miss_pct 20 | at 5 >o; [ "$(col state <o)" = firing ]
	rm state; row 0 miss_pct 20 | at 6 >o; [ "$(col state flags <o)" = "inactive nodata" ]
	rule miss critical 'miss_pct > 15' >r
	rm state; row 0 miss_pct 20 | at 15 >o; [ "$(col state <o)" = firing ]
	rm state; row 0 miss_pct 20 | at 16 >o; [ "$(col state flags <o)" = "inactive nodata" ]
	rm state; row 0 miss_pct 20 | at 30 -i 10m >o; [ "$(col state <o)" = firing ]
}
@test "min_n: a figure that rests on few requests is not judged" {
	few() { tsv time window requests miss_pct; tsv $((T + 60 * $1 - 300)) 300 "$2" "$3"; }
	rule miss critical 'miss_pct > 15' min_n=200 >r
	few 0 199 99 | at 0 >o; [ "$(col state flags <o)" = "inactive few" ]
	few 5 200 99 | at 5 >o; [ "$(col state flags <o)" = "firing " ]
	few 10 10 1 | at 10 >o; [ "$(col state flags value <o)" = "firing few 99" ]
	# No guard by default, however few there were.
	rule miss critical 'miss_pct > 15' >r
	rm state; few 0 1 99 | at 0 >o; [ "$(col state flags <o)" = "firing " ]
	# None where nothing says how many there were.
	rule miss critical 'miss_pct > 15' min_n=200 >r
	rm state; row 0 miss_pct 99 | at 0 >o; [ "$(col state <o)" = firing ]
	# Quiet is not missing.
	rule miss critical 'miss_pct > 15' min_n=200 nodata=alert >r
	rm state; few 0 3 99 | at 0 | col rule state >o
	[ "$(cat o)" = "$(printf 'miss inactive\nmiss.nodata inactive')" ]
}
@test "an empty value, NaN and infinity are no data" {
	for v in '' NaN nan -nan inf +Inf -Infinity; do
		rm -f state; row 0 miss_pct "$v" | at 0 >o; [ "$(col state flags <o)" = "inactive nodata" ]
	done
}
@test "an alert with labels is given up after 7 days without data" {
	rule h critical 'x{host=*} > 15' nodata=alert >r
	gauge 0 x 20 host a | at 0 >/dev/null
	tsv host time window x | at 5 >/dev/null
	tsv host time window x | at 10079 | col rule labels state | grep 'host="a"' >o
	[ "$(cat o)" = "$(printf 'h host="a" firing\nh.nodata host="a" firing')" ]
	tsv host time window x | at 10085 | col rule labels state flags | grep 'host="a"' >o
	[ "$(cat o)" = "$(printf 'h host="a" resolved nodata,gone\nh.nodata host="a" resolved gone')" ]
	tsv host time window x | at 20165 >/dev/null
	tsv host time window x | at 20170 | col labels >o; run ! grep -q host o
}

# --- time ---

@test "after a gap pending timers start again, and what fires is flagged" {
	rule miss critical 'miss_pct > 15' for=10m >r
	[ "$(story miss_pct 0=20 5=20 66=20 71=20 76=20)" = "pending pending pending pending firing" ]
	row 140 miss_pct 20 | at 140 >o; [ "$(col state flags <o)" = "firing gap" ]
	row 145 miss_pct 20 | at 145 >o; [ "$(col state flags <o)" = "firing " ]
	rm state; [ "$(story miss_pct 0=20 5=20 65=20)" = "pending pending firing" ]
}
@test "runs that always come after a gap are said once, with what to do, and -i makes them right" {
	rule miss critical 'miss_pct > 15' for=5m max_age=3h >r
	for m in 0 120 240; do row $m miss_pct 20 >in; run -0 --separate-stderr at $m <in; [ -z "$stderr" ]; done
	row 360 miss_pct 20 >in; run -0 --separate-stderr at 360 <in
	[ "$stderr" = 'cmon-alert: state: runs are 2h apart, where --interval is 5m: so "for" and "keep" begin anew each time, and are never reached: say --interval 2h' ]
	[ "$(col state <<<"$output")" = pending ]
	for m in 480 600 720; do row $m miss_pct 20 >in; run -0 --separate-stderr at $m <in; [ -z "$stderr" ]; done
	row 840 miss_pct 20 | at 840 -i 2h >o; [ "$(col state since <o)" = "firing $((T + 720 * 60))" ]
	# One that came in time ends the row: a machine that sleeps at night.
	rm state
	for m in 0 5 905 910 1810 1815 2715; do row $m miss_pct 20 >in; run -0 --separate-stderr at $m <in; [ -z "$stderr" ]; done
	# An older state knows of none.
	cp "$ROOT/tests/data/alert-state-v2" state
	for m in 120 240; do row $m miss_pct 20 >in; run -0 --separate-stderr at $m <in; [ -z "$stderr" ]; done
	row 361 miss_pct 20 >in; run -0 --separate-stderr at 361 <in
	[[ $stderr == *"say --interval 2h1m" ]]
	# Asking why neither says nor counts it.
	cp state s; run -0 --separate-stderr at 600 --explain miss <in; [ -z "$stderr" ]; cmp state s
}
@test "a clock that went back is trouble, and the state stays" {
	row 0 miss_pct 20 | at 10 >/dev/null; cp state before
	row 0 miss_pct 20 >in
	run -2 --separate-stderr at 9 <in
	[ -z "$output" ]; [[ $stderr == "cmon-alert: state: the run before was at 2026-11-20T12:10:00Z, later than now"* ]]
	run -2 at 9 --explain miss <in
	run -3 at 9 --nagios <in
	cmp state before
	# At the same second, and later, it goes on.
	row 10 miss_pct 20 | at 10 >o; [ "$(col state since <o)" = "firing $((T + 600))" ]
}
@test "--now takes Unix time and RFC 3339" {
	row 0 miss_pct 20 | cmon-alert -r r -s state --now 2026-11-20T12:00:00Z >o
	[ "$(col time <o)" = "$T" ]
	run -2 cmon-alert -r r -s state --now yesterday </dev/null
}
@test "without --now the clock holds: an old row never alerts" {
	row 0 miss_pct 99 | sed "s/$((T - 300))/1700000000/" | cmon-alert -r r -s state >o
	[ "$(col state flags <o)" = "inactive nodata" ]
}

# --- muting ---

# Two hosts and their total, all of them bad.
hosts() {
	tsv host time window miss_pct
	for h in a b ''; do tsv "$h" $((T + 60 * $1 - 300)) 300 "$2"; done
}
many() {
	rule total critical 'miss_pct > 15'
	rule host warning 'miss_pct{host=*} > 15' | tail -n 1
}

@test "a silence mutes what matches, and nothing else, until it ends" {
	many >r
	cmon-alert -s state --now $T --silence add 'rule=host,host=a' 10m 'new disk'
	hosts 0 20 | at 0 | col rule labels state muted_by >o
	[ "$(cat o)" = "$(printf 'host host="a" firing silence:1\nhost host="b" firing \ntotal  firing ')" ]
	hosts 9 20 | at 9 | col muted_by >o; grep -q silence:1 o
	hosts 10 20 | at 10 | col muted_by >o; run ! grep -q silence o
}
@test "matchers: =, !=, =*, severity, quotes; a label that is not there matches no value" {
	many >r
	for m in 'severity=warning' 'host=*' 'host!=c' 'rule!=total' 'rule=host , host=*' 'host="a"'; do
		rm -f state*; cmon-alert -s state --now $T --silence add "$m" 1h
		hosts 0 20 | at 0 >o
		[ "$(col labels muted_by <o | head -n 1)" = 'host="a" silence:1' ] || { echo "$m"; false; }
		[ "$(col rule muted_by <o | tail -n 1)" = "total " ] || { echo "$m"; false; }
	done
}
@test "a silence of a rule is one of its alert on missing data too" {
	rule miss critical 'miss_pct > 15' nodata=alert >r
	cmon-alert -s state --now $T --silence add rule=miss 1h
	tsv time window miss_pct | at 0 >o
	[ "$(col rule state muted_by <o | tail -n 1)" = "miss.nodata firing silence:1" ]
}
@test "silences are listed as a stream, and ended" {
	cmon-alert -s state --now $T --silence add host=a 1h 'first
line'
	LOGNAME=ada SUDO_USER='' cmon-alert -s state --now $T --silence add host=b 2h
	cmon-alert -s state --now $((T + 3600)) --silence list >o
	[ "$(col time id state matchers end <o)" = "$(printf '%s 1 ended host=a %s\n%s 2 active host=b %s' \
	    $((T + 3600)) $((T + 3600)) $((T + 3600)) $((T + 7200)))" ]
	[ "$(col comment <o | head -n 1)" = 'first\nline' ]
	[ "$(col author <o | tail -n 1)" = ada ]
	cmon-alert -s state --now $((T + 3600)) --silence end 2
	cmon-alert -s state --now $((T + 3600)) --silence list >o
	[ "$(col state <o | paste -sd ' ')" = "ended ended" ]
	run -2 cmon-alert -s state --now $((T + 3601)) --silence end 2
	[[ $output == *"it has ended already" ]]
	run -2 cmon-alert -s state --silence end 9
	[[ $output == *"there is no such silence" ]]
}
@test "a silence says who, be it a hostile name, and its times are whole seconds" {
	cmon-alert -s state --now $T.75 --silence add host=a 1h 2>/dev/null
	[ "$(col start end <state.silences)" = "2026-11-20T12:00:00Z 2026-11-20T13:00:00Z" ]
	SUDO_USER=$'a\tb\e[31m' cmon-alert -s state --now $T --silence add host=b 1h
	env -u SUDO_USER -u LOGNAME -u USER "$CMON_BIN/cmon-alert" -s state --now $T --silence add host=c 1h
	cmon-alert -s state --now $T --silence list >o
	[ "$(col id author <o | tail -n 2 | paste -sd,)" = "2 a\\tb\\x1B[31m,3 $(id -un)" ]
	# Begun and ended within a second: it mutes nothing, and is no mistake.
	cmon-alert -s state --now $T.9 --silence end 3
	run -0 --separate-stderr cmon-alert -s state --now $T --silence list
	[ "$stderr" = "" ] && [[ $output == *"	3	ended	"* ]]
	run -2 cmon-alert -s state --silence add host=d 0s
	[[ $output == *"ends before it starts" ]]
}
@test "a state that is not there has no silences, and asking leaves nothing" {
	for verb in list 'end 1'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr cmon-alert -s typo --silence $verb
		[ "$output$stderr" = "cmon-alert: typo: no such state, nor silences of it: --state is that of the runs" ]
	done
	[ "$(echo typo*)" = 'typo*' ]
	# Silences may come before the first run, and those of a state that has none are none.
	run -0 --separate-stderr cmon-alert -s new --silence add host=a 1h
	[ "$stderr" = "cmon-alert: new: no such state yet: the silence is for runs with this --state" ]
	row 0 miss_pct 1 | at 0 >/dev/null
	run -0 cmon-alert -s state --now $T --silence list
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e state.silences.lock ]
}
@test "a silence needs an end, at most 30 days away, and matchers" {
	run -2 cmon-alert -s state --silence add host=a
	run -2 cmon-alert -s state --silence add host=a 31d
	[[ $output == *"longer than 30 days"* ]]
	run -2 cmon-alert -s state --silence add host=a 106751991d
	[[ $output == *"longer than 30 days"* ]]
	run -2 cmon-alert -s state --silence add '' 1h
	run -2 cmon-alert -s state --silence add host 1h
	[[ $output == *"= or != is missing"* ]]
	run -2 cmon-alert -s state --silence add 'host=a b=c' 1h
	run -2 cmon-alert -s state --silence mute host=a 1h
	[ ! -e state.silences ]
}
@test "a silence with a mistake is said, with its line, and mutes nothing" {
	many >r
	{ tsv id matchers start end author comment; tsv 1 host=a 2026-11-20T11:00:00Z 2026-11-20T13:00:00Z me x
	  tsv 2 host=b 2026-11-20T11:00:00Z '' me x; tsv 3 host=b 1795170000 2027-11-20
	  tsv 4 host=b -9000000000000 9000000000000; } >state.silences
	hosts 0 20 >in
	run -0 --separate-stderr at 0 <in
	[ "$(col muted_by <<<"$output" | paste -sd ' ')" = "silence:1  " ]
	[ "${stderr_lines[0]}" = 'cmon-alert: state.silences:3: column "end": not a time (2026-11-20T12:00:00Z, or Unix time): ""' ]
	[[ ${stderr_lines[1]} == "cmon-alert: state.silences:4: longer than 30 days"* ]]
	[[ ${stderr_lines[2]} == "cmon-alert: state.silences:5: longer than 30 days"* ]]
	# Writing it would lose them.
	run -2 cmon-alert -s state --silence add host=c 1h
	[ "$(wc -l <state.silences)" -eq 5 ]
}
@test "inhibition: while the critical fires the warning is muted, and then it is not" {
	rule miss_w warning 'miss_pct > 10' inhibited_by=miss_c >r; rule miss_c critical 'miss_pct > 15' | tail -n 1 >>r
	row 0 miss_pct 20 | at 0 | col rule state muted_by >o
	[ "$(cat o)" = "$(printf 'miss_c firing \nmiss_w firing rule:miss_c')" ]
	row 5 miss_pct 12 | at 5 | col rule state muted_by >o
	[ "$(cat o)" = "$(printf 'miss_c resolved \nmiss_w firing ')" ]
}
@test "inhibition: in whatever order the rules stand, by what fires, be it muted itself, and not by what is pending" {
	{ tsv id severity condition for inhibited_by
	  tsv miss_c critical 'miss_pct > 15' 5m; tsv miss_w warning 'miss_pct > 10' '' miss_c; } >r
	row 0 miss_pct 20 | at 0 | col rule state muted_by >o
	[ "$(cat o)" = "$(printf 'miss_c pending \nmiss_w firing ')" ]
	cmon-alert -s state --now $T --silence add rule=miss_c 1h
	row 5 miss_pct 20 | at 5 | col rule state muted_by >o
	[ "$(cat o)" = "$(printf 'miss_c firing silence:1\nmiss_w firing rule:miss_c')" ]
}
@test "inhibition: labels that both rules leave open must be equal" {
	rule w warning 'x{host=*} > 1' inhibited_by=c >r; rule c critical 'y{host=*,tier=*} > 1' | tail -n 1 >>r
	{ gauge 0 x 2 host a; gauge 0 x 2 host b; tsv host tier time window y; tsv b kv $T 0 2; tsv a kv $T 0 1; } |
		at 0 | col rule labels muted_by | grep '^w' >o
	[ "$(cat o)" = "$(printf 'w host="a" \nw host="b" rule:c')" ]
}
@test "a muted alert goes on through its states" {
	cmon-alert -s state --now $T --silence add rule=miss 1h
	[ "$(story miss_pct 0=20 5=1 10=20)" = "firing resolved firing" ]
}
@test "escalation: further channels after a time, unless somebody silenced it" {
	rule miss critical 'miss_pct > 15' channels=mail escalate=30m escalate_to=phone,boss >r
	for m in 0 5 29; do row $m miss_pct 20 | at $m >o; done
	[ "$(col channels flags <o)" = "mail " ]
	row 30 miss_pct 20 | at 30 >o; [ "$(col channels flags <o)" = "mail,phone,boss escalated" ]
	# They hear of the end too, and the next episode begins anew.
	row 35 miss_pct 1 | at 35 >o; [ "$(col state channels <o)" = "resolved mail,phone,boss" ]
	row 40 miss_pct 20 | at 40 >o; [ "$(col state channels <o)" = "firing mail" ]
	# Silenced for a while: the time counts from its end.
	cmon-alert -s state --now $((T + 2700)) --silence add rule=miss 10m
	for m in 45 50 55 60 70 80; do row $m miss_pct 20 | at $m >o; done
	[ "$(col channels muted_by <o)" = "mail " ]
	row 85 miss_pct 20 | at 85 >o; [ "$(col channels <o)" = "mail,phone,boss" ]
}
@test "escalation: the time in which it could not be judged does not count" {
	few() { tsv time window requests miss_pct; tsv $((T + 60 * $1 - 300)) 300 "$2" "$3"; }
	rule miss critical 'miss_pct > 15' min_n=200 channels=mail escalate=30m escalate_to=phone >r
	for m in 0 5 10; do few $m 1000 20 | at $m >o; done
	# Quiet for an hour, then no row at all.
	for m in 15 30 60; do few $m 100 1 | at $m >o; done
	[ "$(col state channels flags value <o)" = "firing mail few 20" ]
	few 60 100 1 | at 60 --explain miss >o
	grep -q 'cannot be judged for want of requests: the state is frozen' o
	for m in 65 90; do tsv time window miss_pct | at $m >o; done
	[ "$(col state channels flags <o)" = "firing mail nodata" ]
	# Ten minutes had passed, twenty are left.
	for m in 100 105 109; do few $m 1000 20 | at $m >o; done
	[ "$(col channels <o)" = mail ]
	few 110 1000 20 | at 110 >o
	[ "$(col channels flags <o)" = "mail,phone escalated" ]
	# What takes missing data as fine goes on.
	rule miss critical 'miss_pct > 15' nodata=ok keep=2h channels=mail escalate=30m escalate_to=phone >r
	rm state; row 0 miss_pct 20 | at 0 >/dev/null
	for m in 15 30; do tsv time window miss_pct | at $m >o; done
	[ "$(col state channels <o)" = "firing mail,phone" ]
}

# --- rules come and go ---

@test "a rule that is deleted, disabled or has other labels resolves what it fired" {
	rule other info 'x > 1' >others
	rule miss critical 'miss_pct > 15' channels=mail enabled=no >disabled
	rule miss critical 'miss_pct{host=*} > 15' >changed
	rule miss critical 'miss_pct{host=*} > 15' channels=mail >r
	hosts 0 20 | at 0 >/dev/null; cp state before
	for f in others disabled; do
		cp before state; cp $f r
		hosts 5 20 | at 5 | col rule labels state severity channels flags | grep '^miss' >o
		[ "$(cat o)" = "$(printf 'miss host="a" resolved critical mail removed\nmiss host="b" resolved critical mail removed')" ]
	done
	cp before state; rule miss critical 'miss_pct > 15' channels=mail >r
	hosts 5 20 | at 5 | col labels state flags >o
	[ "$(head -n 2 o)" = "$(printf ' firing \nhost="a" resolved removed')" ]
}
@test "a rule that is edited keeps its alerts, firing or not" {
	row 0 miss_pct 20 | at 0 >/dev/null
	rule miss warning 'miss_pct > 18' for=1h >r
	row 5 miss_pct 20 | at 5 >o
	[ "$(col state severity threshold since <o)" = "firing warning 18 $T" ]
}
@test "a rules file with mistakes: all are said with line and remedy, none is used" {
	{ tsv id severity condition threshold for; tsv a critical 'miss_pct >' 15ms 5m
	  tsv a bad 'x >> 1' '' 5; tsv 'b c' info 'x > 1'; } >r
	row 0 miss_pct 20 >in
	run -2 --separate-stderr at 0 <in
	[ -z "$output" ]
	[ "${stderr_lines[0]}" = 'cmon-alert: r:2: column "threshold": "15ms" for "miss_pct": not a percentage, as the column is' ]
	[ "$(grep -c '^cmon-alert: r:[234]: ' <<<"$stderr")" -eq 6 ]
	[ ! -e state ]
}
@test "--check says the same and 2, or nothing and 0; with -i a note on what cannot fire in time" {
	run -0 cmon-alert --check -r r; [ -z "$output" ]
	printf 'id\nx\n' >bad; run -2 cmon-alert --check -r bad; [ "${#lines[@]}" -eq 2 ]
	rule miss critical 'miss_pct > 15' for=2m >r
	run -0 cmon-alert --check -r r
	run -0 cmon-alert --check -r r -i 2m
	run -0 cmon-alert --check -r r -i 5m
	[ "$output" = 'cmon-alert: r:2: column "for": note: shorter than the interval of -i: it fires at the second run' ]
	tsv id >state.silences; tsv 1 >>state.silences
	run -2 cmon-alert --check -r r -s state
	[[ $output == *state.silences:2:* ]]
}

@test "--check --channels points out the rules that tell a channel nobody serves" {
	{ tsv id severity condition channels escalate escalate_to enabled; tsv a info 'x > 1' mail
	  tsv b info 'x > 1' mail,pagr; tsv c info 'x > 1' mail 30m boss; tsv d info 'x > 1'
	  tsv e info 'x > 1' nobody '' '' no; } >r
	run -1 cmon-alert --check -r r --channels mail,pager,phone
	[ "${#lines[@]}" -eq 2 ]
	[ "${lines[0]}" = 'cmon-alert: r:3: nobody serves the channel "pagr": give it a cmon-mail --channel, or take it out' ]
	[[ ${lines[1]} == 'cmon-alert: r:4: nobody serves the channel "boss"'* ]]
	run -0 cmon-alert --check -r r --channels boss,mail,pagr; [ -z "$output" ]
	run -1 cmon-alert --check -r r --channels ''
	[ "${#lines[@]}" -eq 3 ]
	run -2 cmon-alert -r r -s state --channels mail </dev/null
	[[ $output == *"--channels goes with --check"* ]]
}

# --- the state ---

@test "another run has the lock: 75, and nothing is judged" {
	row 0 miss_pct 20 >in
	exec 9>state.lock; flock -n 9
	run -75 --separate-stderr at 0 <in
	[ -z "$output" ]; [ "$stderr" = "cmon-alert: state: another run has it locked" ]
	exec 9>&-
	run -0 at 0 <in
}
@test "a state that is damaged is not believed: the former one is, and that is said" {
	rule miss critical 'miss_pct > 15' for=5m >r
	story miss_pct 0=20 5=20 10=20 >/dev/null
	printf x | dd of=state bs=1 seek=100 conv=notrunc 2>/dev/null
	row 15 miss_pct 20 >in
	run -0 --separate-stderr at 15 <in
	[ "$stderr" = "cmon-alert: state: damaged: its bytes are not those that were written; went on from state.1" ]
	[ "$(col state since <<<"$output")" = "firing $T" ]
	# The damaged one did not become the former one.
	: >state
	run -0 --separate-stderr at 20 <in
	[ "$(col since <<<"$output")" = "$T" ]
}
@test "cut at each byte, or with one byte wrong: never believed, and never taken for an empty one" {
	story miss_pct 0=20 5=20 >/dev/null
	cp state whole; cp state.1 former
	row 10 miss_pct 20 >in
	n=$(wc -c <whole)
	[ "$n" -gt 200 ]
	at 10 <in >want; [ "$(col state since <want)" = "firing $T" ]
	cp former state.1
	for i in $(seq 0 $((n - 1))); do
		for how in cut wrong; do
			head -c "$i" whole >state
			[ $how = cut ] || { printf '\1'; tail -c +$((i + 2)) whole; } >>state
			at 10 <in >o 2>err && cmp o want && [ -s err ] || { echo "$how at $i"; cat err; false; }
		done
	done
	# The damaged one never became the former one.
	cmp state.1 former
}
@test "both damaged: refused, with what to do" {
	story miss_pct 0=20 5=20 >/dev/null
	: >state; : >state.1
	row 10 miss_pct 20 >in
	run -2 --separate-stderr at 10 <in
	[ -z "$output" ]; [[ $stderr == *"move it away to start afresh"* ]]
	[ ! -s state ]
}
@test "a state of an older version is taken over, one of a newer is refused" {
	cp "$ROOT/tests/data/alert-state-v1" state
	rule miss critical 'miss_pct > 15' channels=mail >r
	row 10 miss_pct 20 | at 10 >o
	[ "$(col state since fired channels <o)" = "firing $T $((T + 300)) mail" ]
	[ "$(head -n 1 state | cut -f 2)" = 3 ]
	cp "$ROOT/tests/data/alert-state-v2" state
	row 10 miss_pct 20 | at 10 >o
	[ "$(col state since fired value condition <o)" = "firing $T $T 20 miss_pct > 15" ]
	cp "$ROOT/tests/data/alert-state-v99" state
	row 15 miss_pct 20 >in; cp state before
	run -2 --separate-stderr at 15 <in
	[[ $stderr == *"newer version"* ]]; cmp state before
}
@test "killed by SIGKILL before and after each system call that writes, it goes on, and leaves at most one file, which the next run takes away" {
	[ -z "$CMON_SANITIZED" ] || skip "strace and sanitizers do not go together"
	strace -o /dev/null true 2>/dev/null || skip "no strace"
	rule miss critical 'miss_pct > 15' for=5m >r
	row 0 miss_pct 20 | at 0 >/dev/null
	row 5 miss_pct 20 | at 5 >/dev/null
	cp state s; cp state.1 s1
	row 10 miss_pct 20 >in
	killed=0 left=0
	for call in openat unlink link rename write fsync fchmod close; do
		for when in $(seq 1 60); do
			cp s state; cp s1 state.1
			rc=0
			strace -o /dev/null -e trace=$call -e inject=$call:signal=KILL:when=$when \
			    cmon-alert -r r -s state --now $((T + 600)) -o table in 2>err || rc=$?
			[ $rc -ne 0 ] || break
			[ $rc -eq 137 ] || { cat err; false; }
			killed=$((killed + 1))
			[ ! -e state.new ] || left=$((left + 1))
			# Whoever it was killed by, what stands there is whole, and its episode goes on.
			at 15 <in >o
			[ "$(col state since <o)" = "firing $T" ]
			rm -f .table.??????	# of an -o that nobody locks
			[ "$(find . -name '*state*' | sort | tr '\n' ' ')" = "./state ./state.1 ./state.lock " ] ||
			    { echo "$call $when:"; ls -A; false; }
		done
	done
	[ $killed -gt 20 ]
	[ $left -gt 3 ]
	# Nor do silences leave any behind.
	cmon-alert -s state --now $T --silence add host=a 1h
	for when in 1 2 3; do
		run strace -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when=$when \
		    cmon-alert -s state --now $T --silence add host=b 1h
	done
	cmon-alert -s state --now $T --silence add host=c 1h
	cmon-alert -s state --now $T --silence list | col matchers >o
	head -n 1 o | grep -q a; tail -n 1 o | grep -q c
	[ "$(find . -name '*silences*' | sort | tr '\n' ' ')" = "./state.silences ./state.silences.lock " ]
}
@test "two names of one state have one lock and one former state, which stand beside the file itself" {
	mkdir real; ln -s real/state link
	row 0 miss_pct 20 | cmon-alert -r r -s real/state --now $T >/dev/null
	row 5 miss_pct 20 | cmon-alert -r r -s link --now $((T + 300)) >/dev/null
	[ -L link ]; [ "$(echo real/* ./link.*)" = "real/state real/state.1 real/state.lock ./link.*" ]
	[ "$(head -n 1 real/state.1 | cut -f 3)" = written=$T ]
	row 10 miss_pct 20 >in
	exec 9>real/state.lock; flock -n 9
	run -75 cmon-alert -r r -s link --now $((T + 600)) in
	exec 9>&-
	# Damaged, it is the former one that helps out.
	printf x | dd of=real/state bs=1 seek=100 conv=notrunc 2>/dev/null
	run -0 --separate-stderr cmon-alert -r r -s link --now $((T + 600)) in
	[[ $stderr == *"went on from "*real/state.1 ]]
	[ "$(col since <<<"$output")" = "$T" ]
}
@test "a state that is a pipe, a device or a folder is refused at once, with what to do; nothing is made beside it" {
	mkfifo pipe; mkdir folder; ln -s pipe link; ln -s /dev/null null
	row 0 miss_pct 20 >in
	for s in pipe folder link null; do
		for how in '' --exit-status '--explain miss'; do
			# shellcheck disable=SC2086 # two words
			run -2 --separate-stderr timeout 20 cmon-alert -r r -s $s --now $T $how in
			[ -z "$output" ]
			[ "$stderr" = "cmon-alert: $s: a pipe, a device or a folder: name a file, which need not be there yet" ]
		done
		run -3 timeout 20 cmon-alert -r r -s $s --now $T --nagios in
	done
	run ! ls -- *.lock
	# Nor is the former one waited for.
	rm -r pipe folder link null
	row 0 miss_pct 20 | at 0 >/dev/null; : >state; mkfifo state.1
	run -2 timeout 20 cmon-alert -r r -s state --now $T in
	[[ $output == *"state.1: a pipe"* ]]
}
@test "a state of another program is refused" {
	{ echo '#cmon-other	1	written=1'; echo; } >state
	row 0 miss_pct 20 >in
	run -2 at 0 <in
}
@test "an alert's id in the state is the SHA-256 of rule, tab, labels" {
	rule h warning 'x{host=*} > 0' >r
	gauge 0 x 1 host a | at 0 >/dev/null
	grep -q "^$(printf 'h\thost="a"' | sha256sum | cut -d ' ' -f 1)	h	host=\"a\"	" state
}
@test "a state that cannot be written: 2, and no table" {
	row 0 miss_pct 20 >in
	run -2 --separate-stderr cmon-alert -r r -s /no/such/folder/state --now $T <in
	[ -z "$output" ]
}

# --- other ways to ask ---

@test "--exit-status: 1 while something fires that is not muted" {
	row 0 miss_pct 1 >in; run -0 at 0 --exit-status <in
	row 5 miss_pct 20 >in; run -1 at 5 --exit-status <in
	cmon-alert -s state --now $((T + 300)) --silence add rule=miss 1h
	run -0 at 5 --exit-status <in
}
@test "--nagios: 0 1 2 3 and performance data" {
	rule w warning 'miss_pct > 10' >r; rule c critical 'miss_pct > 15' | tail -n 1 >>r
	row 0 miss_pct 5 >in; run -0 at 0 --nagios <in
	[ "$output" = "OK | 'c'=5%;;15 'w'=5%;10;" ]
	row 5 miss_pct 12 >in; run -1 at 5 --nagios <in
	[ "$output" = "WARNING - w miss_pct 12 % > 10 % | 'c'=12%;;15 'w'=12%;10;" ]
	row 10 miss_pct 20 >in; run -2 at 10 --nagios <in
	[ "$output" = "CRITICAL - c miss_pct 20 % > 15 %, w miss_pct 20 % > 10 % | 'c'=20%;;15 'w'=20%;10;" ]
	tsv time window miss_pct >in; rm state; run -3 at 15 --nagios <in
	[ "$output" = "UNKNOWN - no rule has data to judge" ]
	rule c critical 'share_pct{tier=edge} < 75' >r
	{ tsv tier time window share_pct; tsv edge $((T + 900)) 300 80; } >in; run -0 at 20 --nagios <in
	[ "$output" = "OK | 'c'=80%;;75:" ]
}
@test "--nagios: a figure between clear and threshold is not said to be past it; no | but the one before the figures" {
	rule c critical 'a|b_bytes >' threshold=15KB clear=10KB >r
	gauge 0 'a|b_bytes' 17000 >in; run -2 at 0 --nagios <in
	[ "$output" = "CRITICAL - c a_b_bytes 17 KB > 15 KB | 'c'=17000B;;15000" ]
	gauge 5 'a|b_bytes' 12000 >in; run -2 at 5 --nagios <in
	[ "$output" = "CRITICAL - c a_b_bytes 12 KB | 'c'=12000B;;15000" ]
}
@test "--nagios: trouble of any kind is 3" {
	run -3 at 0 --nagios <<<"no header"
	run -3 cmon-alert --nagios -r none -s state </dev/null
	run -3 cmon-alert --nagios --no-such-option
	row 0 miss_pct 1 >in
	exec 9>state.lock; flock -n 9
	run -3 at 0 --nagios <in
}
@test "--nagios: missing data alarms, and the line stays below 4 KiB" {
	rule h critical 'x{host=*} > 15' nodata=alert >r
	tsv host time window x >in; run -2 at 0 --nagios <in
	[ "$output" = "CRITICAL - h.nodata: no data" ]
	rm state
	{ tsv host time window x; for i in $(seq 1000); do tsv "a'|=host$i" $T 0 20; done; } >in
	run -2 at 0 --nagios <in
	[ "${#output}" -lt 4096 ]; [[ $output == "CRITICAL - h/a___host1 x 20 > 15, "*" more | 'h/a___host1'=20;;15 "* ]]
}
@test "--explain: the row, the figure, the number, the timers, who mutes" {
	rule miss critical 'miss_pct >' threshold=15 clear=12 for=10m nodata=alert >r
	{ tsv time window requests miss_pct; tsv $((T - 300)) 300 1200 20; } | at 0 >/dev/null
	cmon-alert -s state --now $T --silence add rule=miss 1h
	cp state before
	{ tsv time window requests miss_pct; tsv $T 300 1200 20; } | at 5 --explain miss >o
	cmp state before
	cat >want <<'EOF'
miss: critical when miss_pct > 15 (clear 12); for 10m, keep 0s, max_age 15m
pending  miss
  since 2026-11-20T12:00:00Z: 5m of 10m
  miss_pct = 20, > 15: yes
    row of 2026-11-20T12:00:00Z, 5m long, ended 0s ago, 1200 requests
  muted by silence:1
inactive  miss.nodata
  miss_pct = 20, > 15: yes
    row of 2026-11-20T12:00:00Z, 5m long, ended 0s ago, 1200 requests
EOF
	diff want o
	row 30 other 1 | at 30 --explain miss | grep -qxF '  miss_pct: no such row: no row has a figure "miss_pct"'
	{ tsv time window requests miss_pct; tsv $T 300 1200 20; } | at 30 --explain miss >o
	grep -q 'not judged, the row is older than 15m' o
	grep -q 'cannot be judged: the state is frozen' o
	run -2 at 30 --explain mist </dev/null
	[[ $output == *'r: no rule has the id "mist"' ]]
}
@test "--explain tells a column that is missing from labels that match nothing, and from a total that is not there" {
	why() { cmon-alert -r r -s none --now $T --explain x in | grep ': no such row: ' | sed 's/^ *//'; }
	{ tsv tier time window miss_pct; tsv edge $((T - 300)) 300 20; } >in
	while IFS='|' read -r condition want; do
		rule x warning "$condition" >r
		[ "$(why)" = "${condition%% [<>]*}: no such row: $want" ] || { why; false; }
	done <<-'EOF'
	mis_pct > 1|no row has a figure "mis_pct"
	tier > 1|no row has a figure "tier"
	lag(mis_pct) > 1|no row has a figure "mis_pct"
	miss_pct > 1|those with the figure have labels, and this is the total (cmon-agg -T), or have not ended
	miss_pct{tier=kv} > 1|those with the figure have other labels (one that is not named must be empty), or have not ended
	miss_pct{host=a} > 1|those with the figure have other labels (one that is not named must be empty), or have not ended
	miss_pct{tier=edge,window=1h} > 1|those with the figure have other labels or windows (one that is not named must be empty), or have not ended
	EOF
	# Of two terms, the one that it is.
	rule x warning 'miss_pct{tier=edge} > 1 & rps{tier=edge} > 1' >r
	[ "$(why)" = 'rps{tier=edge}: no such row: no row has a figure "rps"' ]
	rule x warning 'miss_pct{tier=edge} > 1' >r
	[ -z "$(why)" ]
}
@test "partials are refused, with what to do" {
	cmon-parse -q -f nginx-cache "$ROOT/examples/edge.log" | cmon-agg -p -w 5m >partials
	for how in --backfill "-s state" "-s state --explain miss"; do
		# shellcheck disable=SC2086 # words
		run -2 cmon-alert -r r $how partials
		[ "$output" = "cmon-alert: partials:1: these are partials: cmon-agg --merge makes metrics of them" ]
	done
	cmon-agg --merge -w 5m -c requests,miss_pct partials | cmon-alert -r r --backfill >o
	# A figure may have such a name.
	rule x warning 'metric > 1' >r
	{ tsv time window metric bin; tsv $((T - 300)) 300 2 3; } | at 0 >o; [ "$(col state <o)" = firing ]
}
@test "--backfill: the changes there would have been, told to nobody, kept nowhere" {
	rule miss critical 'miss_pct > 15' for=5m keep=5m >r
	for v in 0=1 5=20 10=20 15=3 20=3 25=3; do row ${v%=*} miss_pct ${v#*=}; done >in
	cmon-alert -r r --backfill --now $((T + 86400)) <in >o
	[ "$(col time state muted_by <o)" = "$(printf '%s pending backfill\n%s firing backfill\n%s resolved backfill' \
	    $((T + 300)) $((T + 600)) $((T + 1200)))" ]
	# It says what runs from cron would have said.
	for m in 0 5 10 15 20 25; do head -n $((2 * (m / 5 + 1))) in | at $m | col time state; done |
		awk '$2 != was { print $1, $2; was = $2 }' | grep -v inactive >cron
	[ "$(col time state <o)" = "$(cat cron)" ]
	rm state*
	cmon-alert -r r --backfill --now $((T + 86400)) <in >o
	# Nor does cmon-mail tell of it.
	[ -z "$(cmon-mail --dry-run --now $((T + 86400)) --from a@example.test --to b@example.test o)" ]
	[ "$(echo *)" = "cron in o r" ]
	run -2 cmon-alert -r r -s state --backfill <in
}
@test "--backfill names the rules that no row was for" {
	{
		printf 'id\tseverity\tcondition\tenabled\n'
		printf 'a\tinfo\tmiss_pct > 15\nb\tinfo\tmis_pct > 15\nc\tinfo\tmiss_pct > 15 & rps > 1\n'
		printf 'd\tinfo\tmiss_pct{tier=*} > 15\ne\tinfo\tqueue > 1\tno\nf\tinfo\tlag(miss_pct) > 1h\n'
	} >r
	run -0 --separate-stderr cmon-alert -r r --backfill < <(row 5 miss_pct 20)
	[ "$stderr" = "cmon-alert: r: not tried, since no row has their column and labels: b c d" ]
	run -0 --separate-stderr cmon-alert -r r --backfill < <(row 5 miss_pct 20; gauge 5 miss_pct 20 tier edge)
	[ "$stderr" = "cmon-alert: r: not tried, since no row has their column and labels: b c" ]
}
@test "options that exclude each other, and those that are needed" {
	run -2 cmon-alert -s state </dev/null; [[ $output == *"which rules?"* ]]
	run -2 cmon-alert -r r </dev/null; [[ $output == *"where to keep"* ]]
	run -2 cmon-alert -r r -s state --check --explain miss
	run -2 cmon-alert -r r -s state -i 400d </dev/null
}

# --- bad input ---

@test "a broken row is trouble: path:line, no table, the state as it was" {
	row 0 miss_pct 20 | at 0 >/dev/null; cp state before
	for bad in $'time\tmiss_pct\n1\t2' $'time\twindow\tmiss_pct\n1795176000\t0\tmany' \
	    $'time\twindow\tmiss_pct\n1795176000\t-1\t2' $'time\twindow\tmiss_pct\n1795176000\tx\t2' \
	    $'time\twindow\tmiss_pct\n99999999999999999999\t0\t2' $'time\twindow\tmiss_pct\n-5\t0\t2'; do
		echo "$bad" >in
		run -2 --separate-stderr at 5 <in
		[ -z "$output" ]; [[ $stderr == "cmon-alert: -:"[12]": "* ]] || { echo "$stderr"; false; }
		cmp state before
	done
}
@test "the largest and the smallest numbers" {
	for v in 1e308 -1e308 5e-324 0 -0 99999999999999999999; do
		rm -f state; row 0 miss_pct $v | at 0 >o
		[ "$(wc -l <o)" -eq 2 ]
	done
	row 0 miss_pct 1e309 >in; run -2 at 0 <in
}
@test "hostile labels and texts keep their row" {
	rule h critical 'x{h=*} > 0' summary='<b>\r\nBcc: x' >r
	gauge 0 x 1 h 'a\nb\x1B[31m","c="' | at 0 >o
	[ "$(wc -l <o)" -eq 2 ]; run ! grep -q $'[\x01-\x08\x0b-\x1f]' o
	[ "$(col labels summary <o)" = 'h="a\nb\x1B[31m\x22,\x22c=\x22" <b>\r\nBcc: x' ]
	gauge 5 x 1 h 'a\nb\x1B[31m","c="' | at 5 >o; [ "$(wc -l <o)" -eq 2 ]
}
@test "labels of more than 64 KiB are trouble" {
	rule h critical 'x{h=*} > 0' >r
	gauge 0 x 1 h "$(head -c 70000 /dev/zero | tr '\0' a)" >in
	run -2 at 0 <in; [[ $output == *"labels of more than 64 KiB" ]]
}
@test "100,000 alerts at once: all there, in order, in bounded memory, twice the same" {
	rule hot warning 'x{key=*} > 10' inhibited_by=burning >r
	rule burning critical 'x{key=*} > 15' | tail -n 1 >>r
	awk -v T=$T 'BEGIN { print "key\ttime\twindow\tx"
		for (i = 0; i < 50000; i++) printf "/a/%d.html\t%d\t300\t20\n", i, T - 300 }' >in
	# The sanitizers need more, and no limit on addresses.
	[ -n "$CMON_SANITIZED" ] || ulimit -v 400000
	at 0 <in >o1; at 0 <in >o2; cmp o1 o2
	[ "$(wc -l <o1)" -eq 100001 ]
	[ "$(col state muted_by <o1 | sort | uniq -c | tr -s ' ' | paste -sd,)" = " 50000 firing , 50000 firing rule:burning" ]
	col rule labels <o1 | LC_ALL=C sort -c
}
