load helper

setup() { cd "$BATS_TEST_TMPDIR" || exit 1; }

metrics() {
	tsv tier time window requests hit_pct
	tsv '' 1795176000 300 125000 94.7
	tsv edge 1795176000 300 97750 ''
}

@test "cmon-table: columns are aligned, numbers to the right, gaps and totals said" {
	metrics | cmon-table >got
	diff - got <<-'EOF'
	tier   time                  window  requests  hit_pct
	(all)  2026-11-20T12:00:00Z     300    125000     94.7
	edge   2026-11-20T12:00:00Z     300     97750        -
	EOF
}

@test "cmon-table: -c chooses, --epoch leaves times" {
	metrics | cmon-table --epoch -c requests,time >got
	diff - got <<-'EOF'
	requests        time
	  125000  1795176000
	   97750  1795176000
	EOF
}

@test "cmon-table: --tz shows the clock of a place, summer and winter, and UTC without" {
	{ tsv time window n; tsv 1792792800 86400 1; tsv 1792965600 86400 2; tsv 1792879200.5 1 3; } >in
	cmon-table --tz Europe/Berlin in | awk 'NR > 1 { print $1 }' >got
	diff - got <<-'EOF'
	2026-10-24T00:00:00+02:00
	2026-10-25T23:00:00+01:00
	2026-10-25T00:00:00.5+02:00
	EOF
	cmon-table --tz America/St_Johns in | awk 'NR == 2 { print $1 }' >got
	[ "$(cat got)" = 2026-10-23T19:30:00-02:30 ]
	[ "$(cmon-table --tz UTC in)" = "$(cmon-table in)" ]
	{ tsv time; tsv 9223372036854; tsv -9223372036854; } | cmon-table --tz Asia/Tokyo
	run -2 cmon-table --tz Mars/Base in
	[[ $output == *'--tz: no such zone: "Mars/Base"'* ]]
}

@test "cmon-table: all columns that are times by name are shown so, small numbers, texts and labels are not" {
	names=(since fired resolved start end judged next_try as_of last_run last_success)
	# Each is told of in the manual.
	for n in "${names[@]}"; do grep -qE "^\.Ql (.*[ ,])?$n( |$)" "$ROOT/man/cmon-tsv.5" || { echo "$n"; false; }; done
	{ tsv time "${names[@]}"; tsv 1795176000 1795176001 1795176002.5 1795176003 1795176004 1795176005 1795176006 1795176007 \
	    1795176008 1795176009 1795176010; } >in
	cmon-table in | awk 'NR == 2 { for (i = 1; i <= NF; i++) print $i }' >got
	diff - got <<-'EOF'
	2026-11-20T12:00:00Z
	2026-11-20T12:00:01Z
	2026-11-20T12:00:02.5Z
	2026-11-20T12:00:03Z
	2026-11-20T12:00:04Z
	2026-11-20T12:00:05Z
	2026-11-20T12:00:06Z
	2026-11-20T12:00:07Z
	2026-11-20T12:00:08Z
	2026-11-20T12:00:09Z
	2026-11-20T12:00:10Z
	EOF
	[ "$(cmon-table --epoch in | awk 'NR == 2 { print $11 }')" = 1795176010 ]
	[ "$(cmon-table --tz Europe/Berlin in | awk 'NR == 2 { print $11 }')" = 2026-11-20T13:00:10+01:00 ]
	# Counts, no value, a word, milliseconds; a label; an amount that only begins so.
	{ tsv start time window fired resolved since end judged as_of since_s
	  tsv 1795176000 1795176000 300 99999999 '' never 1795176000000 -1795176000 100000000 1795176000; } | cmon-table >got
	diff - got <<-'EOF'
	     start  time                  window     fired  resolved  since            end       judged  as_of                    since_s
	1795176000  2026-11-20T12:00:00Z     300  99999999         -  never  1795176000000  -1795176000  1973-03-03T09:46:40Z  1795176000
	EOF
}

@test "cmon-table: an alert table, silences and a ledger are readable" {
	printf 'id\tseverity\tcondition\nmiss\tcritical\tmiss_pct > 15\n' >r
	{ tsv time window miss_pct; tsv 1795175700 300 20; } | cmon-alert -r r -s state --now 1795176000 |
		cmon-table -c time,since,fired,resolved,condition | awk 'NR == 2 { print $1, $2, $3, $4, $5 }' >got
	[ "$(cat got)" = '2026-11-20T12:00:00Z 2026-11-20T12:00:00Z 2026-11-20T12:00:00Z - miss_pct' ]
	cmon-alert -s state --now 1795176000 --silence add rule=miss 1h
	cmon-alert -s state --now 1795176000 --silence list | cmon-table -c start,end | tail -n 1 >got
	[ "$(cat got)" = '2026-11-20T12:00:00Z  2026-11-20T13:00:00Z' ]
}

@test "cmon-table: events have no totals: an empty field is a dash" {
	{ tsv time cache client; tsv 1 '' 192.0.2.1; tsv 2 hit ''; } | cmon-table --epoch >got
	diff - got <<-'EOF'
	time  cache  client
	   1  -      192.0.2.1
	   2  hit    -
	EOF
}

@test "cmon-table: each header starts a table of its own" {
	{ tsv time a; tsv 1 x; tsv b time; tsv y 2; } | cmon-table --epoch >got
	diff - got <<-'EOF'
	time  a
	   1  x

	b  time
	y     2
	EOF
}

@test "cmon-table: -n shows the first rows and says how many there were" {
	{ tsv time; seq 1 100; } | cmon-table --epoch -n 2 >got
	diff - got <<-'EOF'
	time
	   1
	   2
	... of 100 rows
	EOF
}

@test "cmon-table: UTF-8 takes a column a character" {
	{ tsv time a b; tsv 1 'grün' x; tsv 2 abcd y; } | cmon-table --epoch >got
	diff - got <<-'EOF'
	time  a     b
	   1  grün  x
	   2  abcd  y
	EOF
}

@test "cmon-table: an unknown column is trouble and says where" {
	run -2 --separate-stderr cmon-table -c nope <<<"$(tsv time status)"
	[ "$output" = "" ]
	[ "$stderr" = 'cmon-table: -:1: no column "nope"' ]
}

@test "cmon-table: a header alone is a table of no rows" {
	run -0 cmon-table <<<"$(tsv time a)"
	[ "$output" = "time  a" ]
}

@test "cmon-table: the widest row there may be is shown" {
	{ tsv time a; printf '1\t%s\n' "$(head -c 1048000 /dev/zero | tr '\0' x)"; } | cmon-table >got
	[ "$(wc -c <got)" -gt 1048000 ]
}
